import { FlowcraftError } from '../errors.ts'

/** A class whose instances are recorded as data, and read as instances again. */
export interface ValueType<T = unknown> {
  /** Recorded with every instance: it must stay the same as long as there are histories with it. */
  readonly name: string
  /** Whether `value` is an instance. Asked about objects that are neither plain objects nor plain arrays. */
  is(value: unknown): boolean
  /** What an instance consists of: anything that can be recorded, and that does not lead back to the instance. */
  encode(value: T): unknown
  /** An instance made of what `encode` gave: of a copy, which it may keep and change. */
  decode(encoded: unknown): T
}

/** The value types of a runtime. */
export interface ValueTypes {
  /** In the order in which they are asked. */
  readonly all: readonly ValueType[]
  named(name: string): ValueType | undefined
}

/** `list` as value types; `undefined` for none. @throws INPUT_INVALID unless it is a list of types with unique names. */
export function valueTypesOf(list: readonly ValueType[] | undefined): ValueTypes | undefined {
  if (list === undefined) return undefined
  if (!Array.isArray(list)) throw invalid(`'valueTypes' is ${list === null ? 'null' : typeof list}`)
  const all = Array.from<ValueType>(list)
  const byName = new Map<string, ValueType>()
  for (const [index, type] of all.entries()) {
    const fault = faultOf(type) ?? (byName.has(type.name) ? `has the name '${type.name}' of an earlier one` : undefined)
    if (fault !== undefined) throw invalid(`'valueTypes[${index}]' ${fault}`)
    byName.set(type.name, type)
  }
  return all.length === 0 ? undefined : { all, named: (name) => byName.get(name) }
}

function faultOf(type: Partial<ValueType> | null | undefined): string | undefined {
  if (typeof type?.name !== 'string' || type.name === '') return 'has no name'
  const methods = ['is', 'encode', 'decode'] as const
  const missing = methods.find((method) => typeof type[method] !== 'function')
  return missing && `('${type.name}') has no function '${missing}'`
}

function invalid(fault: string): FlowcraftError {
  const expected = 'expected a list of { name, is, encode, decode }, each with a name of its own'
  return new FlowcraftError(`${fault}; ${expected}`, { code: 'INPUT_INVALID' })
}
