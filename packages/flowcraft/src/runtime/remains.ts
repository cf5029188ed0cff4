import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import { fold } from '../state/fold.ts'
import type { RunState } from '../state/run-state.ts'
import { recordingOf } from './blueprint-recording.ts'
import { blueprintChange } from './changed-blueprint.ts'
import type { LaunchOptions } from './launch-options.ts'
import { mismatch } from './mismatch.ts'
import type { Remains } from './rebuild.ts'

/**
 * What a log has of a run, and of those of its subflows; `undefined` when there is no log.
 * @throws BLUEPRINT_MISMATCH for another blueprint than the recorded one, unless that may go on with it; BLUEPRINT_INVALID where there is none;
 * HISTORY_CORRUPT.
 */
export async function remainsOf(
  runtime: LaunchOptions,
  store: EventStore,
  executionId: string,
  given?: { readonly blueprint: WorkflowBlueprint; readonly allowChanged: boolean },
): Promise<Remains | undefined> {
  const events = orderHistory(await store.retrieve(executionId), executionId)
  if (events.length === 0) return undefined
  const state = fold(events)
  const mayChange = given?.allowChanged === true && fingerprint(given.blueprint) !== state.blueprintHash
  const expected = mayChange ? undefined : given?.blueprint
  const recorded = await recordedBlueprint(runtime, store, state, executionId, expected)
  const blueprint = mayChange ? given.blueprint : recorded
  const changed = { executionId, events, from: recorded, hash: state.blueprintHash }
  const change = mayChange ? blueprintChange(runtime, changed, blueprint) : undefined
  // It is in the store before any event refers to it.
  if (mayChange && runtime.eventBus !== undefined) await recordingOf(runtime.eventBus, blueprint).save()
  return {
    executionId,
    blueprint,
    state,
    past: () => ({ events, change }),
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
    if (start?.type !== 'workflow:start' || start.payload.parent === undefined || (await isFork(store, root))) break
    root = start.payload.parent.executionId
  }
  return root
}

/** What a fork has of another run's start is no parent of its own. */
async function isFork(store: EventStore, executionId: string): Promise<boolean> {
  if (store.read === undefined) return (await store.retrieve(executionId)).some(({ type }) => type === 'workflow:fork')
  for await (const _ of store.read(executionId, { types: ['workflow:fork'], limit: 1 })) return true
  return false
}

async function firstEvent(store: EventStore, executionId: string): Promise<FlowcraftEvent | undefined> {
  if (store.read === undefined) return (await store.retrieve(executionId)).find(({ seq }) => seq === 0)
  for await (const event of store.read(executionId, { limit: 1 })) return event
  return undefined
}

/** What a run says of its blueprint. */
export type RecordedBlueprint = Partial<Pick<RunState, 'blueprint' | 'blueprintId' | 'blueprintHash'>>

/**
 * The blueprint that a run was recorded with.
 * @throws BLUEPRINT_INVALID where there is none; BLUEPRINT_MISMATCH for another one that is given.
 */
export async function recordedBlueprint(
  { blueprints }: LaunchOptions,
  store: EventStore | undefined,
  { blueprint, blueprintId = '', blueprintHash = '' }: RecordedBlueprint,
  executionId: string,
  given: WorkflowBlueprint | undefined,
): Promise<WorkflowBlueprint> {
  if (given !== undefined && fingerprint(given) !== blueprintHash) throw mismatch(executionId, blueprintId, given)
  const registered = blueprints.get(blueprintId)
  const known = given ?? (registered && fingerprint(registered) === blueprintHash ? registered : undefined)
  const recorded = known ?? blueprint ?? (await store?.loadBlueprint?.(blueprintHash))
  if (recorded !== undefined) return recorded
  throw new FlowcraftError(
    `The blueprint '${blueprintId}' of execution '${executionId}' is neither in the store nor known to the runtime; give it in 'blueprints'`,
    { code: 'BLUEPRINT_INVALID', blueprintId, executionId },
  )
}
