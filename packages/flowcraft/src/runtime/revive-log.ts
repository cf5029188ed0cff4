import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { FlowcraftError } from '../errors.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import { fold } from '../state/fold.ts'
import type { RunState } from '../state/run-state.ts'
import type { LaunchOptions } from './launch-options.ts'
import { mismatch } from './mismatch.ts'
import { notAwaiting, unknownExecution } from './not-awaiting.ts'
import { rebuild, type Remains, type Workshop } from './rebuild.ts'
import type { Run } from './run.ts'

/**
 * A parked run from its log, and with it the whole family that it belongs to; `undefined` when there is no log.
 * @throws NOT_AWAITING for one that has ended, is going on elsewhere, or was cut off; BLUEPRINT_MISMATCH.
 */
export async function reviveFromLog(
  workshop: Workshop,
  store: EventStore,
  executionId: string,
  given?: WorkflowBlueprint,
): Promise<Run | undefined> {
  const { runs } = workshop.runtime
  return await runs.revived(executionId, async () => {
    const remains = await remainsOf(workshop.runtime, store, executionId, given)
    if (remains === undefined) return undefined
    const { parent } = remains.state
    if (parent === undefined) return await rebuild(workshop, remains)
    await reviveFromLog(workshop, store, parent.executionId)
    const run = runs.of(executionId)
    if (run === undefined) throw notAwaiting(executionId)
    return run
  })
}

/** @throws NOT_AWAITING for a run that is not parked. */
async function remainsOf(
  runtime: LaunchOptions,
  store: EventStore,
  executionId: string,
  given: WorkflowBlueprint | undefined,
): Promise<Remains | undefined> {
  const events = orderHistory(await store.retrieve(executionId), executionId)
  if (events.length === 0) return undefined
  const state = fold(events)
  if (state.status !== 'awaiting' && state.status !== 'stalled') throw notAwaiting(executionId)
  return {
    executionId,
    blueprint: await recordedBlueprint(runtime, store, state, executionId, given),
    state,
    past: () => ({ events }),
    async child(childExecutionId) {
      const child = await remainsOf(runtime, store, childExecutionId, undefined)
      if (child === undefined) throw unknownExecution(childExecutionId)
      return child
    },
  }
}

/** The blueprint that a run was recorded with. */
async function recordedBlueprint(
  { blueprints }: LaunchOptions,
  store: EventStore,
  { blueprint, blueprintId = '', blueprintHash = '' }: RunState,
  executionId: string,
  given: WorkflowBlueprint | undefined,
): Promise<WorkflowBlueprint> {
  if (given !== undefined && fingerprint(given) !== blueprintHash) throw mismatch(executionId, blueprintId, given)
  const registered = blueprints.get(blueprintId)
  const known = given ?? (registered && fingerprint(registered) === blueprintHash ? registered : undefined)
  const recorded = known ?? blueprint ?? (await store.loadBlueprint?.(blueprintHash))
  if (recorded !== undefined) return recorded
  throw new FlowcraftError(
    `The blueprint '${blueprintId}' of execution '${executionId}' is neither in the store nor known to the runtime; give it in 'blueprints'`,
    { code: 'BLUEPRINT_INVALID', blueprintId, executionId },
  )
}
