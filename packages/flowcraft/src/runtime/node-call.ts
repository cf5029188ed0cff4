import type { EngineDependencies, NodeContext } from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Write } from '../scheduler/outcome.ts'
import { AttemptContext, type AttemptScope } from './attempt-context.ts'

/** What a {@link NodeCall} needs of its run. */
export interface CallScope extends AttemptScope {
  /** The one that nodes get. */
  readonly nodeLogger: ILogger
  readonly dependencies: Record<string, unknown> & EngineDependencies
  /** A node's parameters, as nodes may have them. */
  paramsOf(node: PlanNode): Readonly<Record<string, unknown>>
}

/** Which attempt a call is of. */
export interface AttemptPlace {
  readonly node: PlanNode
  /** As it is recorded. */
  readonly input: unknown
  readonly attempt: number
  readonly iteration: number
  readonly isRegistryFallback: boolean
  /** That of the middleware around the node. */
  readonly outerContext: AttemptContext | undefined
}

/** What a node is called with. Whatever costs something is made when it is first read. */
export class NodeCall implements NodeContext {
  readonly #scope: CallScope
  readonly #place: AttemptPlace
  #context: AttemptContext | undefined
  #input: { readonly value: unknown } | undefined
  #controller: AbortController | undefined
  #abort: { readonly reason: unknown } | undefined
  #closedBy: string | undefined

  constructor(scope: CallScope, place: AttemptPlace) {
    this.#scope = scope
    this.#place = place
  }

  get context(): AttemptContext {
    if (this.#context === undefined) {
      this.#context = new AttemptContext(this.#scope, this.nodeId, this.#place.outerContext)
      if (this.#closedBy !== undefined) this.#context.close(this.#closedBy)
    }
    return this.#context
  }

  get input(): unknown {
    this.#input ??= { value: this.#scope.values.give(this.#place.input) }
    return this.#input.value
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abort !== undefined) this.#controller.abort(this.#abort.reason)
    }
    return this.#controller.signal
  }

  get params(): Readonly<Record<string, unknown>> {
    return this.#scope.paramsOf(this.#place.node)
  }

  get dependencies(): CallScope['dependencies'] {
    return this.#scope.dependencies
  }

  get logger(): ILogger {
    return this.#scope.nodeLogger
  }

  get executionId(): string {
    return this.#scope.executionId
  }

  get nodeId(): string {
    return this.#place.node.id
  }

  get attempt(): number {
    return this.#place.attempt
  }

  get iteration(): number {
    return this.#place.iteration
  }

  get idempotencyKey(): string {
    const key = `${this.executionId}/${this.nodeId}/${this.iteration}`
    return this.#place.isRegistryFallback ? `${key}/fallback` : key
  }

  /** What was written so far, in order. */
  get writes(): readonly Write[] {
    return this.#context?.writes ?? noWrites
  }

  /** Refuses every further write. */
  close(why: string): void {
    this.#closedBy ??= why
    this.#context?.close(why)
  }

  /** Aborts the signal and closes the context. */
  abort(reason: unknown, why: string): void {
    this.close(why)
    if (this.#abort !== undefined) return
    this.#abort = { reason }
    this.#controller?.abort(reason)
  }
}

const noWrites: readonly Write[] = Object.freeze([])
