import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConcurrencyError, EventStoreError } from '../../src/errors.ts'
import type { AppendOutcome, EventBatch } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { batch, change } from './events.ts'
import { HeldStore, threeMethodStore } from './held-store.ts'

const unhandled: unknown[] = []
const note = (error: unknown): number => unhandled.push(error)

beforeAll(() => void process.on('unhandledRejection', note))
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  if (unhandled.length > 0) throw new AggregateError(unhandled, 'unhandled rejections')
})

describe('group commit', () => {
  it('puts what arrives in one turn of the event loop into one append', async () => {
    const { store, bus } = held()
    const commits = ['a', 'b', 'c'].map((id) => bus.commit(batch(id, 0, 1)))
    await store.letGo()
    await Promise.all(commits)
    expect(store.appends.map(idsOf)).toEqual([['a', 'b', 'c']])
  })

  it('puts what arrives during a commit into the next one, consecutive batches of a run as one', async () => {
    const { store, bus } = held()
    const first = bus.commit(batch('a', 0, 1), { alone: true })
    await Promise.resolve()
    const later = [bus.commit(batch('a', 1, 2)), bus.commit(batch('b', 0, 1)), bus.commit(batch('a', 3, 1))]
    await store.letGo()
    await first
    await store.letGo()
    await Promise.all(later)
    expect(store.appends.map(idsOf)).toEqual([['a'], ['a', 'b']])
    expect(store.appends[1]![0]).toEqual(batch('a', 1, 3))
  })

  it('keeps batches of different writers apart', async () => {
    const store = new InMemoryEventStore()
    const bus = new PersistentEventBusAdapter(store)
    const mine = bus.commit(batch('a', 0, 1, 'me'))
    const theirs = bus.commit(batch('a', 1, 1, 'them'))
    await mine
    await expect(theirs).rejects.toBeInstanceOf(ConcurrencyError)
  })

  it('takes at most maxBatchSize events, and divides no batch', async () => {
    const { store, bus } = held({ maxBatchSize: 4 })
    const commits = [3, 2, 9, 1].map((count, index) => bus.commit(batch(`run ${index}`, 0, count)))
    for (let i = 0; i < 4; i++) await store.letGo()
    await Promise.all(commits)
    expect(store.appends.map((group) => group.flatMap(({ events }) => events).length)).toEqual([3, 2, 9, 1])
  })

  it('needs a handful of appends for a thousand runs of three batches each', async () => {
    const store = new InMemoryEventStore()
    let appends = 0
    const counting = {
      store: store.store.bind(store),
      retrieve: store.retrieve.bind(store),
      retrieveMultiple: store.retrieveMultiple.bind(store),
      append: (batches: readonly EventBatch[]) => (appends++, store.append(batches)),
    }
    const bus = new PersistentEventBusAdapter(counting)
    const oneRun = async (id: string): Promise<void> => {
      for (const from of [0, 1, 2]) await bus.commit(batch(id, from, 1))
    }
    await Promise.all(Array.from({ length: 1000 }, (_, index) => oneRun(`run ${index}`)))
    expect(appends).toBe(3)
    expect(await store.getStats()).toEqual({ totalEvents: 3000, executions: 1000 })
  })

  it('writes before this turn of the event loop ends when a run is alone', async () => {
    const store = new InMemoryEventStore()
    const bus = new PersistentEventBusAdapter(store, { ports: { macrotask: () => undefined } })
    await bus.commit(batch('a', 0, 1), { alone: true })
    expect(await store.retrieve('a')).toHaveLength(1)
  })
})

describe('a failed commit', () => {
  it('says which events of which execution were not stored, and why', async () => {
    const { store, bus } = held()
    const disk = new Error('disk I/O error')
    const commit = bus.commit(batch('a', 0, 3))
    void store.letGo(disk)
    const error: EventStoreError = await commit.then(fail, (reason) => reason)
    expect(error).toBeInstanceOf(EventStoreError)
    expect(error.message).toBe("Events 0 to 2 of execution 'a' could not be stored: disk I/O error")
    expect(error).toMatchObject({ executionId: 'a', cause: disk, code: 'EVENT_STORE_FAILED' })
  })

  it('fails the batches that wait behind it and later ones, unwritten, until it is released', async () => {
    const { store, bus } = held()
    const first = bus.commit(batch('a', 0, 1), { alone: true })
    await Promise.resolve()
    const behind = bus.commit(batch('a', 1, 1))
    const other = bus.commit(batch('b', 0, 1))
    await store.letGo(new Error('no'))
    const error: unknown = await first.then(fail, (reason) => reason)
    await store.letGo()
    await other
    await expect(behind).rejects.toBe(error)
    await expect(bus.commit(batch('a', 0, 1))).rejects.toBe(error)
    expect(store.appends.map(idsOf)).toEqual([['a'], ['b']])
    bus.release('a', 'w')
    const again = bus.commit(batch('a', 0, 1))
    await store.letGo()
    await again
    expect(await store.retrieve('a')).toHaveLength(1)
  })

  it('of one execution does not fail its neighbours when the store rejects the whole append', async () => {
    const store = new InMemoryEventStore()
    const append = async (batches: readonly EventBatch[]): Promise<AppendOutcome[]> => {
      if (batches.some(({ executionId }) => executionId === 'bad')) throw new Error('22P05: bad text')
      return store.append(batches)
    }
    const bus = new PersistentEventBusAdapter({ ...threeMethodStore(), append })
    const ids = ['a', 'bad', 'b']
    const results = await Promise.allSettled(ids.map((id) => bus.commit(batch(id, 0, 2))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await store.getStats()).toEqual({ totalEvents: 4, executions: 2 })
  })

  it('does no harm when nobody looks at it, whatever the store throws', async () => {
    const store = { ...threeMethodStore(), append: () => Promise.reject(undefined) }
    const bus = new PersistentEventBusAdapter(store)
    void bus.commit(batch('a', 0, 1))
    void bus.emit(change('b', 0))
    void bus.emitBatch([change('c', 0), change('d', 0)])
    await expect(bus.flush()).rejects.toBeInstanceOf(EventStoreError)
    void bus.emit(change('b', 1))
    void bus.flush()
    await expect(bus.commit(batch('a', 1, 1))).rejects.toBeInstanceOf(EventStoreError)
  })

  it('is an error as well when the store answers for fewer batches than it was given', async () => {
    const bus = new PersistentEventBusAdapter({ ...threeMethodStore(), append: async () => [] })
    await expect(bus.commit(batch('a', 0, 1))).rejects.toThrow('append answered 0 outcomes for 1 batches')
  })
})

describe('a transient fault', () => {
  const busy = (): Error => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })

  it('is retried, ever more slowly, until the store takes the events', async () => {
    const store = new InMemoryEventStore()
    let faults = 3
    const append = async (batches: readonly EventBatch[]): Promise<AppendOutcome[]> => {
      if (faults-- > 0) throw new EventStoreError('busy', { cause: busy() })
      return store.append(batches)
    }
    const clock = fastClock()
    const bus = new PersistentEventBusAdapter({ ...threeMethodStore(), append }, { ports: clock })
    await bus.commit(batch('a', 0, 1))
    expect(clock.slept).toEqual([5, 10, 20])
    expect(await store.retrieve('a')).toHaveLength(1)
  })

  it('is retried when it is one outcome among others', async () => {
    const store = new InMemoryEventStore()
    let first = true
    const append = async (batches: readonly EventBatch[]): Promise<AppendOutcome[]> => {
      const outcomes = await store.append(first ? batches.slice(0, 1) : batches)
      if (first) outcomes.push({ executionId: 'b', error: new EventStoreError('busy', { cause: busy() }) })
      first = false
      return outcomes
    }
    const bus = new PersistentEventBusAdapter({ ...threeMethodStore(), append }, { ports: fastClock() })
    await Promise.all([bus.commit(batch('a', 0, 1)), bus.commit(batch('b', 0, 1))])
    expect(await store.getStats()).toEqual({ totalEvents: 2, executions: 2 })
  })

  it('is an EventStoreError once the deadline has passed', async () => {
    const clock = fastClock()
    const store = { ...threeMethodStore(), append: () => Promise.reject(busy()) }
    const bus = new PersistentEventBusAdapter(store, { ports: clock, retry: { deadlineMs: 60 } })
    await expect(bus.commit(batch('a', 0, 1))).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED', cause: busy() })
    expect(clock.slept).toEqual([5, 10, 20])
  })
})

describe('a store with three methods only', () => {
  it('gets the events one by one, in order for each execution', async () => {
    const store = threeMethodStore()
    const bus = new PersistentEventBusAdapter(store)
    await Promise.all([bus.commit(batch('a', 0, 3)), bus.commit(batch('b', 0, 2)), bus.commit(batch('a', 3, 2))])
    expect((await store.retrieve('a')).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4])
    expect((await store.retrieve('b')).map(({ seq }) => seq)).toEqual([0, 1])
  })

  it('fails only the execution whose event it does not take, from there on', async () => {
    const store = threeMethodStore(({ executionId, seq }) =>
      executionId === 'a' && seq === 1 ? new Error('no') : undefined,
    )
    const bus = new PersistentEventBusAdapter(store)
    const commits = [
      bus.commit(batch('a', 0, 3)),
      bus.commit(batch('b', 0, 3, 'another')),
      bus.commit(batch('a', 3, 1)),
    ]
    const results = await Promise.allSettled(commits)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
    expect(await store.retrieve('a')).toEqual([change('a', 0)])
  })

  it('stores nothing of a family behind an event that it does not take: a subflow never goes on before its parent', async () => {
    const store = threeMethodStore(({ executionId }) => (executionId === 'a' ? new Error('no') : undefined))
    const bus = new PersistentEventBusAdapter(store)
    const results = await Promise.allSettled([bus.commit(batch('a', 0, 1)), bus.commit(batch('a:sub#0', 0, 1))])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await store.retrieve('a:sub#0')).toEqual([])
  })
})

describe('as a plain bus', () => {
  it('stores what is emitted, and flush waits for it', async () => {
    const store = new InMemoryEventStore()
    const bus = new PersistentEventBusAdapter(store)
    void bus.emit(change('a', 0))
    void bus.emitBatch([change('a', 1), change('b', 0), change('b', 1), change('a', 2)])
    expect(bus.buffered).toBe(5)
    await bus.flush()
    expect(bus.buffered).toBe(0)
    expect(await store.retrieve('a')).toHaveLength(3)
    expect(await store.retrieve('b')).toHaveLength(2)
  })

  it('tells of an event that was lost at the next flush, once', async () => {
    const bus = new PersistentEventBusAdapter(new InMemoryEventStore())
    await expect(bus.emit(change('a', 7))).rejects.toBeInstanceOf(EventStoreError)
    await expect(bus.flush()).rejects.toThrow('gap')
    await bus.flush()
  })

  it('tells listeners in order, after the commit, and never of what was not stored', async () => {
    const { store, bus } = held()
    const seen: string[] = []
    bus.on('*', (event) => void seen.push(event.id))
    const commits = [bus.commit(batch('a', 0, 1)), bus.commit(batch('b', 5, 1)), bus.commit(batch('a', 1, 1))]
    const letGo = store.letGo()
    expect(seen).toEqual([])
    await letGo
    await Promise.allSettled(commits)
    expect(seen).toEqual(['a:0', 'a:1'])
  })

  it('waits with drained until fewer than maxBufferedEvents are left', async () => {
    const { store, bus } = held({ maxBufferedEvents: 3, maxBatchSize: 2 })
    await bus.drained()
    const commits = [bus.commit(batch('a', 0, 2)), bus.commit(batch('b', 0, 2))]
    let isDrained = false
    const drained = bus.drained().then(() => (isDrained = true))
    await Promise.resolve()
    expect(isDrained).toBe(false)
    await store.letGo()
    await drained
    expect(bus.buffered).toBe(2)
    await store.letGo()
    await Promise.all(commits)
  })
})

function held(options: { maxBatchSize?: number; maxBufferedEvents?: number } = {}): {
  store: HeldStore
  bus: PersistentEventBusAdapter
} {
  const store = new HeldStore()
  return { store, bus: new PersistentEventBusAdapter(store, options) }
}

function fastClock(): { slept: number[]; now(): number; sleep(ms: number): Promise<void>; random(): number } {
  const slept: number[] = []
  const now = (): number => slept.reduce((sum, ms) => sum + ms, 0)
  return { slept, now, sleep: async (ms) => void slept.push(ms), random: () => 1 }
}

function idsOf(batches: readonly EventBatch[]): string[] {
  return batches.map(({ executionId }) => executionId)
}

function fail(): never {
  throw new Error('expected a rejection')
}
