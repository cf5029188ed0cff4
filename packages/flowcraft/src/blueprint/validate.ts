import { checkForCycles } from './analysis.ts'
import type { NodeConfig, WorkflowBlueprint } from './blueprint.ts'

/** Every structural fault of a blueprint that can be seen without a registry, each in one sentence. O(V + E). */
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
