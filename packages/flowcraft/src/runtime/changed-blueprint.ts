import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { BlueprintMismatchError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { edgeMapOf } from '../recording/edge-map.ts'
import { verifyRecording } from '../recording/verify.ts'
import { movedEdges } from '../scheduler/moved-edges.ts'
import { recordingOf } from './blueprint-recording.ts'
import type { LaunchOptions } from './launch-options.ts'
import type { BlueprintChange } from './run-options.ts'

/** A run that is to go on under a blueprint that may be another one than its own. */
export interface ChangedRun {
  readonly executionId: string
  readonly events: readonly FlowcraftEvent[]
  /** The blueprint so far, and its hash. */
  readonly from: WorkflowBlueprint
  readonly hash: string | undefined
  /** Nodes that begin anew: what was decided of them does not count. Default none. */
  readonly again?: ReadonlySet<string> | undefined
}

/**
 * What is recorded of the change: nothing where the blueprint is the same and no node begins anew.
 * @throws BLUEPRINT_MISMATCH with the first recorded decision that the new blueprint would not take.
 */
export function blueprintChange(
  { eventBus, evaluator }: Pick<LaunchOptions, 'eventBus' | 'evaluator'>,
  run: ChangedRun,
  to: WorkflowBlueprint,
): BlueprintChange {
  const { events, from, hash, again = new Set() } = run
  // A blueprint that is the very same needs no hash.
  const blueprintHash = to === from && hash !== undefined ? hash : fingerprint(to)
  const isSame = blueprintHash === hash
  if (!isSame) requireFit(run, to, evaluator)
  const edges = movedEdges(events, { from, to, edges: isSame ? undefined : edgeMapOf(from, to), again })
  if (isSame) return { ...(edges && { edges }) }
  const blueprint = eventBus && recordingOf(eventBus, to).embedded
  return {
    blueprintHash,
    ...(to.metadata?.version !== undefined && { blueprintVersion: to.metadata.version }),
    ...(blueprint && { blueprint }),
    ...(edges && { edges }),
  }
}

function requireFit(run: ChangedRun, to: WorkflowBlueprint, evaluator: LaunchOptions['evaluator']): void {
  const { executionId, from } = run
  const verified = verifyRecording(to, { events: [...run.events, ...takingBack(run)], blueprint: from }, { evaluator })
  if (verified.ok) return
  const { seq, reason } = verified.divergence
  throw new BlueprintMismatchError(
    `Execution '${executionId}' cannot go on under blueprint '${to.id}' as it is now (event ${seq}). ${reason}`,
    { blueprintId: to.id, executionId },
  )
}

/** What takes back what does not count: as a fork with no other blueprint yet records it. */
function takingBack({ events, from, again = new Set() }: ChangedRun): FlowcraftEvent[] {
  const last = events.at(-1)
  if (last === undefined || again.size === 0) return []
  const { executionId, payload } = last
  const edges = movedEdges(events, { from, to: from, again })
  const forking = { executionId, blueprintId: payload.blueprintId, from: executionId, seq: last.seq, rerun: [...again] }
  const seq = last.seq + 1
  const { timestamp } = last
  return [
    {
      id: `${executionId}:${seq}`,
      seq,
      executionId,
      timestamp,
      type: 'workflow:fork',
      payload: { ...forking, ...(edges && { edges }) },
    },
  ]
}
