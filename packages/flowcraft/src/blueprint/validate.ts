import { checkForCycles } from './analysis.ts'
import type { NodeConfig, WorkflowBlueprint } from './blueprint.ts'

/** Every structural fault of a well-shaped blueprint that can be seen without a registry, each in one sentence. O(V + E). */
export function findFaults(blueprint: WorkflowBlueprint): string[] {
  const faults: string[] = []
  const ids = new Set<string>()
  for (const { id, uses, config } of blueprint.nodes) {
    if (typeof id !== 'string' || id === '') faults.push(`a node has no id (uses '${uses}')`)
    else if (ids.has(id)) faults.push(`node id '${id}' is used more than once; ids are unique`)
    ids.add(id)
    if (config !== undefined) faults.push(...findConfigFaults(id, config))
  }
  for (const [index, { source, target }] of blueprint.edges.entries()) {
    for (const [end, id] of [
      ['source', source],
      ['target', target],
    ] as const) {
      if (!ids.has(id)) faults.push(`edge ${index} (${source} → ${target}) has a ${end} '${id}' that is no node`)
    }
  }
  // A cycle can be searched only when every id is known and unique.
  return faults.length > 0 ? faults : findCycles(blueprint)
}

/** A fallback stands where its primary stands: it cannot be what its primary waits for, nor its own fallback. */
function findCycles(blueprint: WorkflowBlueprint): string[] {
  const ids = new Set(blueprint.nodes.map((node) => node.id))
  const standIns = blueprint.nodes.flatMap(({ id, config }) =>
    config?.fallback !== undefined && ids.has(config.fallback) ? [{ source: id, target: config.fallback }] : [],
  )
  return checkForCycles({ ...blueprint, edges: [...blueprint.edges, ...standIns] }).map(
    (cycle) => `the cycle ${cycle.join(' → ')} (edges and fallbacks) cannot be run; remove one of its links`,
  )
}

/** What keeps a value from being read as a blueprint at all. */
export function findShapeFaults(blueprint: unknown): string[] {
  if (!isRecord(blueprint)) return [`it is ${describe(blueprint)}, and no object with 'id', 'nodes' and 'edges'`]
  const { id, nodes, edges } = blueprint
  const faults: string[] = typeof id === 'string' ? [] : [`its id is ${describe(id)}, and no text`]
  for (const [name, list] of [
    ['nodes', nodes],
    ['edges', edges],
  ] as const) {
    if (!Array.isArray(list))
      faults.push(`its ${name} are ${describe(list)}, and no array; sanitizeBlueprint reads objects`)
    else if (!list.every(isRecord)) faults.push(`its ${name} have an entry that is no object`)
  }
  return faults
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value
}

function findConfigFaults(id: string, config: NodeConfig): string[] {
  const faults: string[] = []
  for (const key of ['maxRetries', 'retryDelay', 'retryMaxDelay', 'timeout'] as const) {
    const value = config[key]
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      faults.push(`node '${id}' has config.${key} ${String(value)}; expected a number of at least 0`)
    }
  }
  const { joinStrategy, retryBackoff } = config
  if (joinStrategy !== undefined && joinStrategy !== 'all' && joinStrategy !== 'any') {
    faults.push(`node '${id}' has config.joinStrategy '${String(joinStrategy)}'; expected 'all' or 'any'`)
  }
  if (retryBackoff !== undefined && retryBackoff !== 'fixed' && retryBackoff !== 'exponential') {
    faults.push(`node '${id}' has config.retryBackoff '${String(retryBackoff)}'; expected 'fixed' or 'exponential'`)
  }
  return faults
}
