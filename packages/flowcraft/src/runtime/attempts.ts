import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import { isNodeClass, type NodeImplementation, type NodeResult } from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import type { WorkflowError } from '../errors.ts'
import type { RecordedResult } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import type { Clock } from '../ports.ts'
import type { StartFact } from '../scheduler/decision.ts'
import type { EndedAttempt, Outcome, Write } from '../scheduler/outcome.ts'
import { acceptWait, toWaitFact, type Accepted } from './accepted.ts'
import type { AttemptContext } from './attempt-context.ts'
import { execute, type Ending, type Visit } from './execute.ts'
import { NodeCall, type AttemptPlace, type CallScope } from './node-call.ts'
import { WrappedNode, type WrappedAttempt } from './wrapped-node.ts'

/** What a run's attempts are made with. */
export interface AttemptsOptions extends CallScope {
  readonly clock: Clock
  /** What is done around every node, the outermost first. */
  readonly middleware: readonly Middleware[]
  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation
  /** @throws DYNAMIC_NODES_INVALID for a result with nodes or edges that cannot join the run as it is now. */
  requireJoinable(node: PlanNode, result: RecordedResult): void
}

/** The attempts of one run that are going on. */
export class Attempts {
  readonly #options: AttemptsOptions
  /** By node index: a node has one attempt at a time. */
  readonly #live: (Attempt | undefined)[] = []
  #liveCount = 0
  /** What the attempts of one iteration of a class node have in common, by node index. */
  readonly #visits = new Map<number, Visit>()
  /** What goes on with middleware around it, by node index; also between two attempts. */
  readonly #wrapped = new Map<number, WrappedNode>()
  #isAborted = false

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** Makes an attempt that has been recorded as started, and tells how it ended unless it was aborted. */
  make(node: PlanNode, { payload }: StartFact, onEnd: (ended: EndedAttempt) => void): void {
    const isRegistryFallback = payload.fallbackFor === node.id
    const implementation = this.#options.implementationOf(node, isRegistryFallback)
    const visit = isNodeClass(implementation) ? this.#visitOf(node, payload.attempt, isRegistryFallback) : undefined
    const { middleware } = this.#options
    if (middleware.length > 0) {
      const wrapped = this.#wrappedOf(node, middleware)
      const attempt = new Attempt(this.#options, node, payload, implementation, visit, wrapped.context)
      return wrapped.make(attempt, (ended, isLast) => {
        if (isLast) this.#forget(node)
        onEnd(ended)
      })
    }
    const attempt = new Attempt(this.#options, node, payload, implementation, visit, undefined)
    this.#live[node.index] = attempt
    this.#liveCount += 1
    void execute(attempt).then((ending) => {
      if (this.#isAborted) return
      this.#live[node.index] = undefined
      this.#liveCount -= 1
      const ended = attempt.end(ending)
      if (!attempt.isLast && 'error' in ended.outcome && ended.outcome.isRetryable) return onEnd(ended)
      this.#visits.delete(node.index)
      onEnd(ended)
    })
  }

  /** Aborts every attempt: nothing that comes of it counts. The reason is asked for only if there is one. */
  abort(reason: () => unknown, why: string): void {
    this.#isAborted = true
    this.#visits.clear()
    if (this.#liveCount === 0 && this.#wrapped.size === 0) return
    const given = reason()
    for (const attempt of this.#live) attempt?.abort(given, why)
    this.#live.length = 0
    for (const wrapped of this.#wrapped.values()) wrapped.abort(given, why)
    this.#wrapped.clear()
  }

  #visitOf(node: PlanNode, attempt: number, isRegistryFallback: boolean): Visit {
    let visit = attempt === 1 || isRegistryFallback ? undefined : this.#visits.get(node.index)
    if (visit === undefined) this.#visits.set(node.index, (visit = {}))
    return visit
  }

  #wrappedOf({ id, index }: PlanNode, middleware: readonly Middleware[]): WrappedNode {
    let wrapped = this.#wrapped.get(index)
    if (wrapped === undefined) this.#wrapped.set(index, (wrapped = new WrappedNode(this.#options, id, middleware)))
    return wrapped
  }

  #forget({ index }: PlanNode): void {
    this.#wrapped.delete(index)
    this.#visits.delete(index)
  }
}

/** One attempt, from its start to its outcome. */
class Attempt implements WrappedAttempt, AttemptPlace {
  readonly node: PlanNode
  readonly input: unknown
  readonly attempt: number
  readonly iteration: number
  readonly isRegistryFallback: boolean
  readonly implementation: NodeImplementation
  readonly visit: Visit | undefined
  readonly outerContext: AttemptContext | undefined
  readonly #options: AttemptsOptions
  readonly #startedAt: number
  /** How many attempts before it were cut off by crashes. */
  readonly #crashes: number
  isAborted = false
  #call: NodeCall | undefined
  #onAbort: (() => void) | undefined

  constructor(
    options: AttemptsOptions,
    node: PlanNode,
    { input, attempt, iteration, fallbackFor }: StartFact['payload'],
    implementation: NodeImplementation,
    visit: Visit | undefined,
    outerContext: AttemptContext | undefined,
  ) {
    this.#options = options
    this.node = node
    this.input = input
    this.attempt = attempt
    this.iteration = iteration
    this.isRegistryFallback = fallbackFor === node.id
    this.implementation = implementation
    this.visit = visit
    this.outerContext = outerContext
    this.#startedAt = options.clock.now()
    this.#crashes = attempt === 1 ? 0 : (options.state().nodes.get(node.id)?.crashes ?? 0)
  }

  get isLast(): boolean {
    return this.isRegistryFallback || this.attempt - this.#crashes >= this.node.maxAttempts
  }

  get clock(): Clock {
    return this.#options.clock
  }

  get logger(): ILogger {
    return this.#options.logger
  }

  newCall(): NodeCall {
    this.#call = new NodeCall(this.#options, this)
    return this.#call
  }

  onAbort(callback: () => void): void {
    this.#onAbort = callback
  }

  abort(reason: unknown, why: string): void {
    this.isAborted = true
    this.#onAbort?.()
    this.#call?.abort(reason, why)
  }

  accept(returned: unknown): Accepted {
    if (typeof returned !== 'object' || returned === null) return {}
    const { executionId, values } = this.#options
    const { id } = this.node
    const { output, action, wait, dynamicNodes, dynamicEdges } = returned as NodeResult
    const taken = values.take(output, `output of node '${id}' (execution '${executionId}')`, id)
    if (wait !== undefined) return { wait: acceptWait(wait, id, executionId) }
    if (dynamicNodes !== undefined || dynamicEdges !== undefined) {
      const where = `the nodes that node '${id}' creates (execution '${executionId}')`
      // Whether they are nodes and edges is looked at below.
      const added = values.take({ nodes: dynamicNodes ?? [], edges: dynamicEdges ?? [] }, where, id) as Added
      const own = { ...(taken !== undefined && { output: taken }), ...(typeof action === 'string' && { action }) }
      const result = { ...own, dynamicNodes: added.nodes, dynamicEdges: added.edges }
      this.#options.requireJoinable(this.node, result)
      return result
    }
    if (typeof action !== 'string') return taken === undefined ? {} : { output: taken }
    return taken === undefined ? { action } : { output: taken, action }
  }

  give({ output, ...rest }: Accepted): NodeResult {
    return output === undefined ? rest : { output: this.#options.values.give(output), ...rest }
  }

  end(ending: Ending): EndedAttempt {
    ending.call.close('has ended')
    if ('result' in ending) {
      const { wait } = ending.result
      const outcome = wait === undefined ? { result: ending.result } : { wait: toWaitFact(wait) }
      return this.#endWith(outcome, ending.call.writes)
    }
    const { isRetryable, isTimeout, call } = ending
    return this.#endWith({ error: this.#toError(ending.error), isRetryable }, isTimeout ? [] : call.writes)
  }

  #endWith(outcome: Outcome, writes: readonly Write[]): EndedAttempt {
    const { node, attempt, iteration, isRegistryFallback } = this
    const crashes = this.#crashes
    const durationMs = Math.max(0, this.clock.now() - this.#startedAt)
    return { node, attempt, crashes, iteration, isRegistryFallback, writes, durationMs, outcome }
  }

  #toError(thrown: unknown): WorkflowError {
    const { blueprintId, executionId, clock, values } = this.#options
    const place = { nodeId: this.node.id, blueprintId, executionId, now: clock.now(), types: values.types }
    return toWorkflowError(thrown, place)
  }
}

interface Added {
  readonly nodes: readonly NodeDefinition[]
  readonly edges: readonly EdgeDefinition[]
}
