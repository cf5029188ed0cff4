import { expect, it } from 'vitest'
import type { FlowcraftEvent } from 'flowcraft'
import { isPlan, planOf, type Plan } from '../../src/blueprint/plan.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'
import { advance } from '../../src/scheduler/advance.ts'
import { fromFrontierData, toFrontierData, type FrontierData } from '../../src/scheduler/frontier-data.ts'
import { frontierOf, isIdle, type Frontier } from '../../src/scheduler/frontier.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import { scenarios } from './resume-scenarios.ts'
import { bench } from './waiting-bench.ts'

it.each(scenarios)('a frontier is the same after it was text, whenever its run parked: $about', async (scenario) => {
  const { flow, subflows } = scenario.make(() => {})
  const { runtime, log } = bench(true, { flows: [flow, ...subflows] })
  let result = await runtime.run(flow.toBlueprint(), scenario.state ?? {})
  const { executionId } = result
  for (let answer = 1; result.status === 'awaiting' || result.status === 'stalled'; answer += 1) {
    result = await runtime.resume(executionId, { output: `answer ${answer}` })
  }
  const plan = planOf(flow.toBlueprint())
  if (!isPlan(plan)) throw new Error(plan.join())
  const events = await log(executionId)
  let parks = 0
  for (const frontier of parkedFrontiers(plan, events)) {
    parks += 1
    const { json, notes } = encodeValue(toFrontierData(frontier))
    // It was one when it became text.
    const again = fromFrontierData(plan, decodeValue(json, notes) as FrontierData)
    expect(portrait(again)).toEqual(portrait(frontier))
  }
  expect(parks).toBeGreaterThan(0)
})

it('what was noted of a frontier does not change when its run goes on', async () => {
  const { flow } = scenarios[2]!.make(() => {})
  const { runtime, log } = bench(true, { flows: [flow] })
  const { executionId } = await runtime.run(flow.toBlueprint())
  await runtime.resume(executionId, { output: 1 })
  const plan = planOf(flow.toBlueprint())
  if (!isPlan(plan)) throw new Error(plan.join())
  const frontiers = parkedFrontiers(plan, await log(executionId))
  const frontier: Frontier = frontiers.next().value!
  const note = toFrontierData(frontier)
  const before = structuredClone(note)
  // It is one and the same at every moment.
  for (const _ of frontiers) expect(note).toEqual(before)
  expect(toFrontierData(frontier)).not.toEqual(before)
})

/** The frontier at each moment at which the run parked. */
function* parkedFrontiers(plan: Plan, events: readonly FlowcraftEvent[]): Generator<Frontier> {
  const draft = draftOf(initialState)
  const frontier = frontierOf(plan)
  for (const event of events) {
    apply(draft, event)
    advance(frontier, draft, event)
    if (frontier.isParked) yield frontier
  }
}

/** All that a frontier is, with the members of what keeps them to itself. */
function portrait(frontier: Frontier): unknown {
  const { plan, batches, withheld, answered, ...rest } = frontier
  const sorted = (members: Iterable<number>) => [...members].sort((a, b) => a - b)
  return {
    ...rest,
    isIdle: isIdle(frontier),
    plan: { ...plan, blueprint: plan.blueprint.id },
    answered: answered?.size ?? 0,
    batches: [...(batches ?? [])].map(([at, { queue, ...batch }]) => [
      at,
      { ...batch, queue: sorted(queue.members()) },
    ]),
    withheld: withheld && sorted(withheld.members()),
    ready: sorted(frontier.ready.members()),
    restless: sorted(frontier.restless.members()),
    open: frontier.open.members(),
    backingOff: frontier.backingOff.members(),
    sizes: [
      frontier.running,
      frontier.inChild,
      frontier.engine,
      frontier.failing,
      frontier.routing,
      frontier.skips,
    ].map(({ size }) => size),
  }
}
