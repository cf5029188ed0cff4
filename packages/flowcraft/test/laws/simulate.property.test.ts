import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { recordingFrom } from '../../src/recording/open.ts'
import type { SimulateOptions } from '../../src/simulate/options.ts'
import { simulate, type Simulation } from '../../src/simulate/simulate.ts'
import { randomFamily, toFlows } from './generator/family.ts'
import { randomFlow } from './generator/flow.ts'
import { drive } from './recovery-drive.ts'
import { cutOf, driveFamily } from './recovery-families.ts'
import { confluentFlow, hasMereCycles } from './recovery-flows.ts'
import { runFlow } from './run-flow.ts'
import { checkedWith } from './runs.ts'
import { portraitOfContext } from './state-portrait.ts'

/** From 0 up to 1. */
const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)

let count = 0
const newId = (): string => `simulated-${(count += 1)}`

/** Under its own blueprint a run would have been what it was: the same events at the same times. */
async function expectUnchanged(
  blueprint: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
  options: SimulateOptions = {},
): Promise<void> {
  const recording = recordingFrom(events)
  const simulation = await simulate(blueprint, recording, options)
  expect([simulation.divergence, simulation.missing]).toEqual([undefined, []])
  expect(simulation.diff).toMatchObject({ isSame: true, nodes: [] })
  expect(simulation.result.status).toBe(recording.status)
  expect(simulation.recording.events.map(placeInTime)).toEqual(events.map(placeInTime))
  expect(portraitOfContext(simulation.recording.at('end').context)).toEqual(
    portraitOfContext(recording.at('end').context),
  )
}

function placeInTime({ id, timestamp, type }: FlowcraftEvent): readonly unknown[] {
  return [id, timestamp, type]
}

it('whatever happened in a run, under its own blueprint it would have been the same, event by event', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const run = await runFlow(flow, new InMemoryEventStore(), { executionId: newId(), watches: false })
      await expectUnchanged(flow.blueprint, run.events)
    }),
    checkedWith(150),
  )
}, 600_000)

it('a recording that ends anywhere gives a simulation that ends there', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, anywhere, async (flow, where) => {
      const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId: newId(), watches: false })
      await expectUnchanged(flow.blueprint, events.slice(0, 1 + Math.floor(where * events.length)))
    }),
    checkedWith(80),
  )
}, 600_000)

it('processes that were gone in the middle of a step, and others that took the run over, make no difference', async () => {
  const property = fc.asyncProperty(randomFlow, fc.tuple(anywhere, anywhere), async (flow, places) => {
    const executionId = newId()
    let { events } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
    for (const where of places) {
      ;({ events } = await drive(flow, executionId, events.slice(0, 1 + Math.floor(where * (events.length - 1)))))
      await expectUnchanged(flow.blueprint, events)
    }
  })
  await fc.assert(property, { ...checkedWith(50), timeout: 10_000 })
}, 600_000)

it('of a family, every run would have been the same, its subflows never run again', async () => {
  const property = fc.asyncProperty(randomFamily, anywhere, async ({ parts }, where) => {
    const id = newId()
    const whole = await driveFamily(parts, id, [], false)
    const recovered = await driveFamily(parts, id, cutOf(whole, where), false)
    const blueprints = new Map(toFlows(parts).map((flow) => [flow.toBlueprint().id, flow.toBlueprint()]))
    for (const [, events] of [...whole.logs, ...recovered.logs]) {
      await expectUnchanged(blueprints.get(events[0]!.payload.blueprintId)!, events)
    }
  })
  await fc.assert(property, { ...checkedWith(50), timeout: 10_000 })
}, 600_000)

it('wherever a subflow was cut off, also between what it writes and its end, its parent would have been the same', async () => {
  const parts = [{ kind: 'subflow', maps: true, retries: true, parts: [{ kind: 'node', failures: 1 }] }] as const
  const id = newId()
  const whole = await driveFamily(parts, id, [], false)
  const { length } = whole.commits.flat(2)
  expect(length).toBeGreaterThan(10)
  const blueprints = new Map(toFlows(parts).map((flow) => [flow.toBlueprint().id, flow.toBlueprint()]))
  for (let cut = 1; cut <= length; cut += 1) {
    const { logs } = await driveFamily(parts, id, cutOf(whole, (cut - 0.5) / length), false)
    for (const [, events] of logs) await expectUnchanged(blueprints.get(events[0]!.payload.blueprintId)!, events)
  }
})

it('where nothing hangs on the order of outcomes, one more node beside a run changes nothing of it', async () => {
  const property = fc.asyncProperty(confluentFlow, async (flow) => {
    fc.pre(!hasMereCycles(flow) && flow.targets.length === 0)
    const { events } = await drive(flow, newId(), [])
    const extra = { id: 'one more', uses: 'anything' }
    const blueprint = { ...flow.blueprint, nodes: [extra, ...flow.blueprint.nodes] }
    const recording = recordingFrom(events)
    const simulation = await simulate(blueprint, recording, {
      outputs: { 'one more': undefined },
      // It counts.
      maxIterations: flow.maxIterations + 1,
    })
    expect(simulation.divergence).toMatchObject({ type: 'node:start', nodeId: 'one more', seq: { b: 1 } })
    expect(simulation.missing).toEqual([])
    expect(simulation.result.status).toBe(recording.status)
    const { nodes, context } = recording.at('end')
    const simulated = simulation.recording.at('end')
    expect(portraitOfContext(simulated.context)).toEqual(portraitOfContext(context))
    for (const [id, { status, iteration, attempts, action }] of Object.entries(nodes)) {
      expect(simulated.nodes[id]).toMatchObject({ status, iteration, attempts, action })
    }
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 10_000 })
}, 600_000)

it('an edge that is not taken any more is where the simulated run parts from the recorded one', async () => {
  const property = fc.asyncProperty(randomFlow, fc.nat(), async (flow, nth) => {
    const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId: newId(), watches: false })
    const { nodes, edges } = flow.blueprint
    const taken = events.filter((event) => {
      if (event.type !== 'edge:evaluate' || !event.payload.result || event.payload.edge >= edges.length) return false
      const { source, target, edge } = event.payload
      const isOnly = edges.filter((other) => other.source === source && other.target === target).length === 1
      const isRouted = edges.every((other) => other.source !== source || other.action === undefined)
      const uses = nodes.find(({ id }) => id === source)?.uses
      return isOnly && isRouted && !['loop-controller', 'batch-scatter'].includes(uses!) && edges[edge] !== undefined
    })
    fc.pre(taken.length > 0)
    const chosen = taken[nth % taken.length]!
    const first = taken.find((event) => isSameEdge(event, chosen))!
    if (first.type !== 'edge:evaluate') throw new Error('An edge is chosen')
    const { edge, source, target } = first.payload
    const flipped = edges.map((other, index) => (index === edge ? { ...other, condition: '1 == 2' } : other))
    const simulation = await simulate({ ...flow.blueprint, edges: flipped }, recordingFrom(events), {
      maxIterations: 500,
    })
    expect(simulation.divergence).toMatchObject({
      type: 'edge:evaluate',
      edge: { source, target },
      seq: { a: first.seq, b: first.seq },
    })
    await expectSound(simulation, 500)
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 10_000 })
}, 600_000)

function isSameEdge(a: FlowcraftEvent, b: FlowcraftEvent): boolean {
  return a.type === 'edge:evaluate' && b.type === 'edge:evaluate' && a.payload.edge === b.payload.edge
}

it('under a blueprint that has nothing to do with the recorded one, a simulation ends too, with a log that is whole', async () => {
  const ways = fc.constantFrom('fail' as const, 'skip' as const)
  const property = fc.asyncProperty(randomFlow, randomFlow, ways, async (flow, other, onMissing) => {
    const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId: newId(), watches: false })
    const options = { onMissing, maxIterations: 300 }
    await expectSound(await simulate(other.blueprint, recordingFrom(events), options), 300)
  })
  await fc.assert(property, { ...checkedWith(100), timeout: 10_000 })
}, 600_000)

/** The simulated run is one that could have been: simulated itself, it would have been the same. */
async function expectSound({ recording, result }: Simulation, maxIterations: number): Promise<void> {
  expect(recording.events.map(({ seq }) => seq)).toEqual(recording.events.map((_, index) => index))
  expect(recording.status).toBe(result.status)
  expect(portraitOfContext(recording.at('end').context)).toEqual(portraitOfContext(result.context))
  await expectUnchanged(recording.blueprint!, recording.events, { maxIterations })
}
