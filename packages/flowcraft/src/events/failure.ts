import { isFlowcraftError, type ErrorCause, type WorkflowError } from '../errors.ts'
import { put } from './own-property.ts'
import { snapshot } from './snapshot.ts'
import type { ValueTypes } from './value-type.ts'

/** Where something was thrown, and when (epoch milliseconds). */
export interface FailurePlace {
  readonly nodeId?: string | undefined
  readonly blueprintId: string
  readonly executionId: string
  readonly now: number
  /** The classes whose instances are kept. Default none. */
  readonly types?: ValueTypes | undefined
}

/**
 * A thrown value as deep-frozen plain data. Never throws, whatever `thrown` is. Kept are up to 32 causes in a chain,
 * up to 256 errors in all, and properties of up to 1 MiB each.
 */
export function toWorkflowError(thrown: unknown, where: FailurePlace): WorkflowError {
  const seen = new Set<unknown>()
  const original = describeThrown(thrown, seen, 0, where.types)
  const place = {
    ...(where.nodeId !== undefined && { nodeId: where.nodeId }),
    blueprintId: where.blueprintId,
    executionId: where.executionId,
    isFatal: isFatal(thrown),
    timestamp: new Date(where.now).toISOString(),
    ...(original.stack !== undefined && { stack: original.stack }),
  }
  const { name, message, code, cause } = original
  const error: WorkflowError = isOurs(thrown)
    ? { message, name, ...(typeof code === 'string' && { code }), ...place, ...(cause && { cause }) }
    : { message: failureOf(where), name: 'FlowcraftError', code: 'NODE_FAILED', ...place, cause: original }
  // A snapshot of plain strings and of snapshots is a WorkflowError again.
  return snapshot(error, { where: 'an error', maxBytes: Infinity }) as WorkflowError
}

const maxCauses = 32
const maxErrors = 256
const maxPropertyBytes = 1024 * 1024
const fields: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'code', 'cause', 'errors'])

function failureOf(where: FailurePlace): string {
  return where.nodeId === undefined
    ? `Execution '${where.executionId}' failed`
    : `Node '${where.nodeId}' execution failed`
}

/** A thrown value as data. `seen` cuts cycles, and the chain that hangs on an error seen before. */
export function describeThrown(
  thrown: unknown,
  seen: Set<unknown> = new Set(),
  depth = 0,
  types?: ValueTypes,
): ErrorCause {
  if (!isErrorLike(thrown)) return { name: 'NonError', message: textOf(thrown) }
  seen.add(thrown)
  const stack = read(thrown, 'stack')
  const code = read(thrown, 'code')
  const cause = read(thrown, 'cause')
  const isNew = cause !== undefined && !seen.has(cause) && depth < maxCauses && seen.size < maxErrors
  const properties = propertiesOf(thrown, seen, depth, types)
  return {
    name: stringOr(read(thrown, 'name'), 'Error'),
    message: stringOr(read(thrown, 'message'), ''),
    ...(typeof stack === 'string' && { stack }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(isNew && { cause: describeThrown(cause, seen, depth + 1, types) }),
    ...(properties && { properties }),
  }
}

function propertiesOf(
  error: object,
  seen: Set<unknown>,
  depth: number,
  types: ValueTypes | undefined,
): Record<string, unknown> | undefined {
  const options = { maxBytes: maxPropertyBytes, types }
  const properties: Record<string, unknown> = {}
  for (const key of attempt(() => Object.keys(error), [])) {
    if (fields.has(key)) continue
    const value = attempt(() => snapshot(read(error, key), { where: key, ...options }), undefined)
    if (value !== undefined) put(properties, key, value)
  }
  const errors = read(error, 'errors')
  if (attempt(() => Array.isArray(errors), false)) put(properties, 'errors', describeAll(errors, seen, depth, types))
  return Object.keys(properties).length === 0 ? undefined : properties
}

function describeAll(errors: unknown, seen: Set<unknown>, depth: number, types: ValueTypes | undefined): ErrorCause[] {
  const all: readonly unknown[] = attempt(() => Array.from(errors as Iterable<unknown>), [])
  const described: ErrorCause[] = []
  for (const error of all) {
    if (seen.has(error) || seen.size >= maxErrors || depth >= maxCauses) continue
    described.push(describeThrown(error, seen, depth + 1, types))
  }
  return described
}

/** Whether a thrown value is a fatal error of this library, or wraps one. Never throws. */
export function isFatal(thrown: unknown): boolean {
  let error = thrown
  for (let depth = 0; depth <= maxCauses && error !== undefined && error !== null; depth++) {
    if (isOurs(error) && read(error, 'isFatal') === true) return true
    error = read(error, 'cause')
  }
  return false
}

function isOurs(thrown: unknown): thrown is object {
  return attempt(() => isFlowcraftError(thrown), false)
}

function isErrorLike(thrown: unknown): thrown is object {
  const isError = () => thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
  return isOurs(thrown) || attempt(isError, false)
}

/** What a thrown non-error says: a string as it is, an object as JSON where that works. */
function textOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return attempt(() => String(thrown), typeof thrown)
  const json: unknown = attempt(() => JSON.stringify(thrown), undefined)
  return typeof json === 'string'
    ? json
    : attempt(() => Object.prototype.toString.call(thrown), 'an object that cannot be read')
}

function read(object: unknown, key: string): unknown {
  return attempt(() => (object as Record<string, unknown>)[key], undefined)
}

function stringOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

/** What `action` gives, or `fallback` when it throws: thrown values may be proxies and have getters of any kind. */
function attempt<T>(action: () => T, fallback: T): T {
  try {
    return action()
  } catch {
    return fallback
  }
}
