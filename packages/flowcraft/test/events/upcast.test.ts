import { expect, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { upcast } from '../../src/events/upcast.ts'

function eventWith(schemaVersion: unknown): FlowcraftEvent {
  const payload = { executionId: 'x', blueprintId: 'b', reason: 'r' }
  const event = { id: 'x:3', seq: 3, executionId: 'x', timestamp: 0, type: 'workflow:cancel', payload }
  return { ...event, ...(schemaVersion !== undefined && { schemaVersion }) } as FlowcraftEvent
}

it.each([[undefined], [1]])('gives back an event of version %s as it is', (version) => {
  const event = eventWith(version)
  expect(upcast(event)).toBe(event)
})

it.each([
  [2, 'has schemaVersion 2, this package reads up to 1'],
  [0, 'has schemaVersion 0'],
  ['1', 'has schemaVersion "1"'],
  [1.5, 'has schemaVersion 1.5'],
  [null, 'has schemaVersion null'],
])('refuses version %j, naming the event', (version, fault) => {
  const act = () => upcast(eventWith(version))
  expect(act).toThrow(`Event 'x:3' ${fault}`)
  expect(act).toThrow(expect.objectContaining({ code: 'HISTORY_CORRUPT', executionId: 'x' }))
})
