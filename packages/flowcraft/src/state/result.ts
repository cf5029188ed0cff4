import type { WorkflowError } from '../errors.ts'
import { contextOf } from './select.ts'
import type { RunState } from './run-state.ts'

/**
 * The context, its text and the errors of a state that does not change any more, with what else belongs to a result.
 * `context` and `serializedContext` are made when they are first read.
 */
export class LazyResult {
  declare readonly context: Record<string, unknown>
  declare readonly serializedContext: string
  readonly errors: readonly WorkflowError[] | undefined
  readonly #state: RunState
  readonly #give: (value: unknown) => unknown
  readonly #serialize: (context: Record<string, unknown>) => string
  #context: Record<string, unknown> | undefined
  #serialized: string | undefined

  // Own properties, so that a result can be spread and compared; shared getters, so that making one costs little. The
  // text is not enumerable: it may be large, and need not be possible for a run that nothing records.
  static readonly #lazy: PropertyDescriptorMap & ThisType<LazyResult> = {
    context: {
      enumerable: true,
      get() {
        this.#context ??= contextOf(this.#state, this.#give)
        return this.#context
      },
    },
    serializedContext: {
      enumerable: false,
      get() {
        // Not from `context`, which its reader may have changed.
        this.#serialized ??= this.#serialize(contextOf(this.#state, this.#give))
        return this.#serialized
      },
    },
  }

  constructor(
    state: RunState,
    give: (value: unknown) => unknown,
    serialize: (context: Record<string, unknown>) => string,
    rest: object,
  ) {
    this.#state = state
    this.#give = give
    this.#serialize = serialize
    this.errors = state.errors.size > 0 ? [...state.errors.values()] : undefined
    Object.defineProperties(this, LazyResult.#lazy)
    Object.assign(this, rest)
  }
}

// Node prints a getter as such: whoever logs a result wants to see the context in it.
Object.defineProperty(LazyResult.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: LazyResult) {
    return Object.assign({}, this)
  },
})
