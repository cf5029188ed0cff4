import { expect } from 'vitest'
import type { WorkflowResult } from '../../src/blueprint/flow-runner.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import type { EventStore } from '../../src/history/event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { Money, valueTypes } from '../events/custom-values.ts'
import { portrait } from '../events/values.ts'
import { created, echo, toFlows, type Family } from './generator/family.ts'
import { watchLive } from './live-states.ts'
import { portraitOfContext, portraitOfState } from './state-portrait.ts'

/** Runs a flow with all its subflows to the end, answering what waits, now and then by another runtime. */
export async function expectExactFamily({ parts, wraps }: Family, id: string, store: EventStore): Promise<void> {
  const flows = toFlows(parts)
  const flow = flows.at(-1)!
  const live = new Map<string, Map<number, string>>()
  const unwatch = watchLive(id, (state) => {
    const own = live.get(state.executionId!) ?? new Map<number, string>()
    live.set(state.executionId!, own.set(state.seq, portraitOfState(state)))
  })
  const newRuntime = (): FlowRuntime =>
    new FlowRuntime({
      flows,
      registry: { [created]: echo },
      eventBus: new PersistentEventBusAdapter(store),
      logger: new NullLogger(),
      idGenerator: () => id,
      valueTypes,
      ...(wraps && { middleware: [passThrough] }),
    })
  let runtime = newRuntime()
  let result = await flow.run(runtime, { given: [new Money(1n, 'EUR')] }, { maxIterations: 300 })
  for (let answers = 0; result.status === 'awaiting'; answers += 1) {
    expect(answers).toBeLessThan(200)
    if (answers % 3 === 2) runtime = newRuntime()
    result = await runtime.resume(id, { output: `answer ${answers}` })
  }
  unwatch()
  expect(['completed', 'failed']).toContain(result.status)
  for (const [executionId, states] of live) {
    const events = await store.retrieve(executionId)
    expectExactPrefixes(events, states)
    const replayed = await runtime.replay(flow.toBlueprint(), events)
    if (executionId !== id) expect(['completed', 'failed', 'cancelled']).toContain(replayed.recordedStatus)
    else expect(portraitsOf(replayed)).toEqual(portraitsOf(result))
  }
}

/** Middleware that changes nothing but a key of its own. */
const passThrough: Middleware = {
  async aroundNode(context, nodeId, next) {
    await context.set('wrapped', nodeId)
    return await next()
  },
}

/** No gap, and at every event the state of the log is the live one of that moment. */
function expectExactPrefixes(events: readonly FlowcraftEvent[], states: ReadonlyMap<number, string>): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
  const draft = draftOf(initialState)
  let compared = 0
  for (const event of events) {
    apply(draft, event)
    const state = states.get(event.seq)
    if (state === undefined) continue
    compared += 1
    expect(portraitOfState(draft)).toBe(state)
  }
  expect(compared).toBe(states.size)
}

/** Each value by itself: which parts of two of them are one object in memory is not recorded. */
function portraitsOf({ context, errors = [] }: Pick<WorkflowResult, 'context' | 'errors'>): unknown {
  return [portraitOfContext(context), errors.map((error) => portrait(error))]
}
