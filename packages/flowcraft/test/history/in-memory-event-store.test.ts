import { describe, expect, it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import type { EventBatch } from '../../src/history/event-store.ts'
import { batch, batchOf, event, run } from './events.ts'

// Its promises as a store are checked in packages/testing, by the contract of all stores.
describe('InMemoryEventStore', () => {
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

  it('drops families as a whole, by their root, and none with something unfinished', async () => {
    const store = new InMemoryEventStore({ maxExecutions: 3 })
    const left = async (): Promise<string[]> => {
      const ids = ['open', 'open child', 'first', 'first child', 'second']
      return [...(await store.retrieveMultiple(ids))].filter(([, events]) => events.length > 0).map(([id]) => id)
    }
    const finishOf = (id: string): EventBatch => batchOf(id, 1, ['workflow:finish'])
    await store.append([batch('open', 0, 1), child('open child', 'open'), finishOf('open child')])
    await store.append([batch('first', 0, 1), child('first child', 'first'), finishOf('first')])
    expect(await left()).toEqual(['open', 'open child', 'first', 'first child'])
    await store.append([finishOf('first child')])
    expect(await left()).toEqual(['open', 'open child'])
    await store.append([batch('second', 0, 1)])
    expect(await left()).toEqual(['open', 'open child', 'second'])
  })

  it('measures leases by the clock that it is given', async () => {
    let now = 5000
    const store = new InMemoryEventStore({ clock: { now: () => now } })
    await store.append([{ ...batch('a', 0, 1), owner: 'me' }])
    const isOwned = async (): Promise<boolean | undefined> => (await store.list()).items[0]?.isOwned
    await store.renew('me', 100)
    expect(await isOwned()).toBe(true)
    now += 99
    expect(await isOwned()).toBe(true)
    now += 1
    expect(await isOwned()).toBe(false)
  })

  it('takes no cursor of another store for its own, where it can tell', async () => {
    const [long, short] = [new InMemoryEventStore(), new InMemoryEventStore()]
    await long.append([batch('a', 0, 9)])
    await short.append([batch('a', 0, 2)])
    let cursor = ''
    for await (const followed of long.subscribe({ types: ['context:change'] })) {
      cursor = followed.cursor
      if (followed.event.seq === 8) break
    }
    await expect(short.subscribe({}, { cursor }).next()).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED' })
  })

  it('gives what is there to those who follow it, when it has forgotten thousands', async () => {
    const store = new InMemoryEventStore({ maxExecutions: 10 })
    const follower = store.subscribe({ types: ['workflow:finish'] })
    const ends: string[] = []
    for (let index = 0; index < 5000; index++) {
      await store.append([{ ...batch(`run ${index}`, 0, 0), events: run(`run ${index}`) }])
      if (index % 1000 === 7) ends.push((await follower.next()).value?.event.executionId ?? 'nothing')
    }
    // It holds ten at a time, so the next is the oldest of those that are still there.
    expect(ends).toEqual(['run 0', 'run 998', 'run 1998', 'run 2998', 'run 3998'])
    expect(await store.getStats()).toEqual({ totalEvents: 30, executions: 10 })
    await follower.return?.()
  })
})

function child(executionId: string, parent: string): EventBatch {
  const { payload } = run(executionId)[0]!
  const link = { parent: { executionId: parent, nodeId: 'a', iteration: 0 } }
  const events = [event(executionId, 0, 'workflow:start', { ...payload, ...link })]
  return { executionId, writer: 'w', events, expectedSeq: 0 }
}
