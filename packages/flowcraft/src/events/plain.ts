/** Whether JSON can say `value`, which is neither an object nor text. */
export function isPlainPrimitive(value: unknown): boolean {
  if (typeof value === 'number') return value === 0 ? !Object.is(value, -0) : Number.isFinite(value)
  return typeof value === 'boolean' || value === null
}

/** Whether objects with `prototype` are plain: it is that of a literal, of this or another realm, or there is none. */
export function isPlainPrototype(prototype: unknown): boolean {
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}
