import { expect, it } from 'vitest'
import { openRecording, recordingFrom } from 'flowcraft'
import { graph, recordingRuntime } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const blueprint = graph(['a -> b', 'b -> c'])
const give = () => ({ output: 1 })
const registry = { a: give, b: give, c: give }

it('a cursor goes event by event, and stays where it is at the ends', async () => {
  const recording = await record(blueprint, registry)
  const cursor = recording.cursor()
  expect(cursor.snapshot.seq).toBe(0)
  expect(cursor.prev()).toBeUndefined()
  expect(cursor.next()?.seq).toBe(1)
  expect(cursor.snapshot).toEqual(recording.at(1))
  expect(cursor.seek('end').seq).toBe(recording.length - 1)
  expect(cursor.next()).toBeUndefined()
  expect(cursor.prev()?.seq).toBe(recording.length - 2)
  expect(recording.cursor({ before: 'c' }).snapshot.seq).toBe(recording.at({ before: 'c' }).seq)
})

it('it goes from one start of a node to the next, and back', async () => {
  const cursor = (await record(blueprint, registry)).cursor()
  const startedBy = (): unknown =>
    cursor.snapshot.event?.type === 'node:start' ? cursor.snapshot.event.payload.nodeId : ''
  const ids: unknown[] = []
  while (cursor.nextNode() !== undefined) ids.push(startedBy())
  expect(ids).toEqual(['a', 'b', 'c'])
  cursor.next()
  expect(cursor.prevNode()).toBe(cursor.snapshot)
  expect(startedBy()).toBe('c')
  cursor.prevNode()
  expect(startedBy()).toBe('b')
  cursor.seek('start')
  expect(cursor.prevNode()).toBeUndefined()
})

it('it runs to the next place that fits, or stays', async () => {
  const cursor = (await record(blueprint, registry)).cursor()
  expect(cursor.runTo(() => true)?.seq).toBe(1)
  const finished = cursor.runTo((snapshot) => snapshot.node('b')?.status === 'completed')
  expect(finished?.event).toMatchObject({ type: 'node:finish', payload: { nodeId: 'b' } })
  expect(cursor.runTo(() => false)).toBeUndefined()
  expect(cursor.snapshot).toBe(finished)
  expect(() => cursor.seek({ after: 'nobody' })).toThrow(/no position/)
  expect(cursor.snapshot).toBe(finished)
})

it('it goes on into what its recording took in later', async () => {
  const waiting = graph(['w -> b'], { w: { uses: 'wait' } })
  const { runtime, store } = recordingRuntime()
  const { executionId } = await runtime.run(waiting, {}, { functionRegistry: registry })
  const recording = await openRecording(store, executionId)
  const cursor = recording.cursor('end')
  expect(cursor.next()).toBeUndefined()
  await runtime.resume(executionId, {}, { functionRegistry: registry })
  expect(cursor.next()).toBeUndefined()
  await recording.refresh()
  expect(cursor.next()?.event?.type).toBe('workflow:resume')
})

it('a history without events has one place, its end', () => {
  const recording = recordingFrom([], { executionId: 'e' })
  expect(recording).toMatchObject({ length: 0, status: 'running', startedAt: undefined, durationMs: undefined })
  expect(recording.at('end')).toMatchObject({
    seq: -1,
    event: undefined,
    timestamp: undefined,
    context: {},
    errors: [],
  })
  expect(recording.cursor().next()).toBeUndefined()
  expect(() => recording.at('start')).toThrow(/no position/)
  expect(() => recording.at(0)).toThrow(/no position/)
  expect(recording.changes('end', 'end')).toEqual([])
})
