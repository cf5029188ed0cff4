import type { WorkflowError } from '../errors.ts'
import { contextOf } from './select.ts'
import type { RunState } from './run-state.ts'

/** What of a result follows from the state alone. */
export interface ResultBody {
  readonly context: Record<string, unknown>
  readonly serializedContext: string
  readonly errors: readonly WorkflowError[] | undefined
}

/** The context, its text, and the errors of a state that does not change any more. */
export function resultOf(
  state: RunState,
  give: (value: unknown) => unknown,
  serialize: (context: Record<string, unknown>) => string,
): ResultBody {
  let context: Record<string, unknown> | undefined
  let serialized: string | undefined
  const body: ResultBody = {
    get context() {
      context ??= contextOf(state, give)
      return context
    },
    get serializedContext() {
      // Not from `context`, which its reader may have changed.
      serialized ??= serialize(contextOf(state, give))
      return serialized
    },
    errors: state.errors.size > 0 ? [...state.errors.values()] : undefined,
  }
  // Node prints a getter as such: whoever logs a result wants to see the context in it.
  return Object.defineProperty(body, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: ResultBody) {
      const readable = Object.entries(Object.getOwnPropertyDescriptors(this)).filter(([, { get }]) => get === undefined)
      return { context: this.context, ...Object.fromEntries(readable.map(([key, { value }]) => [key, value])) }
    },
  })
}
