import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventType, FlowcraftEvent } from '../../src/events/event.ts'
import type { AppendOutcome, EventBatch } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { batch, batchOf } from './events.ts'
import { checkedWith } from '../laws/runs.ts'

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
  await fc.assert(law, checkedWith(100))
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
  await fc.assert(law, checkedWith(100))
})

const steps = ['look', 'again', 'go on', 'resume', 'cancel', 'pause', 'stall'] as const
type Step = (typeof steps)[number]

const firstEvent: Record<Exclude<Step, 'look' | 'again'>, EventType> = {
  'go on': 'context:change',
  resume: 'workflow:resume',
  cancel: 'workflow:cancel',
  pause: 'workflow:pause',
  stall: 'workflow:stall',
}

/** A run object: it knows the log as it read it and what it has appended itself, until it is refused. */
interface Incarnation {
  readonly writer: string
  end: number
  last: EventBatch | undefined
}

it('processes that park, take over and are late: who wrote last goes on, or who comes first behind a parking', async () => {
  const plans = fc.array(fc.record({ process: fc.nat(2), step: fc.constantFrom(...steps), more: fc.nat(2) }), {
    size: 'large',
  })
  let takenOver = 0
  let refused = 0
  const law = fc.asyncProperty(plans, async (plan) => {
    const store = new InMemoryEventStore()
    const log: { readonly event: FlowcraftEvent; readonly writer: string }[] = []
    const running = new Map<number, Incarnation>()
    for (const [index, { process, step, more }] of plan.entries()) {
      const known = running.get(process)
      const isFresh = step === 'look' && (known === undefined || parks(log.at(-1)?.event))
      if (isFresh) running.set(process, { writer: `w${index}`, end: log.length, last: undefined })
      const run = running.get(process)
      if (run === undefined || step === 'look') continue
      const types = step === 'again' ? [] : [firstEvent[step], ...Array<EventType>(more).fill('context:change')]
      const given = step === 'again' ? run.last : batchOf('a', run.end, types, run.writer)
      if (given === undefined) continue

      const isOwner = log.length === 0 || log.at(-1)!.writer === run.writer
      const isFirstBehindParking = parks(log.at(-1)?.event) && run.end === log.length && goesOn(given.events[0])
      const mayWrite = isOwner || (step !== 'again' && isFirstBehindParking)
      const [outcome] = await store.append([given])
      expect(outcome?.error?.code).toBe(mayWrite ? undefined : 'CONCURRENCY_CONFLICT')
      if (!mayWrite) {
        running.delete(process)
        refused++
        continue
      }
      if (!isOwner) takenOver++
      if (step === 'again') continue
      for (const event of given.events) log.push({ event, writer: run.writer })
      Object.assign(run, { end: log.length, last: given })
    }
    expect(await store.retrieve('a')).toEqual(log.map(({ event }) => event))
  })
  const amount = checkedWith(200)
  await fc.assert(law, amount)
  expect(Math.min(takenOver, refused)).toBeGreaterThan(amount.numRuns ?? 0)
})

it('whatever the store does: a run that is handed on while it is parked loses nothing that was durable', async () => {
  const turns = fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }), { minLength: 1, maxLength: 6 })
  const law = fc.asyncProperty(turns, plan, async (sizes, faultPlan) => {
    const store = new UnreliableStore(faultPlan)
    const durable: FlowcraftEvent[] = []
    for (const [turn, parts] of sizes.entries()) {
      const bus = new PersistentEventBusAdapter(store, { ports: { sleep: async () => undefined } })
      let end = durable.length
      const push = (types: readonly EventType[]): Promise<unknown> => {
        const next = batchOf('a', end, types, `writer ${turn}`)
        end += next.events.length
        return bus.commit(next).then(() => void durable.push(...next.events))
      }
      const commits = [push([turn === 0 ? 'workflow:start' : 'workflow:resume'])]
      for (const size of parts) commits.push(push(Array<EventType>(size).fill('context:change')))
      commits.push(push(['workflow:pause']))
      const settled = await Promise.allSettled(commits)
      expect((await store.retrieve('a')).slice(0, durable.length)).toEqual(durable)
      if (settled.some(({ status }) => status === 'rejected')) return
    }
    expect(await store.retrieve('a')).toEqual(durable)
  })
  await fc.assert(law, checkedWith(100))
})

function parks(event: FlowcraftEvent | undefined): boolean {
  return event?.type === 'workflow:pause' || event?.type === 'workflow:stall'
}

function goesOn(event: FlowcraftEvent | undefined): boolean {
  return event?.type === 'workflow:resume' || event?.type === 'workflow:cancel'
}
