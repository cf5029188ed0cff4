import { lookUp } from './registry.ts'
import type { NodeRegistry } from './node.ts'

/** The node kinds that the engine itself runs, by their `uses` keys. A registry that has such a key overrides it. */
export const builtInKinds = ['loop-controller', 'batch-scatter', 'batch-gather', 'subflow', 'sleep', 'wait'] as const

/** The `uses` key of a node that the engine runs. */
export type BuiltInKind = (typeof builtInKinds)[number]

/** Whether the engine has a node kind of that name. */
export function isBuiltInKind(uses: unknown): uses is BuiltInKind {
  return (builtInKinds as readonly unknown[]).includes(uses)
}

/** The kinds that registries override. */
export function overriddenKinds(registries: readonly NodeRegistry[]): readonly BuiltInKind[] {
  return builtInKinds.filter((kind) => lookUp(registries, kind) !== undefined)
}
