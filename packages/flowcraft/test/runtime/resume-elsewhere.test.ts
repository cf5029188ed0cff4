import { describe, expect, it } from 'vitest'
import { encodeValue, type FlowcraftEvent, type WorkflowResult } from 'flowcraft'
import { scenarios, type Scenario } from './resume-scenarios.ts'
import { bench, ways, type Bench } from './waiting-bench.ts'

interface Course {
  readonly result: WorkflowResult
  readonly calls: readonly string[]
  readonly events: readonly FlowcraftEvent[]
  readonly parks: readonly unknown[]
}

type How = 'in memory' | 'elsewhere, with its context' | 'elsewhere, by its id'

/** Runs a scenario to its end, and answers whoever waits. */
async function course(scenario: Scenario, isRecorded: boolean, how: How): Promise<Course> {
  const calls: string[] = []
  const make = () => {
    const { flow, subflows } = scenario.make((call) => calls.push(call))
    return { flow, options: { flows: [flow, ...subflows], idGenerator: () => 'run' } }
  }
  const first = make()
  let current: Bench = bench(isRecorded, first.options)
  const { check, log } = current
  let blueprint = first.flow.toBlueprint()
  let result: WorkflowResult = await current.runtime.run(blueprint, scenario.state ?? {})
  const parks: unknown[] = []
  while (result.status === 'awaiting' || result.status === 'stalled') {
    parks.push(result.context)
    await check(blueprint, result)
    if (how !== 'in memory') {
      const next = make()
      current = current.elsewhere(next.options)
      blueprint = next.flow.toBlueprint()
    }
    const data = { output: `answer ${parks.length}` }
    const { executionId, serializedContext } = result
    result =
      how === 'elsewhere, by its id'
        ? await current.runtime.resume(executionId, data)
        : await current.runtime.resume(blueprint, serializedContext, data)
  }
  await check(blueprint, result)
  return { result, calls, events: await log('run'), parks }
}

describe.each(ways)('a run that goes on elsewhere each time that it parks, $way', ({ isRecorded }) => {
  const hows: How[] = ['elsewhere, with its context', ...(isRecorded ? (['elsewhere, by its id'] as const) : [])]
  describe.each(hows)('%s', (how) => {
    it.each(scenarios)('goes as if it had never left: $about', async (scenario) => {
      const undisturbed = await course(scenario, isRecorded, 'in memory')
      const { result, calls, events, parks } = await course(scenario, isRecorded, how)
      expect(undisturbed.parks.length).toBeGreaterThan(0)
      expect(['completed', 'failed']).toContain(undisturbed.result.status)
      expect(parks).toEqual(undisturbed.parks)
      expect(calls).toEqual(undisturbed.calls)
      expect(result.status).toBe(undisturbed.result.status)
      expect(result.context).toEqual(undisturbed.result.context)
      expect(result.serializedContext).toEqual(undisturbed.result.serializedContext)
      expect(withoutStacks(result.errors)).toEqual(withoutStacks(undisturbed.result.errors))
      expect(withoutStacks(events)).toEqual(withoutStacks(undisturbed.events))
    })
  })
})

function withoutStacks(value: unknown): unknown {
  return JSON.parse(encodeValue(value ?? null).json, (key, part: unknown) => (key === 'stack' ? undefined : part))
}
