import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import { fold } from '../state/fold.ts'
import type { RunState } from '../state/run-state.ts'
import type { LaunchOptions } from './launch-options.ts'
import { mismatch } from './mismatch.ts'
import type { Remains } from './rebuild.ts'

/**
 * What a log has of a run, and of those of its subflows; `undefined` when there is no log.
 * @throws BLUEPRINT_MISMATCH for another blueprint than the recorded one; BLUEPRINT_INVALID where there is none;
 * HISTORY_CORRUPT.
 */
export async function remainsOf(
  runtime: LaunchOptions,
  store: EventStore,
  executionId: string,
  given?: WorkflowBlueprint,
): Promise<Remains | undefined> {
  const events = orderHistory(await store.retrieve(executionId), executionId)
  if (events.length === 0) return undefined
  const state = fold(events)
  return {
    executionId,
    blueprint: await recordedBlueprint(runtime, store, state, executionId, given),
    state,
    past: () => ({ events }),
    child: (childExecutionId) => remainsOf(runtime, store, childExecutionId),
  }
}

/** The root of the family that an execution belongs to, by what is stored; itself when there is no log. */
export async function rootOf(store: EventStore, executionId: string): Promise<string> {
  const seen = new Set<string>()
  let root = executionId
  // What is stored may be damaged: nobody is its own ancestor.
  while (!seen.has(root)) {
    seen.add(root)
    const start = await firstEvent(store, root)
    if (start?.type !== 'workflow:start' || start.payload.parent === undefined) break
    root = start.payload.parent.executionId
  }
  return root
}

async function firstEvent(store: EventStore, executionId: string): Promise<FlowcraftEvent | undefined> {
  if (store.read === undefined) return (await store.retrieve(executionId)).find(({ seq }) => seq === 0)
  for await (const event of store.read(executionId, { limit: 1 })) return event
  return undefined
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
