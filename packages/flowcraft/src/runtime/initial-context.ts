import { FlowcraftError } from '../errors.ts'
import { put } from '../events/own-property.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import { isReservedKey } from '../state/select.ts'
import type { Values } from './values.ts'

/** What an initial state says. */
export interface InitialContext {
  readonly context: Readonly<Record<string, unknown>>
  /** What `_targetNode` names; it is no key of the context. */
  readonly targets: readonly string[] | undefined
}

/**
 * The context that a run begins with, and its targets.
 * @throws INPUT_INVALID for what is no object of keys, CONTEXT_KEY_RESERVED, SERIALIZATION_FAILED.
 */
export function initialContextOf(
  initialState: object | string,
  serializer: ISerializer,
  values: Values,
  executionId: string,
): InitialContext {
  const state: unknown = typeof initialState === 'string' ? serializer.deserialize(initialState) : initialState
  const kind = Object.prototype.toString.call(state).slice('[object '.length, -1)
  if (typeof state !== 'object' || state === null || kind !== 'Object') {
    throw new FlowcraftError(
      `The initial state of a run is an object with a value for each context key, or its text; found ${kind}`,
      { code: 'INPUT_INVALID', executionId },
    )
  }
  const context: Record<string, unknown> = {}
  let targets: readonly string[] | undefined
  for (const [key, value] of Object.entries(state)) {
    if (key === '_targetNode') {
      targets = targetsOf(value, executionId)
      continue
    }
    if (isReservedKey(key)) {
      throw new FlowcraftError(
        `The initial state has the key '${key}', which belongs to the engine (as does every key that begins with '_outputs.', '_inputs.', '_executionId', '_awaiting' or '_run'). Choose another name`,
        { code: 'CONTEXT_KEY_RESERVED', executionId },
      )
    }
    put(context, key, values.take(value, `key '${key}' of the initial state (execution '${executionId}')`))
  }
  return { context: Object.freeze(context), targets }
}

function targetsOf(value: unknown, executionId: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  const targets: unknown[] = Array.isArray(value) ? value : [value]
  if (targets.length > 0 && targets.every((id) => typeof id === 'string')) return Object.freeze([...new Set(targets)])
  throw new FlowcraftError(`'_targetNode' of the initial state is the id of a node, or a list of ids`, {
    code: 'INPUT_INVALID',
    executionId,
  })
}
