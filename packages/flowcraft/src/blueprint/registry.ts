import type { NodeImplementation, NodeRegistry } from './node.ts'

/** The implementation of a `uses` key; of several registries, the last one that has it wins. */
export function lookUp(registries: readonly NodeRegistry[], key: string): NodeImplementation | undefined {
  for (let index = registries.length - 1; index >= 0; index -= 1) {
    const registry = registries[index]!
    const found = isMap(registry) ? registry.get(key) : Object.hasOwn(registry, key) ? registry[key] : undefined
    if (typeof found === 'function') return found
  }
  return undefined
}

/** Every key of a registry with its implementation. */
export function entriesOf(registry: NodeRegistry): Iterable<readonly [string, NodeImplementation]> {
  return isMap(registry) ? registry : Object.entries(registry)
}

/** A plain object may have a key `get`, but it is not iterable. */
function isMap(registry: NodeRegistry): registry is ReadonlyMap<string, NodeImplementation> {
  return Symbol.iterator in registry
}
