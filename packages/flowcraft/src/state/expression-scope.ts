import { put } from '../events/own-property.ts'
import type { RunState } from './run-state.ts'
import { contextOf, contextValue, hasContextKey } from './select.ts'

/** What an expression of a node's edges reads as `input` and `result`. */
export interface ExpressionSubject {
  readonly output: unknown
  readonly action: string | undefined
}

/**
 * What the names of an expression stand for: the context, and `input`, `result` and `context`. Every value goes through
 * `show`. With the `names` that it reads, no more than those is looked up.
 */
export function scopeOf(
  state: RunState,
  { output, action }: ExpressionSubject,
  names: readonly string[] | undefined,
  show: (value: unknown) => unknown,
): Record<string, unknown> {
  const scope = namesOf(state, names, show)
  scope['input'] = show(output)
  scope['result'] = { output: show(output), action }
  return scope
}

function namesOf(
  state: RunState,
  names: readonly string[] | undefined,
  show: (value: unknown) => unknown,
): Record<string, unknown> {
  if (names === undefined) {
    const context = contextOf(state, show)
    return { ...context, context }
  }
  const scope: Record<string, unknown> = {}
  for (const name of names) put(scope, name, show(contextValue(state, name)))
  if (names.includes('context')) scope['context'] = lazyContext(state, show)
  return scope
}

/** The whole context as an object that looks each key up when it is read. */
function lazyContext(state: RunState, show: (value: unknown) => unknown): Record<string, unknown> {
  let whole: Record<string, unknown> | undefined
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, key) => (typeof key === 'string' ? show(contextValue(state, key)) : undefined),
      has: (_, key) => typeof key === 'string' && hasContextKey(state, key),
      ownKeys: () => Reflect.ownKeys((whole ??= contextOf(state, show))),
      getOwnPropertyDescriptor: (_, key) =>
        typeof key === 'string' && hasContextKey(state, key)
          ? { value: show(contextValue(state, key)), enumerable: true, configurable: true, writable: false }
          : undefined,
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    },
  )
}
