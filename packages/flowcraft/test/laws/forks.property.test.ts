import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { fold } from '../../src/state/fold.ts'
import { portrait } from '../events/values.ts'
import { describeError } from './errors.ts'
import { driveFork, turnsTakenBack } from './fork-drive.ts'
import { expectLiveStates, expectNothingTwice, finishesIn } from './recovery-check.ts'
import { drive } from './recovery-drive.ts'
import { randomFlow } from './generator/flow.ts'
import { confluentFlow, hasMereCycles, hasSideEntrances } from './recovery-flows.ts'
import type { FinishedRun } from './run-flow.ts'
import { runFlow } from './run-flow.ts'
import { checkedWith } from './runs.ts'
import { portraitOfContext } from './state-portrait.ts'

/** From 0 up to 1. */
const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)

/** Every event of a short log, and a few of a long one, the last one among them. */
function placesIn(events: readonly FlowcraftEvent[], places: readonly number[]): number[] {
  if (events.length <= 14) return events.map(({ seq }) => seq)
  return [...places.map((place) => Math.floor(place * events.length)), events.length - 1]
}

function expectForked(fork: FinishedRun, source: readonly FlowcraftEvent[], at: number): void {
  const { events, executionId } = fork
  const asOfFork = ({ seq, payload, ...event }: FlowcraftEvent): object => ({
    ...event,
    seq,
    id: `${executionId}:${seq}`,
    executionId,
    payload: { ...payload, executionId },
  })
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
  expect(events.every((event) => event.executionId === executionId)).toBe(true)
  expect(events.slice(0, at + 1)).toEqual(source.slice(0, at + 1).map(asOfFork))
  expect(events[at + 1]).toMatchObject({ type: 'workflow:fork', payload: { seq: at } })
  expectNothingTwice(events.slice(0, at + 1), fork)
  expectLiveStates({ ...fork, events })
}

function expectSame(fork: FinishedRun, undisturbed: FinishedRun): void {
  const contextOf = ({ result }: FinishedRun): unknown => portraitOfContext({ ...result.context, _executionId: 'any' })
  expect(fork.result.status).toBe(undisturbed.result.status)
  expect(contextOf(fork)).toEqual(contextOf(undisturbed))
  const errorsOf = ({ result }: FinishedRun): string[] => (result.errors ?? []).map(describeError).sort()
  expect(errorsOf(fork)).toEqual(errorsOf(undisturbed))
}

/** At the end, what is known of nodes and edges is the same, but for when it was, and how often. */
function expectSameWay({ events }: FinishedRun, source: FinishedRun): void {
  const wayOf = (log: readonly FlowcraftEvent[]): unknown => {
    const { nodes, edges } = fold(log)
    const known = [...nodes].filter(([, { status }]) => status !== 'pending')
    return {
      nodes: Object.fromEntries(
        known.map(([id, { status, output, input, action }]) => [id, [status, portrait([output, input, action])]]),
      ),
      edges: Object.fromEntries([...edges].map(([index, { taken, value }]) => [index, [taken, portrait(value)]])),
    }
  }
  expect(wayOf(events)).toEqual(wayOf(source.events))
}

it('a fork without a change, at any event, comes to what the run itself came to, and runs nothing that had finished', async () => {
  let count = 0
  const property = fc.asyncProperty(confluentFlow, fc.tuple(anywhere, anywhere, anywhere), async (flow, places) => {
    fc.pre(!hasMereCycles(flow) && !hasSideEntrances(flow))
    const id = `forked-${(count += 1)}`
    const source = await drive(flow, id, [])
    for (const at of placesIn(source.events, places)) {
      const fork = await driveFork(flow, source.events, `${id}-at-${at}`, { at })
      expectForked(fork, source.events, at)
      expectSame(fork, source)
      expectSameWay(fork, source)
    }
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)

it('a fork of a fork of a fork comes to the same', async () => {
  let count = 0
  const property = fc.asyncProperty(confluentFlow, fc.tuple(anywhere, anywhere, anywhere), async (flow, places) => {
    fc.pre(!hasMereCycles(flow) && !hasSideEntrances(flow))
    const id = `chain-${(count += 1)}`
    const source = await drive(flow, id, [])
    let { events } = source
    for (const [depth, place] of places.entries()) {
      const at = Math.floor(place * events.length)
      const fork = await driveFork(flow, events, `${id}-${depth}`, { at })
      expectForked(fork, events, at)
      expectSame(fork, source)
      ;({ events } = fork)
    }
  })
  await fc.assert(property, { ...checkedWith(60), timeout: 20_000 })
}, 600_000)

it('nodes that run again, with all that stands behind them, come to what they came to, and nothing else runs again', async () => {
  let count = 0
  const picks = fc.array(anywhere, { minLength: 1, maxLength: 2 })
  const property = fc.asyncProperty(confluentFlow, anywhere, picks, async (flow, place, chosen) => {
    fc.pre(!hasMereCycles(flow) && !hasSideEntrances(flow))
    const id = `again-${(count += 1)}`
    const source = await drive(flow, id, [])
    const { nodes } = flow.blueprint
    const rerun = chosen
      .map((pick) => nodes[Math.floor(pick * nodes.length)]!)
      .flatMap((node) => (node.uses === 'batch-gather' ? [] : [node.id]))
    for (const at of placesIn(source.events, [place])) {
      const fork = await driveFork(flow, source.events, `${id}-at-${at}`, { at, rerun })
      const own = fork.events[at + 1]
      const again = new Set(own?.type === 'workflow:fork' ? own.payload.rerun : [])
      for (const asked of rerun) expect(again.has(asked)).toBe(true)
      expectSame(fork, source)
      expectSameWay(fork, source)
      expectLiveStates(fork)
      const finished = new Set(finishesIn(fork.events.slice(0, at + 1)))
      expect([...fork.calls].filter((call) => finished.has(call))).toEqual([])
      for (const call of finishesIn(fork.events.slice(at + 2))) {
        const nodeId = call.slice(0, call.lastIndexOf(' '))
        expect(again.has(nodeId) || !finished.has(call), `${call} runs again`).toBe(true)
      }
    }
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)

it('whatever becomes of a run, and wherever it is forked, the fork comes to an end, and its states are those of its log', async () => {
  let count = 0
  const property = fc.asyncProperty(randomFlow, fc.tuple(anywhere, anywhere), async (flow, places) => {
    const executionId = `any-${(count += 1)}`
    const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
    for (const at of placesIn(events, places)) {
      expectForked(await driveFork(flow, events, `${executionId}-at-${at}`, { at }), events, at)
    }
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)

it('a fork that is cut off anywhere is recovered from its log, also where nodes began anew', async () => {
  let count = 0
  const places = fc.tuple(anywhere, anywhere, anywhere)
  const property = fc.asyncProperty(
    confluentFlow,
    places,
    fc.boolean(),
    async (flow, [place, pick, cut], runsAgain) => {
      fc.pre(!hasMereCycles(flow) && !hasSideEntrances(flow))
      const id = `cut-${(count += 1)}`
      const source = await drive(flow, id, [])
      const at = Math.floor(place * source.events.length)
      const coded = flow.blueprint.nodes.filter(({ uses }) => uses !== 'batch-gather')
      const rerun = runsAgain ? [coded[Math.floor(pick * coded.length)]!.id] : []
      const { events } = await driveFork(flow, source.events, `${id}-fork`, { at, rerun })
      const stored = events.slice(0, at + 2 + Math.floor(cut * (events.length - at - 2)))
      const recovered = await drive(flow, `${id}-fork`, stored, turnsTakenBack(fold(events.slice(0, at + 2))))
      expectSame(recovered, source)
      expectSameWay(recovered, source)
      expectNothingTwice(stored, { ...recovered, notes: new Map() })
    },
  )
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)
