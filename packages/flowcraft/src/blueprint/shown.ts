/** A value of unknown shape in few words, for messages. Never throws, whatever its JSON has in place of a `toString`. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > longest ? `${value.slice(0, longest)}…` : value}'`
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object'
    case 'function':
      return 'a function'
    default:
      return String(value)
  }
}

/** An id as it is, where no quotes are wanted; in few words what is none. */
export function named(id: unknown): string {
  return typeof id === 'string' ? id : shown(id)
}

const longest = 80
