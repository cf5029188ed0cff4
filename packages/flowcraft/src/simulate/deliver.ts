import type { PlanNode } from '../blueprint/plan.ts'
import type { Fact } from '../events/event.ts'
import { takeOutcome } from '../runtime/take-outcome.ts'
import { decideOutcome, type EndedAttempt, type Outcome } from '../scheduler/outcome.ts'
import type { NodeState } from '../state/run-state.ts'
import type { Answered, Ended } from './script.ts'
import type { Stage } from './stage.ts'

/** What stands in for recorded outputs. */
export interface StandIns {
  /** By node id: recorded values. */
  readonly outputs: ReadonlyMap<string, unknown>
  /** How many attempts a node had at most when it was recorded; `undefined` if that is not known. */
  maxAttemptsOf(nodeId: string): number | undefined
}

/** The facts of a recorded outcome as the end of a node's present attempt. */
export function factsOfOutcome(stage: Stage, index: number, entry: Ended, standIns: StandIns): readonly Fact[] {
  const { node } = stage.at(index)
  return endAttempt(stage, index, outcomeOf(entry, node, standIns), entry)
}

/** The facts of an outcome as the end of a node's present attempt. */
export function endAttempt(
  stage: Stage,
  index: number,
  outcome: Outcome,
  { writes, durationMs }: Pick<EndedAttempt, 'writes' | 'durationMs'> = { writes: [], durationMs: 0 },
): readonly Fact[] {
  const { node, state } = stage.at(index)
  const { attempts = 1, iteration = 0, crashes = 0 } = state ?? {}
  const isSubflow = stage.frontier.inChild.has(index)
  const ended: EndedAttempt = {
    node,
    attempt: attempts,
    // Attempts of subflows all count.
    crashes: isSubflow ? 0 : crashes,
    iteration,
    isRegistryFallback: isRegistryFallback(node, state),
    writes,
    durationMs,
    outcome,
  }
  return isSubflow ? decideOutcome(ended) : takeOutcome(ended, stage.frontier, stage)
}

/** Whether what runs for a node is a fallback that a registry key names. */
export function isRegistryFallback({ fallbackKey }: PlanNode, state: NodeState | undefined): boolean {
  return fallbackKey !== undefined && state?.fallback !== undefined
}

/** The fact of a recorded answer. */
export function factOfAnswer({ nodeId, payload }: Answered, { outputs }: StandIns): Fact {
  const output = outputs.has(nodeId) && { output: outputs.get(nodeId) }
  return { type: 'workflow:resume', payload: { ...payload, ...output } }
}

function outcomeOf({ outcome, nodeId }: Ended, node: PlanNode, standIns: StandIns): Outcome {
  if (standIns.outputs.has(nodeId)) {
    const { action, dynamicNodes, dynamicEdges } = 'result' in outcome ? outcome.result : {}
    const output = standIns.outputs.get(nodeId)
    return {
      result: Object.freeze({
        ...(output !== undefined && { output }),
        ...(action !== undefined && { action }),
        ...(dynamicNodes !== undefined && { dynamicNodes }),
        ...(dynamicEdges !== undefined && { dynamicEdges }),
      }),
    }
  }
  if (!('error' in outcome)) return outcome
  const { error, isLast, made } = outcome
  // What was not tried again although it might have been would not be now.
  const isRetryable = !isLast || made >= (standIns.maxAttemptsOf(nodeId) ?? node.maxAttempts)
  return { error, isRetryable: isRetryable && error.code !== 'NODE_CRASHED' }
}
