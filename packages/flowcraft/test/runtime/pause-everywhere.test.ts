import { describe, expect, it } from 'vitest'
import type { FlowcraftEvent, FlowRuntime, WorkflowResult } from 'flowcraft'
import { pauseScenarios, type PauseScenario } from './pause-scenarios.ts'
import { bench, ways, type Bench } from './waiting-bench.ts'

interface Course {
  readonly result: WorkflowResult
  /** Each call of a node. */
  readonly calls: readonly string[]
  readonly events: readonly FlowcraftEvent[]
  /** How many events of all runs were stored before it went elsewhere. */
  readonly stored: number
  readonly pauses: number
}

interface Settings {
  readonly isRecorded: boolean
  /** Whether it goes on in another runtime each time. */
  readonly moves: boolean
  /** Asks for a pause in the middle of a call of a node, which are counted from 0. */
  isPausing?(call: number): boolean
  /** Asks for a pause when an event has been stored; events of all runs are counted from 0. */
  isPausingAfter?(event: number): boolean
}

/** Runs a scenario to its end. */
async function course(
  scenario: PauseScenario,
  { isRecorded, moves, isPausing = never, isPausingAfter = never }: Settings,
): Promise<Course> {
  const calls: string[] = []
  let runtime: FlowRuntime
  const make = () => {
    const { flow, subflows } = scenario.make(({ nodeId, executionId, iteration, attempt, input }) => {
      if (isPausing(calls.length)) void runtime.requestPause('run')
      calls.push(`${executionId} ${nodeId} ${iteration}.${attempt} ${JSON.stringify(input)}`)
    })
    return { blueprint: flow.toBlueprint(), options: { flows: [flow, ...subflows], idGenerator: () => 'run' } }
  }
  let { blueprint, options } = make()
  let current: Bench = bench(isRecorded, options)
  ;({ runtime } = current)
  const { check, log, eventBus } = current
  let stored = 0
  eventBus?.on('*', () => {
    if (isPausingAfter(stored++)) runtime.requestPause('run').catch(() => {})
  })
  let result = await settle(current, runtime.run(blueprint))
  let pauses = 0
  for (; result.status === 'awaiting'; pauses += 1) {
    await check(blueprint, result)
    if (moves) {
      ;({ blueprint, options } = make())
      current = current.elsewhere(options)
      ;({ runtime } = current)
    }
    result = await settle(current, runtime.resume(blueprint, result.serializedContext, { output: 'yes' }))
  }
  await check(blueprint, result)
  expect(current.clock.waiting).toEqual([])
  return { result, calls, events: await log('run'), stored, pauses }
}

const never = (): boolean => false

/** What a run gives, once the time that it needs is over. */
async function settle(made: Bench, running: Promise<WorkflowResult>): Promise<WorkflowResult> {
  let isOver = false
  const over = (): void => void (isOver = true)
  running.then(over, over)
  while (!isOver) await made.clock.advance(10)
  return await running
}

/** What happened to each node, whatever happened to others in between. */
function byNode(events: readonly FlowcraftEvent[]): Record<string, string[]> {
  const lines: Record<string, string[]> = {}
  for (const { type, payload } of events) {
    if ('nodeId' in payload && type !== 'workflow:resume' && type !== 'node:wait') {
      const attempt = 'attempt' in payload ? payload.attempt : ''
      ;(lines[payload.nodeId!] ??= []).push(`${type} ${attempt}`)
    }
  }
  return lines
}

/** A course does what another one does, whatever came in between. */
function expectSame({ result, calls, events }: Course, undisturbed: Course): void {
  expect(result.status).toBe('completed')
  expect(result.context).toEqual(undisturbed.result.context)
  expect([...calls].sort()).toEqual([...undisturbed.calls].sort())
  expect(byNode(events)).toEqual(byNode(undisturbed.events))
}

const places = [
  { where: 'where it was', moves: false },
  { where: 'elsewhere', moves: true },
]

describe.each(ways)('a run that is paused and goes on, $way', ({ isRecorded }) => {
  describe.each(places)('$where', ({ moves }) => {
    it.each(pauseScenarios)(
      'does exactly what was left, in whatever call it was asked to: $about',
      async (scenario) => {
        const undisturbed = await course(scenario, { isRecorded, moves: false })
        expect(undisturbed.result).toMatchObject({ status: 'completed', errors: undefined })
        for (let at = 0; at < undisturbed.calls.length; at += 1) {
          const paused = await course(scenario, { isRecorded, moves, isPausing: (call) => call === at })
          expectSame(paused, undisturbed)
          // After the last node there is nothing that could be held back.
          if (at === 0) expect(paused.pauses).toBeGreaterThan(undisturbed.pauses)
        }
        const halting = await course(scenario, { isRecorded, moves, isPausing: () => true })
        expectSame(halting, undisturbed)
        expect(halting.pauses).toBeGreaterThan(undisturbed.pauses + 1)
      },
    )
  })
})

describe.each(places)('a run that is paused after an event and goes on $where', ({ moves }) => {
  it.each(pauseScenarios)('does exactly what was left, whichever event that is: $about', async (scenario) => {
    const undisturbed = await course(scenario, { isRecorded: true, moves: false })
    for (let at = 0; at < undisturbed.stored; at += 1) {
      const paused = await course(scenario, { isRecorded: true, moves, isPausingAfter: (event) => event === at })
      expectSame(paused, undisturbed)
    }
  })
})
