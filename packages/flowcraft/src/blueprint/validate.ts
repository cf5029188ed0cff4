import type { NodeConfig, NodeDefinition, WorkflowBlueprint } from './blueprint.ts'
import type { BuiltInKind } from './built-in.ts'
import type { Link } from './graph.ts'
import { named, shown } from './shown.ts'
import { findBuiltInFaults } from './validate-built-ins.ts'

/**
 * Every structural fault of a well-shaped blueprint that can be seen without implementations, each in one sentence.
 * O(V + E).
 */
export function findFaults(blueprint: WorkflowBlueprint, overridden: readonly BuiltInKind[] = []): string[] {
  const faults: string[] = []
  const ids = new Set<string>()
  const version: unknown = blueprint.metadata?.version
  if (version !== undefined && typeof version !== 'string')
    faults.push(`metadata.version is ${shown(version)}, and no text`)
  for (const node of blueprint.nodes) {
    const { id, uses } = node
    if (typeof id !== 'string' || id === '') faults.push(`a node has no id (uses ${shown(uses)})`)
    else if (ids.has(id)) faults.push(`node id ${shown(id)} is used more than once; ids are unique`)
    ids.add(id)
    faults.push(...findNodeFaults(node))
  }
  for (const [index, { source, target, action, condition, transform }] of blueprint.edges.entries()) {
    const edge = `edge ${index} (${named(source)} → ${named(target)})`
    if (!ids.has(source)) faults.push(`${edge} has a source ${shown(source)} that is no node`)
    if (!ids.has(target)) faults.push(`${edge} has a target ${shown(target)} that is no node`)
    for (const [name, value] of Object.entries({ action, condition, transform })) {
      if (value !== undefined && typeof value !== 'string')
        faults.push(`${edge} has a ${name} that is ${shown(value)}, and no text`)
    }
  }
  faults.push(...findEntryFaults(blueprint, ids))
  // What belongs together can be told only when every part is there.
  return faults.length > 0 ? faults : findBuiltInFaults(blueprint, overridden)
}

/** From each node to the one that stands in for it. */
export function standInsOf({ nodes }: WorkflowBlueprint, indexOf: ReadonlyMap<string, number>): Link[] {
  return nodes.flatMap(({ config }, source) => {
    const target = config?.fallback === undefined ? undefined : indexOf.get(config.fallback)
    return target === undefined ? [] : [{ source, target }]
  })
}

function findEntryFaults({ metadata }: WorkflowBlueprint, ids: ReadonlySet<string>): string[] {
  const entries: unknown = metadata?.cycleEntryPoints
  if (entries === undefined) return []
  if (!Array.isArray(entries)) return [`metadata.cycleEntryPoints are ${shown(entries)}, and no array of node ids`]
  return entries.flatMap((id: unknown) =>
    typeof id === 'string' && ids.has(id) ? [] : [`metadata.cycleEntryPoints names ${shown(id)}, which is no node`],
  )
}

/** What keeps a value from being read as a blueprint at all. */
export function findShapeFaults(blueprint: unknown): string[] {
  if (!isRecord(blueprint)) return [`it is ${shown(blueprint)}, and no object with 'id', 'nodes' and 'edges'`]
  const { id, nodes, edges } = blueprint
  const faults: string[] = typeof id === 'string' ? [] : [`its id is ${shown(id)}, and no text`]
  for (const [name, list] of [
    ['nodes', nodes],
    ['edges', edges],
  ] as const) {
    if (!Array.isArray(list))
      faults.push(`its ${name} are ${shown(list)}, and no array; sanitizeBlueprint reads objects`)
    // A list may have holes, which `every` does not look at.
    else if (![...list].every(isRecord)) faults.push(`its ${name} have an entry that is no object`)
  }
  return faults
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is wrong with a node by itself. From plain JSON, anything may stand where its type promises something. */
export function findNodeFaults({ id, uses, inputs, params, config }: NodeDefinition): string[] {
  const faults: string[] = []
  const node = `node ${shown(id)}`
  if (typeof uses !== 'string') faults.push(`${node} has a uses that is ${shown(uses)}, and no text`)
  const isMapping = isRecord(inputs) && Object.values(inputs).every((key) => typeof key === 'string')
  if (inputs !== undefined && typeof inputs !== 'string' && !isMapping) {
    faults.push(`${node} has inputs that are neither a text nor an object of texts`)
  }
  if (params !== undefined && !isRecord(params)) faults.push(`${node} has params that are no object`)
  if (config === undefined) return faults
  if (!isRecord(config)) return [...faults, `${node} has a config that is ${shown(config)}, and no object`]
  return [...faults, ...findConfigFaults(node, config)]
}

function findConfigFaults(node: string, config: NodeConfig): string[] {
  const faults: string[] = []
  const { fallback, maxRetries } = config
  if (fallback !== undefined && typeof fallback !== 'string') {
    faults.push(`${node} has config.fallback that is ${shown(fallback)}, and no text`)
  }
  if (typeof maxRetries === 'number' && !Number.isInteger(maxRetries) && maxRetries !== Infinity) {
    faults.push(`${node} has config.maxRetries ${maxRetries}; expected a whole number`)
  }
  for (const key of ['maxRetries', 'retryDelay', 'retryMaxDelay', 'timeout'] as const) {
    const value = config[key]
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      faults.push(`${node} has config.${key} ${shown(value)}; expected a number of at least 0`)
    }
  }
  const { joinStrategy, retryBackoff } = config
  if (joinStrategy !== undefined && joinStrategy !== 'all' && joinStrategy !== 'any') {
    faults.push(`${node} has config.joinStrategy ${shown(joinStrategy)}; expected 'all' or 'any'`)
  }
  if (retryBackoff !== undefined && retryBackoff !== 'fixed' && retryBackoff !== 'exponential') {
    faults.push(`${node} has config.retryBackoff ${shown(retryBackoff)}; expected 'fixed' or 'exponential'`)
  }
  return faults
}
