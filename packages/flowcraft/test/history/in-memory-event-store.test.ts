import { describe, expect, it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { eventStoreCases } from './event-store-cases.ts'
import { batch, run } from './events.ts'

describe('InMemoryEventStore', () => {
  for (const { promise, check } of eventStoreCases) it(promise, () => check(() => new InMemoryEventStore()))

  it('keeps the very objects that it is given', async () => {
    const store = new InMemoryEventStore()
    const given = batch('a', 0, 2)
    await store.append([given])
    const stored = await store.retrieve('a')
    expect(stored[1]).toBe(given.events[1])
  })

  it('drops the executions that finished first above maxExecutions, and never an unfinished one', async () => {
    const store = new InMemoryEventStore({ maxExecutions: 2 })
    const append = (id: string): Promise<unknown> =>
      store.append([{ executionId: id, writer: 'w', events: run(id), expectedSeq: 0 }])
    await store.append([batch('open', 0, 1)])
    for (const id of ['first', 'second']) await append(id)
    const held = await store.retrieveMultiple(['open', 'first', 'second'])
    expect([...held].map(([id, events]) => [id, events.length])).toEqual([
      ['open', 1],
      ['first', 0],
      ['second', 3],
    ])
    await store.append([batch('open 2', 0, 1), batch('open 3', 0, 1)])
    expect(await store.getStats()).toEqual({ totalEvents: 3, executions: 3 })
  })
})
