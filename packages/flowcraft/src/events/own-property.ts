/** Sets an own property, also one called `__proto__`, which an assignment would take for the prototype. */
export function put(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    Reflect.set(target, key, value)
  }
}
