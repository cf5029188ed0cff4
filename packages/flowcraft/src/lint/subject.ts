import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { isBuiltInKind, type BuiltInKind } from '../blueprint/built-in.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import { lookUp } from '../blueprint/registry.ts'
import { shown } from './issue.ts'

/** A node as the linter reads it. What its JSON should be is not taken for granted. */
export interface LintNode {
  /** How messages begin: `Node 'a'`. */
  readonly name: string
  /** `undefined` for one that is no text, or an empty one. */
  readonly id: string | undefined
  readonly definition: Readonly<Record<string, unknown>>
  /** Empty where they are no object. */
  readonly params: Readonly<Record<string, unknown>>
  /** Set unless the registry has an implementation of its own under that key. */
  readonly builtIn: BuiltInKind | undefined
  readonly fallback: unknown
}

/** An edge as the linter reads it. */
export interface LintEdge {
  /** How messages begin: `Edge 0 ('a' → 'b')`. */
  readonly name: string
  readonly source: unknown
  readonly target: unknown
  readonly definition: Readonly<Record<string, unknown>>
}

/** Blueprints by their id. */
export type BlueprintsById = ReadonlyMap<string, WorkflowBlueprint> | Readonly<Record<string, WorkflowBlueprint>>

/** What reads the expressions; an evaluator of the runtime is one. */
export interface ExpressionCheck {
  /** Why `expression` can never be evaluated, or `undefined`. */
  check?(expression: string): string | undefined
}

/** All that the single checks look at. */
export interface LintSubject {
  readonly blueprint: Readonly<Record<string, unknown>>
  readonly nodes: readonly LintNode[]
  readonly edges: readonly LintEdge[]
  /** Of nodes with the same id, the first. */
  readonly byId: ReadonlyMap<string, LintNode>
  /** Where the edges of each node lead; edges from or to what is no node are left out. */
  readonly targetsOf: ReadonlyMap<string, ReadonlySet<string>>
  /** Whether nodes may use it: a built-in, or a key of the registry. */
  hasImplementation(key: string): boolean
  isRegistered(key: string): boolean
  hasBlueprint(id: string): boolean
  faultIn(expression: string): string | undefined
}

/** Reads what can be read of a value that should be a blueprint. O(V + E). */
export function readSubject(
  value: unknown,
  registry: NodeRegistry,
  blueprints: BlueprintsById | undefined,
  evaluator: ExpressionCheck | undefined,
): LintSubject {
  const blueprint = isRecord(value) ? value : {}
  const nodes = recordsOf(blueprint['nodes']).map(([index, node]) => toNode(index, node, registry))
  const edges = recordsOf(blueprint['edges']).map(([index, edge]) => toEdge(index, edge))
  const byId = new Map<string, LintNode>()
  for (const node of nodes) if (node.id !== undefined && !byId.has(node.id)) byId.set(node.id, node)
  const targetsOf = new Map<string, Set<string>>()
  for (const id of byId.keys()) targetsOf.set(id, new Set())
  for (const { source, target } of edges) {
    if (typeof source === 'string' && typeof target === 'string' && byId.has(target)) targetsOf.get(source)?.add(target)
  }
  const isRegistered = (key: string): boolean => lookUp([registry], key) !== undefined
  return {
    blueprint,
    nodes,
    edges,
    byId,
    targetsOf,
    hasImplementation: (key) => isBuiltInKind(key) || isRegistered(key),
    isRegistered,
    hasBlueprint: (id) => blueprints === undefined || id === blueprint['id'] || hasKey(blueprints, id),
    faultIn: (expression) => evaluator?.check?.(expression),
  }
}

/** Whether `value` is an object as JSON has them. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function recordsOf(list: unknown): (readonly [number, Record<string, unknown>])[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown, index) => (isRecord(entry) ? [[index, entry] as const] : []))
}

function toNode(index: number, definition: Record<string, unknown>, registry: NodeRegistry): LintNode {
  const { id, uses, params, config } = definition
  const hasId = typeof id === 'string' && id !== ''
  return {
    name: hasId ? `Node ${shown(id)}` : `Node ${index} (without id)`,
    id: hasId ? id : undefined,
    definition,
    params: isRecord(params) ? params : {},
    builtIn: isBuiltInKind(uses) && lookUp([registry], uses) === undefined ? uses : undefined,
    fallback: isRecord(config) ? config['fallback'] : undefined,
  }
}

function toEdge(index: number, definition: Record<string, unknown>): LintEdge {
  const { source, target } = definition
  return { name: `Edge ${index} (${shown(source)} → ${shown(target)})`, source, target, definition }
}

/** A plain object may have a key `has`, but it is not iterable. */
function hasKey(blueprints: BlueprintsById, id: string): boolean {
  return Symbol.iterator in blueprints
    ? (blueprints as ReadonlyMap<string, unknown>).has(id)
    : Object.hasOwn(blueprints, id)
}
