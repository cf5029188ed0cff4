import { SerializationError } from '../errors.ts'
import type { PathStep } from './value-path.ts'
import { formatPath } from './value-path.ts'
import type { ValueTypes } from './value-type.ts'

/** Where a value comes from, and what is done about what cannot be kept. */
export interface SnapshotOptions {
  /** A phrase for messages, such as `node 'a' (execution 'x'), output`. */
  readonly where: string
  readonly nodeId?: string | undefined
  readonly blueprintId?: string | undefined
  readonly executionId?: string | undefined
  /** The largest value, in bytes of memory, approximately. Default 64 MiB. */
  readonly maxBytes?: number | undefined
  /** The classes whose instances are kept. Default none. */
  readonly types?: ValueTypes | undefined
  /** Told once for each class whose instances are recorded without their class. */
  readonly onWarning?: ((message: string) => void) | undefined
  /** The prototypes of which `onWarning` has been told; share it between calls. Default a new one for each call. */
  readonly warned?: WeakSet<object> | undefined
}

/** A part of a value: the first `depth` steps of `path` lead to it. */
export interface ValuePlace {
  readonly options: SnapshotOptions
  readonly path: readonly PathStep[]
  readonly depth: number
}

/** The error about a part of a value that cannot be recorded or read; `fault` goes on after its name. */
export function failureAt(
  place: ValuePlace,
  doing: 'record' | 'read',
  fault: string,
  cause: unknown,
): SerializationError {
  const { nodeId, blueprintId, executionId } = place.options
  const message = `Cannot ${doing} ${nameOf(place)} ${fault}`
  return new SerializationError(message, { nodeId, blueprintId, executionId, cause })
}

/** Tells of the class of `instance`, unless that is in `warned` already. */
export function warnOf(instance: object, place: ValuePlace, warned: WeakSet<object>): void {
  const { onWarning } = place.options
  // Only objects with a prototype of a class are recorded without it.
  const prototype = Object.getPrototypeOf(instance) as object
  if (!onWarning || warned.has(prototype)) return
  warned.add(prototype)
  const found = `${nameOf(place)} is an instance of ${classNameOf(prototype)}`
  onWarning(`${found}: recorded as plain data, without its class`)
}

function nameOf({ options, path, depth }: ValuePlace): string {
  return `${options.where}: ${formatPath(path.slice(0, depth)) || 'the value'}`
}

function classNameOf(prototype: object): string {
  const { constructor } = prototype
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class without a name'
}
