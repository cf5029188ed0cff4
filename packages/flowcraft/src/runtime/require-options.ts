import { FlowcraftError } from '../errors.ts'

/** What a caller gave that only the compiler has looked at. */
type Given = Readonly<Record<string, unknown>>

/** @throws INPUT_INVALID for options of a run that are none. */
export function requireRunOptions(options: unknown): void {
  const { signal, tags, functionRegistry, executionId, ifRunning } = requireObject('the options of a run', options)
  requireSignal(signal)
  requireRegistry('functionRegistry', functionRegistry)
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) {
    throw invalid('tags', tags, 'an array of texts')
  }
  if (executionId !== undefined && (typeof executionId !== 'string' || executionId === '')) {
    throw invalid('executionId', executionId, 'a text that is not empty')
  }
  if (ifRunning !== undefined && ifRunning !== 'wait' && ifRunning !== 'error') {
    throw invalid('ifRunning', ifRunning, `'wait' or 'error'`)
  }
}

/** @throws INPUT_INVALID for what names no execution, and for options that are none. */
export function requireCall(executionId: unknown, options: unknown = {}): void {
  if (typeof executionId !== 'string' || executionId === '') {
    throw invalid('executionId', executionId, 'a text that is not empty')
  }
  const { signal, functionRegistry } = requireObject('the options of the call', options)
  requireSignal(signal)
  requireRegistry('functionRegistry', functionRegistry)
}

/** @throws INPUT_INVALID for options of a runtime that cannot be used. */
export function requireRuntimeOptions(options: unknown): void {
  const { eventBus, registry } = requireObject('the options of a runtime', options)
  requireRegistry('registry', registry)
  if (eventBus === undefined || hasMethod(eventBus, 'emit')) return
  const hint = hasMethod(eventBus, 'retrieve')
    ? 'an event bus; an event store becomes one by `new PersistentEventBusAdapter(eventStore)`'
    : `an object with a method 'emit'`
  throw invalid('eventBus', eventBus, hint)
}

function requireObject(what: string, value: unknown): Given {
  if (typeof value === 'object' && value !== null) return value as Given
  throw invalid(what, value, 'an object')
}

function requireSignal(signal: unknown): void {
  if (signal === undefined || hasMethod(signal, 'addEventListener')) return
  throw invalid('signal', signal, 'an AbortSignal')
}

function requireRegistry(name: string, registry: unknown): void {
  if (registry === undefined || (typeof registry === 'object' && registry !== null)) return
  throw invalid(name, registry, 'a Map or an object of functions')
}

function hasMethod(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return typeof (value as Given)[name] === 'function'
}

function invalid(name: string, value: unknown, expected: string): FlowcraftError {
  const shown = typeof value === 'string' ? `'${value}'` : value === null ? 'null' : typeof value
  return new FlowcraftError(`'${name}' is ${shown}; expected ${expected}`, { code: 'INPUT_INVALID' })
}
