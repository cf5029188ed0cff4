const constructors = new Map<string, new (message: string) => Error>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
)

/** What is kept of an Error besides its own enumerable properties. */
const named: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** The parts of an Error that are recorded: name, message, stack, cause, errors, then its own enumerable properties. */
export function partsOf(error: Error): Map<string, unknown> {
  const parts = new Map<string, unknown>([
    ['name', textOr(error.name, 'Error')],
    ['message', textOr(error.message, '')],
  ])
  if (typeof error.stack === 'string') parts.set('stack', error.stack)
  if (Object.hasOwn(error, 'cause')) parts.set('cause', error.cause)
  if (Object.hasOwn(error, 'errors')) parts.set('errors', (error as { errors?: unknown }).errors)
  for (const key of Object.keys(error)) {
    if (!named.has(key)) parts.set(key, (error as unknown as Record<string, unknown>)[key])
  }
  return parts
}

/** An Error of the standard class that `name` names, else an `Error` with that name. It has no stack yet. */
export function errorNamed(name: string, message: string): Error {
  const error = bareError(name, message)
  if (error.name !== name) setErrorPart(error, 'name', name)
  delete error.stack
  return error
}

/** Gives `error` a part, visible to enumeration only where it is one of the error's own further properties. */
export function setErrorPart(error: Error, key: string, value: unknown): void {
  const enumerable = !named.has(key) || (key === 'errors' && !(error instanceof AggregateError))
  Object.defineProperty(error, key, { value, writable: true, enumerable, configurable: true })
}

function bareError(name: string, message: string): Error {
  if (name === 'AggregateError') return new AggregateError([], message)
  return new (constructors.get(name) ?? Error)(message)
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}
