import type { PlanNode } from '../blueprint/plan.ts'
import type { Fact, RecordedResult, WaitReason } from '../events/event.ts'
import type { WorkflowError } from '../errors.ts'
import { retryDelayMs } from './retry.ts'

/** How an attempt ended. */
export type Outcome =
  | { readonly result: RecordedResult }
  | { readonly wait: WaitFact }
  | {
      readonly error: WorkflowError
      /** `false` when another attempt could not help. */
      readonly isRetryable: boolean
    }

/** What a node waits for. */
export interface WaitFact {
  readonly reason: WaitReason
  readonly wakeUpAt?: number
  readonly event?: string
}

/** An attempt that ended, with what it wrote. */
export interface EndedAttempt {
  readonly node: PlanNode
  readonly attempt: number
  /** How many attempts of this iteration before it were cut off by crashes: they do not count. Default 0. */
  readonly crashes?: number | undefined
  readonly iteration: number
  /** Whether it was a fallback that a registry key names. */
  readonly isRegistryFallback: boolean
  readonly writes: readonly Write[]
  readonly durationMs: number
  readonly outcome: Outcome
}

/** One write of an attempt, in the order in which it was made. */
export type Write = { readonly key: string } & (
  | { readonly op: 'set'; readonly value: unknown }
  | { readonly op: 'delete' }
)

/** The facts of an attempt that ended: its writes, then its finish, retry or error. */
export function decideOutcome(ended: EndedAttempt): Fact[] {
  const { node, attempt, iteration, outcome, durationMs } = ended
  const nodeId = node.id
  const facts: Fact[] = []
  for (const write of ended.writes) {
    facts.push({ type: 'context:change', payload: { sourceNode: nodeId, iteration, attempt, ...write } })
  }
  if ('result' in outcome) {
    const { result } = outcome
    facts.push({ type: 'node:finish', payload: { nodeId, iteration, attempt, result, durationMs } })
    return facts
  }
  if ('wait' in outcome) {
    facts.push({ type: 'node:wait', payload: { nodeId, iteration, ...outcome.wait } })
    return facts
  }
  const { error, isRetryable } = outcome
  const made = attempt - (ended.crashes ?? 0)
  if (isRetryable && !error.isFatal && !ended.isRegistryFallback && made < node.maxAttempts) {
    const delayMs = retryDelayMs(node.definition.config, made)
    facts.push({ type: 'node:retry', payload: { nodeId, iteration, attempt, error, delayMs } })
  } else {
    facts.push({ type: 'node:error', payload: { nodeId, iteration, attempt, error } })
  }
  return facts
}
