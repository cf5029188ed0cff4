import { describe, expect, it } from 'vitest'
import type { EventOf, FlowcraftEvent } from '../../src/events/event.ts'
import type { Fork } from '../../src/history/fork.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import type { MemoryExecution } from '../../src/history/in-memory-execution.ts'
import { MemoryExecutions } from '../../src/history/in-memory-executions.ts'
import { batch, change, event, run } from './events.ts'

// Its promises as a store are checked in packages/testing, by the contract of all stores.
describe('forks in an InMemoryEventStore', () => {
  it('have the very values of their source, and the very events that they are given', async () => {
    const store = new InMemoryEventStore()
    const value = Object.freeze({ deep: Object.freeze([1]) })
    await store.append([{ ...batch('a', 0, 0), events: [change('a', 0, value)] }])
    const first = forkOf('f', 'a', 0)
    const second = forkOf('g', 'f', 1)
    await store.fork(first)
    await store.fork(second)
    const [changed, forked] = (await store.retrieve('g')) as [EventOf<'context:change'>, FlowcraftEvent]
    expect(changed.payload.value).toBe(value)
    expect(forked.payload).toMatchObject({ executionId: 'g', from: 'a', seq: 0 })
    expect((await store.retrieve('g'))[2]).toBe(second.event)
  })

  it('copy nothing of a source, however long it is', () => {
    const executions = new MemoryExecutions()
    const source = executions.add('a', batch('a', 0, 100_000).events, { writer: 'w' })!
    const fork = executions.fork(forkOf('f', 'a', 99_999))!
    const second = executions.fork(forkOf('g', 'f', 50_000))!
    expect([fork.events.length, second.events.length]).toEqual([1, 1])
    expect([fork.shared, second.shared]).toEqual([
      { source, seq: 99_999 },
      { source, seq: 50_000 },
    ])
  })

  it('let go of what nobody needs any more, at once', () => {
    const executions = new MemoryExecutions()
    const source = executions.add('a', batch('a', 0, 100).events, { writer: 'w' })!
    const [early, late, again] = [10, 60, 60].map((seq, index) => executions.fork(forkOf(`f${index}`, 'a', seq))!)
    executions.remove([source])
    expect(source.events.length).toBe(61)
    executions.remove([late!])
    expect([source.events.length, late!.events.length]).toEqual([61, 0])
    executions.remove([again!])
    expect(source.events.length).toBe(11)
    const second = executions.fork(forkOf('g', 'f0', 11))!
    executions.add('f0', batch('f0', 12, 9).events, { writer: 'f' })
    executions.remove([early!])
    expect([source.events.length, early!.events.length]).toEqual([11, 1])
    executions.remove([second])
    expect([source, early!, second].map(({ events }) => events.length)).toEqual([0, 0, 0])
    expect([executions.size, executions.log.size]).toEqual([0, 0])
  })

  it.each(['first to last', 'last to first'])('stand in chains of thousands, which go from the %s', async (order) => {
    const executions = new MemoryExecutions()
    const chain: MemoryExecution[] = [executions.add('run 0', batch('run 0', 0, 1).events, { writer: 'w' })!]
    for (let depth = 1; depth <= 20_000; depth++) {
      chain.push(executions.fork(forkOf(`run ${depth}`, `run ${depth - 1}`, depth - 1))!)
    }
    expect(executions.headOf('run 20000').lastSeq).toBe(20_000)
    executions.remove(order === 'first to last' ? chain : chain.toReversed())
    expect(chain.filter(({ events }) => events.length > 0)).toEqual([])
  })

  it('stay whole when maxExecutions drops their source', async () => {
    const store = new InMemoryEventStore({ maxExecutions: 2 })
    const append = (id: string): Promise<unknown> =>
      store.append([{ executionId: id, writer: 'w', events: run(id, 4), expectedSeq: 0 }])
    await append('a')
    await store.fork(forkOf('f', 'a', 2))
    await append('b')
    const left = await store.retrieveMultiple(['a', 'f', 'b'])
    expect([...left].map(([id, events]) => [id, events.length])).toEqual([
      ['a', 0],
      ['f', 4],
      ['b', 6],
    ])
    expect(await store.getStats()).toEqual({ totalEvents: 7, executions: 2 })
    await store.append([{ ...batch('f', 4, 1, 'f'), events: [end('f', 4)] }])
    await append('a')
    await append('c')
    expect((await store.list()).items.map(({ executionId }) => executionId).toSorted()).toEqual(['a', 'c'])
  })

  it('and their sources are read to the end by whoever has begun, though others delete them', async () => {
    const store = new InMemoryEventStore()
    await store.append([batch('a', 0, 10)])
    await store.fork(forkOf('f', 'a', 3))
    const readers = ['a', 'f'].map((id) => store.read(id))
    for (const reader of readers) expect((await reader.next()).value?.seq).toBe(0)
    for (const id of ['a', 'f']) expect(await store.delete(id)).toBe(1)
    const rest = await Promise.all(readers.map(restOf))
    expect(rest.map((events) => events.length)).toEqual([9, 4])
    expect(rest[1]!.every(({ executionId }) => executionId === 'f')).toBe(true)
  })
})

function forkOf(executionId: string, from: string, seq: number): Fork {
  // Its type is the one that it is given.
  const first = event(executionId, seq + 1, 'workflow:fork', { from, seq }) as EventOf<'workflow:fork'>
  return { executionId, from, seq, writer: 'f', event: first }
}

async function restOf(reader: AsyncIterable<FlowcraftEvent>): Promise<FlowcraftEvent[]> {
  const events: FlowcraftEvent[] = []
  for await (const each of reader) events.push(each)
  return events
}

function end(executionId: string, seq: number): FlowcraftEvent {
  return event(executionId, seq, 'workflow:finish', { status: 'completed', durationMs: 1 })
}
