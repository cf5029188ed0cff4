import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { AppendOutcome, EventBatch } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { batch } from './events.ts'

const faults = ['none', 'fail before', 'lose the answer', 'deliver twice', 'reject for good'] as const
type Fault = (typeof faults)[number]

/** Fails as networks and disks do, by plan. */
class UnreliableStore extends InMemoryEventStore {
  readonly #plan: Fault[]

  constructor(plan: readonly Fault[]) {
    super()
    this.#plan = [...plan]
  }

  override async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    const fault = this.#plan.shift() ?? 'none'
    if (fault === 'reject for good') throw new Error('disk full')
    if (fault === 'fail before') throw lost()
    const outcomes = await super.append(batches)
    if (fault === 'lose the answer') throw lost()
    return fault === 'deliver twice' ? super.append(batches) : outcomes
  }
}

const lost = (): Error => Object.assign(new Error('connection lost'), { code: 'CONNECTION_CLOSED' })
const sizes = fc.array(fc.record({ run: fc.nat(3), size: fc.integer({ min: 1, max: 4 }), pause: fc.boolean() }))
const plan = fc.array(fc.constantFrom(...faults), { maxLength: 12 })

it('whatever the store does: a history has no gap and no double, and holds all that was reported as durable', async () => {
  const law = fc.asyncProperty(sizes, plan, fc.integer({ min: 1, max: 9 }), async (pushes, faultPlan, maxBatchSize) => {
    const store = new UnreliableStore(faultPlan)
    const ports = { sleep: async () => undefined }
    const bus = new PersistentEventBusAdapter(store, { ports, maxBatchSize })
    const given = new Map<string, FlowcraftEvent[]>()
    const durable = new Map<string, number>()
    const commits: Promise<unknown>[] = []
    for (const { run, size, pause } of pushes) {
      const id = `run ${run}`
      const history = given.get(id) ?? []
      const next = batch(id, history.length, size)
      given.set(id, [...history, ...next.events])
      const isDurable = (): unknown => durable.set(id, next.expectedSeq + size)
      commits.push(bus.commit(next).then(isDurable, () => undefined))
      if (pause) await Promise.race(commits)
    }
    await Promise.all(commits)
    for (const [id, events] of given) {
      const stored = await store.retrieve(id)
      expect(stored).toEqual(events.slice(0, stored.length))
      const atLeast = faultPlan.includes('reject for good') ? (durable.get(id) ?? 0) : events.length
      expect(stored.length).toBeGreaterThanOrEqual(atLeast)
    }
    expect(bus.buffered).toBe(0)
  })
  await fc.assert(law)
})

it('any deliveries of one writer leave what the longest row of them without a gap says', async () => {
  const deliveries = fc.array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 5 })))
  const law = fc.asyncProperty(deliveries, async (calls) => {
    const store = new InMemoryEventStore()
    let length = 0
    for (const [from, count] of calls) {
      const [outcome] = await store.append([batch('a', from, count)])
      expect(outcome!.error === undefined).toBe(from <= length)
      if (from <= length) length = Math.max(length, from + count)
      expect(await store.retrieve('a')).toEqual(batch('a', 0, length).events)
    }
  })
  await fc.assert(law)
})
