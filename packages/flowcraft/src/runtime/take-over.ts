import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { ExecutionConflictError } from '../errors.ts'
import type { EventStore } from '../history/event-store.ts'
import { randomId } from '../ports.ts'
import type { RunState } from '../state/run-state.ts'
import type { Ownership } from '../history/ownership.ts'
import { standingOf } from './elsewhere.ts'
import { FamilyClaim, isClaiming } from './family-claim.ts'
import { rebuild, type Workshop } from './rebuild.ts'
import { remainsOf, rootOf } from './remains.ts'
import type { Run } from './run.ts'
import { enterChild, isWaiting } from './waiting-path.ts'

/** How a run is taken over from its log. */
export interface Takeover {
  readonly executionId: string
  /** The blueprint that it must have been recorded with. Default whatever it was. */
  readonly blueprint?: WorkflowBlueprint | undefined
  /** Whether it may go on under `blueprint` if that takes the recorded decisions. Default `false`. */
  readonly allowChanged?: boolean | undefined
  /** Whether its root is to be taken over as it stands; may throw why not. */
  isWanted(root: RunState): boolean
  /** Lets it go on, at once. What it throws is what the takeover rejects with, and nothing has happened then. */
  act(root: Run): void
}

/** A run that has been taken over by this call, or is in memory by another one. */
export interface TakenOver {
  readonly run: Run
  readonly isMine: boolean
}

/**
 * Takes a run that is not in memory over from its log, and with it the whole family that it belongs to: from here on
 * nobody else can write it. `undefined` when there is no log, or it is not wanted.
 * @throws EXECUTION_CONFLICT when it is live somewhere else; CONCURRENCY_CONFLICT when somebody was faster;
 * BLUEPRINT_MISMATCH, BLUEPRINT_INVALID, HISTORY_CORRUPT, EVENT_STORE_FAILED.
 */
export async function takeOver(
  workshop: Workshop,
  store: EventStore,
  takeover: Takeover,
): Promise<TakenOver | undefined> {
  const { runs } = workshop.runtime
  for (let root = await rootOf(store, takeover.executionId); ;) {
    const other = runs.revivalOf(root)
    if (other !== undefined) {
      await other.catch(() => {})
      continue
    }
    const known = runs.of(takeover.executionId)
    if (known !== undefined) return { run: known, isMine: false }
    const found = root
    const taken = await runs.revived(found, () => takeRoot(workshop, store, found, takeover))
    if (taken !== undefined) {
      const run = runs.of(takeover.executionId)
      return run && { run, isMine: true }
    }
    const begun = runs.of(takeover.executionId)
    if (begun !== undefined) return { run: begun, isMine: false }
    // It may have been begun in the meantime, as a part of something.
    root = await rootOf(store, takeover.executionId)
    if (root === found) return undefined
  }
}

async function takeRoot(
  workshop: Workshop,
  store: EventStore,
  executionId: string,
  { blueprint, allowChanged = false, isWanted, act, ...asked }: Takeover,
): Promise<Run | undefined> {
  const { runtime } = workshop
  const { eventBus } = runtime
  const given = asked.executionId === executionId && blueprint ? { blueprint, allowChanged } : undefined
  // A run of a subflow goes on with its root, under the blueprint that it has.
  if (given === undefined && blueprint !== undefined)
    await remainsOf(runtime, store, asked.executionId, { blueprint, allowChanged: false })
  const remains = await remainsOf(runtime, store, executionId, given)
  if (remains === undefined) return undefined
  const { parent } = remains.state
  if (parent !== undefined && (await rootOf(store, executionId)) !== executionId) return undefined
  if (!isWanted(remains.state)) return undefined
  const claim = isClaiming(eventBus) ? new FamilyClaim(eventBus, randomId()) : undefined
  if (isClaiming(eventBus)) await requireNobody(store, executionId, eventBus.ownership)
  const root = await rebuild(workshop, remains, claim ?? { writer: randomId() })
  if (root === undefined) return undefined
  try {
    act(root)
    await claim?.make()
  } catch (error) {
    root.fail(error)
    throw error
  }
  return root
}

/** Lets what was cut off go on, in a run and those of its subflows; what is parked stays so. */
export function recoverCutOff(run: Run): void {
  if (run.state.status === 'running') run.recover()
  for (const [nodeId, child] of run.children.entries()) {
    // Of what a process stored before it died, the first event of a run may be there without the second of its parent.
    const isAhead = isWaiting(run, nodeId) && child.state.status !== 'awaiting'
    if (isAhead) enterChild({ run, nodeId }, 'recovery', recoverCutOff)
    else recoverCutOff(child)
  }
}

/** The claim would find out, but what is asked of the run should not be judged by a state that goes on. */
async function requireNobody(store: EventStore, executionId: string, ownership: Ownership): Promise<void> {
  if (ownership.isLive(executionId)) throw isLiveHere(executionId)
  const standing = await standingOf(store, executionId)
  if (standing?.isOwned !== true || standing.owner === ownership.owner) return
  throw new ExecutionConflictError(
    `Execution '${executionId}' is live in another process: wait for it with 'result', or until its lease is over`,
    { executionId },
  )
}

function isLiveHere(executionId: string): ExecutionConflictError {
  return new ExecutionConflictError(
    `Execution '${executionId}' is live in another runtime of this process: ask that one, or wait for it with 'result'`,
    { executionId },
  )
}
