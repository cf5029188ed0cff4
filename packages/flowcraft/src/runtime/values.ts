import { isFlowcraftError } from '../errors.ts'
import { asReadOnly } from '../events/bytes.ts'
import { copyOf, snapshot, type SnapshotOptions } from '../events/snapshot.ts'
import type { ValueTypes } from '../events/value-type.ts'
import { JsonSerializer, type ISerializer } from '../extensions/serializer.ts'

/** Whether what nodes hand over is copied, or shared with whoever reads it. */
export type Isolation = 'clone' | 'reference'

/** How values go into a run and come out of it. */
export interface Values {
  /** The classes whose instances are kept; absent when there are none. */
  readonly types?: ValueTypes | undefined
  /** A value as it is recorded. @throws SERIALIZATION_FAILED for what cannot be recorded, if the run is. */
  take(value: unknown, where: string, nodeId?: string): unknown
  /** A recorded value as somebody may have it: a copy of their own. @throws SERIALIZATION_FAILED by way of `types`. */
  give(value: unknown): unknown
  /** A recorded value as expressions see it, which change nothing: present only where that is not the value itself. */
  readonly show?: ((value: unknown) => unknown) | undefined
}

/** What {@link valuesOf} needs to know of a run. */
export interface ValuesOptions {
  readonly isolation: Isolation
  readonly isRecorded: boolean
  readonly executionId: string
  readonly blueprintId: string
  /** Default none. */
  readonly valueTypes?: ValueTypes | undefined
  readonly warned: WeakSet<object>
  onWarning(message: string): void
}

/** The way of a run with values: recorded ones are snapshots, and every reader gets a copy. */
export function valuesOf(options: ValuesOptions): Values {
  const { executionId, blueprintId, warned, onWarning, valueTypes: types } = options
  if (options.isolation === 'reference') return { take: same, give: same, types, show: undefined }
  const take = (value: unknown, where: string, nodeId?: string): unknown => {
    // The codec refuses functions, symbols and texts that are too long.
    const isSimple = typeof value === 'string' ? value.length < longText : !isObject(value) && typeof value !== 'symbol'
    if (isSimple) return value
    const place: SnapshotOptions = { where, nodeId, blueprintId, executionId, types, warned, onWarning }
    return snapshot(value, place)
  }
  const reading = types && { where: `a value of execution '${executionId}'`, blueprintId, executionId, types }
  if (!options.isRecorded) return passing(take, reading)
  if (reading === undefined) return { take, give: copyOf, types, show: undefined }
  return { take, give: giveWith(reading), types, show: (value) => asReadOnly(value, reading) }
}

/** How recorded values are given to somebody outside of a run, with instances of `types`. */
export function giverOf(types: ValueTypes | undefined): (value: unknown) => unknown {
  return types === undefined ? copyOf : giveWith({ where: 'a recorded value', types })
}

/** `serializer`, by default a `JsonSerializer`. The texts of a `JsonSerializer` keep instances of `types` too. */
export function serializerOf(serializer: ISerializer = new JsonSerializer(), types?: ValueTypes): ISerializer {
  if (types === undefined || !(serializer instanceof JsonSerializer)) return serializer
  const options: SnapshotOptions = { where: 'the context', types }
  // What is made of an object of keys is one.
  const asContext = (value: unknown): Record<string, unknown> => value as Record<string, unknown>
  return {
    serialize: (context) => serializer.serialize(asContext(snapshot(context, options))),
    deserialize: (text) => asContext(copyOf(serializer.deserialize(text), undefined, options)),
  }
}

function giveWith(reading: SnapshotOptions): (value: unknown) => unknown {
  return (value) => copyOf(value, undefined, reading)
}

/** A run that nothing records passes what cannot be recorded by reference. */
function passing(take: Values['take'], reading: SnapshotOptions | undefined): Values {
  let passed: WeakSet<object> | undefined
  const give = (value: unknown): unknown => copyOf(value, passed, reading)
  return {
    take(value, where, nodeId) {
      try {
        return take(value, where, nodeId)
      } catch (error) {
        if (!isFlowcraftError(error, 'SERIALIZATION_FAILED')) throw error
        if (isObject(value)) (passed ??= new WeakSet()).add(value)
        return value
      }
    },
    give,
    types: reading?.types,
    show: reading && give,
  }
}

function same(value: unknown): unknown {
  return value
}

/** From so many characters on, a text may be too large to be recorded. */
const longText = 1_000_000

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
