/** In bytes of UTF-8: what fits an index of PostgreSQL with room to spare. */
const longestId = 2400

/** Whether PostgreSQL takes `text` and gives it back as it is. */
export function isStorableText(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text)
}

/** Whether `text` can name an execution, a writer, an owner or a blueprint. */
export function isStorableId(text: string): boolean {
  // What a store is given may be damaged.
  return (
    typeof text === 'string' &&
    isStorableText(text) &&
    (text.length <= longestId / 3 || Buffer.byteLength(text) <= longestId)
  )
}

/** What to say of an id that is not storable. */
export function malformedIdMessage(what: string, id: string): string {
  const shown = id.length > 100 ? `${JSON.stringify(id.slice(0, 100))}… (${id.length} characters)` : JSON.stringify(id)
  return `The ${what} ${shown} has a NUL character or a lone surrogate, or more than ${longestId} bytes: choose another`
}
