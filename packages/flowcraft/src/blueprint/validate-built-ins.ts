import type { NodeDefinition, WorkflowBlueprint } from './blueprint.ts'
import { isBuiltInKind, type BuiltInKind } from './built-in.ts'
import { durationMs } from './duration.ts'

/** What keeps the engine from running its own kinds of nodes in a blueprint, each in one sentence. O(V + E). */
export function findBuiltInFaults(blueprint: WorkflowBlueprint, overridden: readonly BuiltInKind[]): string[] {
  const isEngines = ({ uses }: NodeDefinition): boolean => isBuiltInKind(uses) && !overridden.includes(uses)
  const nodes = blueprint.nodes.filter(isEngines)
  if (nodes.length === 0) return []
  const graph: Graph = {
    nodes: new Map(blueprint.nodes.map((node) => [node.id, node])),
    edges: new Set(blueprint.edges.map(({ source, target }) => pair(source, target))),
    continues: new Map(),
    scattersOf: new Map(),
  }
  for (const { source, action } of blueprint.edges) {
    if (action === 'continue') graph.continues.set(source, (graph.continues.get(source) ?? 0) + 1)
  }
  for (const { uses, params } of nodes) {
    const gather = uses === 'batch-scatter' ? params?.['gatherNodeId'] : undefined
    if (typeof gather === 'string') graph.scattersOf.set(gather, (graph.scattersOf.get(gather) ?? 0) + 1)
  }
  // Only nodes of a kind of the engine's were kept.
  return nodes.flatMap((node) => checks[node.uses as BuiltInKind](node, graph))
}

/** The id that a batch goes by: its scatter's, without the ending that the builder gives it. */
export function batchIdOf({ id }: NodeDefinition): string {
  return id.endsWith('_scatter') && id.length > '_scatter'.length ? id.slice(0, -'_scatter'.length) : id
}

interface Graph {
  readonly nodes: ReadonlyMap<string, NodeDefinition>
  readonly edges: ReadonlySet<string>
  /** How many `continue` edges leave a node. */
  readonly continues: Map<string, number>
  /** How many scatters name a gather. */
  readonly scattersOf: Map<string, number>
}

const checks: Readonly<Record<BuiltInKind, (node: NodeDefinition, graph: Graph) => string[]>> = {
  'loop-controller': ({ id, params }, { continues }) => {
    const count = continues.get(id) ?? 0
    return [
      ...(isText(params?.['condition']) ? [] : [`loop '${id}' has no params.condition; give it an expression`]),
      ...(count === 1
        ? []
        : [`loop '${id}' has ${count} edges with action 'continue'; it needs one, to its first node`]),
    ]
  },
  'batch-scatter': (node, { nodes, edges }) => {
    const { id, params = {} } = node
    const { workerUsesKey, gatherNodeId, onError, outputKey } = params
    const faults: string[] = []
    if (!isText(workerUsesKey))
      faults.push(`batch '${id}' has no params.workerUsesKey; name the workers' implementation`)
    if (!isText(gatherNodeId) || nodes.get(gatherNodeId)?.uses !== 'batch-gather') {
      faults.push(`batch '${id}' has params.gatherNodeId '${String(gatherNodeId)}', which is no 'batch-gather' node`)
    } else if (!edges.has(pair(id, gatherNodeId))) {
      faults.push(`batch '${id}' has no edge to its gather '${gatherNodeId}'; add one`)
    }
    for (const key of ['chunkSize', 'concurrency'] as const) {
      const value = params[key]
      if (value !== undefined && !(typeof value === 'number' && Number.isInteger(value) && value >= 1))
        faults.push(`batch '${id}' has params.${key} ${String(value)}; expected a whole number of at least 1`)
    }
    if (onError !== undefined && onError !== 'fail' && onError !== 'collect')
      faults.push(`batch '${id}' has params.onError '${String(onError)}'; expected 'fail' or 'collect'`)
    if (outputKey !== undefined && !isText(outputKey)) faults.push(`batch '${id}' has params.outputKey that is no text`)
    const prefix = `${batchIdOf(node)}[`
    for (const other of nodes.keys()) {
      if (other.startsWith(prefix) && /^\d+\]$/.test(other.slice(prefix.length)))
        faults.push(`node '${other}' has the id of a worker of batch '${id}'; give it another one`)
    }
    return faults
  },
  'batch-gather': ({ id, params }, { scattersOf }) => {
    const count = scattersOf.get(id) ?? 0
    const outputKey = params?.['outputKey']
    return [
      ...(count === 1 ? [] : [`gather '${id}' is named by ${count} 'batch-scatter' nodes; it needs one`]),
      ...(outputKey === undefined || isText(outputKey) ? [] : [`gather '${id}' has params.outputKey that is no text`]),
    ]
  },
  subflow: ({ id, params = {} }) => [
    ...(isText(params['blueprintId']) ? [] : [`subflow '${id}' has no params.blueprintId`]),
    ...(['inputs', 'outputs'] as const).flatMap((key) =>
      params[key] === undefined || isMapping(params[key])
        ? []
        : [`subflow '${id}' has params.${key} that are no object of texts`],
    ),
  ],
  sleep: ({ id, params }) =>
    durationMs(params?.['duration']) === undefined ? [`sleep '${id}' has ${badDuration('duration', params)}`] : [],
  wait: ({ id, params = {} }) => [
    ...(params['timeout'] === undefined || durationMs(params['timeout']) !== undefined
      ? []
      : [`wait '${id}' has ${badDuration('timeout', params)}`]),
    ...(params['event'] === undefined || isText(params['event'])
      ? []
      : [`wait '${id}' has params.event that is no text`]),
  ],
}

function badDuration(key: string, params: NodeDefinition['params']): string {
  return `params.${key} ${String(params?.[key])}; expected milliseconds, or a text such as '5s', '10m', '2h' or '1d'`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((key) => typeof key === 'string')
}

function pair(source: string, target: string): string {
  return `${source.length}:${source}${target}`
}
