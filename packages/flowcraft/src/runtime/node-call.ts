import type { NodeContext } from '../blueprint/node.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { AttemptContext } from './attempt-context.ts'

/** What a {@link NodeCall} is made of. */
export interface NodeCallOptions {
  readonly context: AttemptContext
  readonly executionId: string
  readonly nodeId: string
  readonly attempt: number
  readonly iteration: number
  readonly isRegistryFallback: boolean
  readonly params: Readonly<Record<string, unknown>>
  readonly dependencies: Record<string, unknown> & { readonly logger: ILogger }
  /** The attempt's own copy of its input; called once, on first use. */
  input(): unknown
}

/** What a node is called with. Whatever costs something is made when it is first read. */
export class NodeCall implements NodeContext {
  readonly context: AttemptContext
  readonly #options: NodeCallOptions
  #input: { readonly value: unknown } | undefined
  #controller: AbortController | undefined
  #abort: { readonly reason: unknown } | undefined

  constructor(options: NodeCallOptions) {
    this.context = options.context
    this.#options = options
  }

  get input(): unknown {
    this.#input ??= { value: this.#options.input() }
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
    return this.#options.params
  }

  get dependencies(): Record<string, unknown> & { readonly logger: ILogger } {
    return this.#options.dependencies
  }

  get logger(): ILogger {
    return this.#options.dependencies.logger
  }

  get executionId(): string {
    return this.#options.executionId
  }

  get nodeId(): string {
    return this.#options.nodeId
  }

  get attempt(): number {
    return this.#options.attempt
  }

  get iteration(): number {
    return this.#options.iteration
  }

  get idempotencyKey(): string {
    const { executionId, nodeId, iteration, isRegistryFallback } = this.#options
    return `${executionId}/${nodeId}/${iteration}${isRegistryFallback ? '/fallback' : ''}`
  }

  /** Aborts the signal and closes the context. */
  abort(reason: unknown, why: string): void {
    this.context.close(why)
    if (this.#abort !== undefined) return
    this.#abort = { reason }
    this.#controller?.abort(reason)
  }
}
