/**
 * Makes a recorded object read-only. Maps, Sets, Dates, URLs and RegExps keep their data where `Object.freeze` does not
 * reach, so these get methods that refuse; bytes cannot be protected at all.
 */
export function makeReadOnly<T extends object>(object: T): T {
  if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) return object
  const guards = guardsOf(object)
  if (guards) Object.defineProperties(object, guards)
  return Object.freeze(object)
}

const mapGuards = refuse('Map', ['set', 'delete', 'clear'])
const setGuards = refuse('Set', ['add', 'delete', 'clear'])
const dateGuards = refuse(
  'Date',
  namesOf(Date.prototype).filter((name) => name.startsWith('set')),
)
const regExpGuards = refuse('RegExp', ['compile'])
const urlGuards = urlAccessors()

function guardsOf(object: object): PropertyDescriptorMap | undefined {
  if (object instanceof Map) return mapGuards
  if (object instanceof Set) return setGuards
  if (object instanceof Date) return dateGuards
  if (object instanceof RegExp) return regExpGuards
  if (object instanceof URL) return urlGuards
  return undefined
}

function refuse(kind: string, methods: readonly string[]): PropertyDescriptorMap {
  return Object.fromEntries(methods.map((method) => [method, { value: () => refuseChange(kind) }]))
}

/** The accessors of URL without their setters; `searchParams` is a copy each time. */
function urlAccessors(): PropertyDescriptorMap {
  const guards: PropertyDescriptorMap = {
    searchParams: {
      get(this: URL) {
        return new URLSearchParams(this.search)
      },
    },
  }
  for (const name of namesOf(URL.prototype)) {
    const accessor = Object.getOwnPropertyDescriptor(URL.prototype, name)
    if (accessor?.set) guards[name] = { ...accessor, enumerable: false, set: () => refuseChange('URL') }
  }
  return guards
}

function refuseChange(kind: string): never {
  throw new TypeError(`Recorded values are read-only: this ${kind} is part of a history; change a copy of it instead`)
}

function namesOf(prototype: object): string[] {
  return Object.getOwnPropertyNames(prototype)
}
