import type { NodeImplementation } from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import type { WorkflowError } from '../errors.ts'
import type { RecordedResult } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Clock } from '../ports.ts'
import type { EndedAttempt, StartFact } from '../scheduler/decide.ts'
import type { RunState } from '../state/run-state.ts'
import { AttemptContext } from './attempt-context.ts'
import { asNodeResult, execute, type Ending, type Visit } from './execute.ts'
import { NodeCall } from './node-call.ts'
import type { Values } from './values.ts'

/** What a run's attempts are made with. */
export interface AttemptsOptions {
  readonly executionId: string
  readonly blueprintId: string
  readonly values: Values
  readonly clock: Clock
  readonly dependencies: Record<string, unknown> & { readonly logger: ILogger }
  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation
  /** A node's parameters, as nodes may have them. */
  paramsOf(node: PlanNode): Readonly<Record<string, unknown>>
  state(): RunState
  /** Resolves when what a reader sees is durable, where that matters. */
  untilSafe(): Promise<void>
}

/** The attempts of one run that are going on. */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #calls = new Map<number, NodeCall[]>()
  /** What the attempts of one iteration of a class node have in common. */
  readonly #visits = new Map<number, Visit>()
  #isAborted = false

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** Makes an attempt that has been recorded as started; `undefined` when it was aborted. Never rejects. */
  async make(node: PlanNode, { payload }: StartFact): Promise<EndedAttempt | undefined> {
    const { clock, implementationOf } = this.#options
    const { attempt, iteration, fallbackFor } = payload
    const isRegistryFallback = fallbackFor === node.id
    const startedAt = clock.now()
    const calls: NodeCall[] = []
    if (attempt === 1 || isRegistryFallback) this.#visits.set(node.index, {})
    this.#calls.set(node.index, calls)
    const ending = await execute({
      implementation: implementationOf(node, isRegistryFallback),
      visit: this.#visits.get(node.index) ?? {},
      isLast: isRegistryFallback || attempt >= node.maxAttempts,
      timeoutMs: node.timeoutMs,
      clock,
      nodeId: node.id,
      newCall: () => {
        const call = this.#newCall(node, payload, isRegistryFallback)
        calls.push(call)
        return call
      },
    })
    if (this.#isAborted) return undefined
    this.#calls.delete(node.index)
    const durationMs = Math.max(0, clock.now() - startedAt)
    const outcome = this.#outcomeOf(node, ending)
    for (const call of calls) call.context.close('has ended')
    const writes = 'error' in ending && ending.isTimeout ? [] : ending.call.context.writes
    return { node, attempt, iteration, isRegistryFallback, writes, durationMs, outcome }
  }

  /** Aborts every attempt: nothing that comes of it counts. */
  abort(reason: unknown, why: string): void {
    this.#isAborted = true
    for (const calls of this.#calls.values()) for (const call of calls) call.abort(reason, why)
    this.#calls.clear()
    this.#visits.clear()
  }

  #newCall(node: PlanNode, { input, attempt, iteration }: StartFact['payload'], isRegistryFallback: boolean): NodeCall {
    const { executionId, blueprintId, values, dependencies, paramsOf, state, untilSafe } = this.#options
    const nodeId = node.id
    return new NodeCall({
      context: new AttemptContext({ nodeId, blueprintId, executionId, values, state, untilSafe }),
      executionId,
      nodeId,
      attempt,
      iteration,
      isRegistryFallback,
      params: paramsOf(node),
      dependencies,
      input: () => values.give(input),
    })
  }

  #outcomeOf(node: PlanNode, ending: Ending): EndedAttempt['outcome'] {
    const { executionId, blueprintId, values, clock } = this.#options
    const toError = (thrown: unknown): WorkflowError =>
      toWorkflowError(thrown, { nodeId: node.id, blueprintId, executionId, now: clock.now() })
    if ('error' in ending) return { error: toError(ending.error), isRetryable: ending.isRetryable }
    try {
      const { output, action } = asNodeResult(ending.result)
      const taken = values.take(output, `output of node '${node.id}' (execution '${executionId}')`, node.id)
      const result: RecordedResult = {
        ...(taken !== undefined && { output: taken }),
        ...(typeof action === 'string' && { action }),
      }
      return { result }
    } catch (error) {
      return { error: toError(error), isRetryable: true }
    }
  }
}
