import type { NodeDefinition, WorkflowBlueprint } from './blueprint.ts'
import { isBuiltInKind, type BuiltInKind } from './built-in.ts'
import { durationMs } from './duration.ts'
import { isReservedKey } from './reserved-key.ts'
import { shown } from './shown.ts'

/** What keeps the engine from running its own kinds of nodes in a blueprint, each in one sentence. O(V + E). */
export function findBuiltInFaults(blueprint: WorkflowBlueprint, overridden: readonly BuiltInKind[]): string[] {
  const isEngines = ({ uses }: NodeDefinition): boolean => isBuiltInKind(uses) && !overridden.includes(uses)
  const nodes = blueprint.nodes.filter(isEngines)
  if (nodes.length === 0) return []
  const graph = graphOf(blueprint, nodes)
  // Only nodes of a kind of the engine's were kept.
  const faults = nodes.flatMap((node) => checks[node.uses as BuiltInKind](node, graph))
  return [...faults, ...findTakenWorkerIds(blueprint, graph.batches)]
}

/** What is wrong with a node of the engine's own that needs no other node, each in one sentence. */
export function findLoneFaults(node: NodeDefinition, kind: 'subflow' | 'sleep' | 'wait'): string[] {
  return checks[kind](node, noGraph)
}

/** The id that a batch goes by: its scatter's, without the ending that the builder gives it. */
export function batchIdOf({ id }: NodeDefinition): string {
  return id.endsWith('_scatter') && id.length > '_scatter'.length ? id.slice(0, -'_scatter'.length) : id
}

/** The batch of which `id` would be a worker; `undefined` for what is no worker's id. */
export function batchOfWorker(id: string): string | undefined {
  const ending = /\[(?:0|[1-9]\d*)\]$/.exec(id)
  return ending === null ? undefined : id.slice(0, ending.index)
}

interface Graph {
  readonly nodes: ReadonlyMap<string, NodeDefinition>
  readonly edges: ReadonlySet<string>
  /** How many `continue` edges leave a node. */
  readonly continues: ReadonlyMap<string, number>
  /** How many scatters name a gather. */
  readonly scattersOf: ReadonlyMap<string, number>
  /** Gathers to which something else than a scatter leads. */
  readonly joined: ReadonlySet<string>
  /** The first scatter of each batch. */
  readonly batches: ReadonlyMap<string, string>
}

function graphOf({ nodes: all, edges }: WorkflowBlueprint, engines: readonly NodeDefinition[]): Graph {
  const continues = new Map<string, number>()
  const scattersOf = new Map<string, number>()
  const batches = new Map<string, string>()
  const scatters = new Set<string>()
  for (const node of engines) {
    if (node.uses !== 'batch-scatter') continue
    scatters.add(node.id)
    if (!batches.has(batchIdOf(node))) batches.set(batchIdOf(node), node.id)
    const gather = node.params?.['gatherNodeId']
    if (isText(gather)) scattersOf.set(gather, (scattersOf.get(gather) ?? 0) + 1)
  }
  const joined = new Set<string>()
  for (const { source, target, action } of edges) {
    if (action === 'continue') continues.set(source, (continues.get(source) ?? 0) + 1)
    if (!scatters.has(source)) joined.add(target)
  }
  return {
    nodes: new Map(all.map((node) => [node.id, node])),
    edges: new Set(edges.map(({ source, target }) => pair(source, target))),
    continues,
    scattersOf,
    joined,
    batches,
  }
}

const noGraph: Graph = {
  nodes: new Map(),
  edges: new Set(),
  continues: new Map(),
  scattersOf: new Map(),
  joined: new Set(),
  batches: new Map(),
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
  'batch-scatter': (node, { nodes, edges, batches }) => {
    const { id, params = {} } = node
    const { workerUsesKey, gatherNodeId, onError } = params
    const batchId = batchIdOf(node)
    const faults: string[] = []
    if (batches.get(batchId) !== id) {
      faults.push(
        `batch '${id}' has workers of the same ids as batch '${batches.get(batchId)}', '${batchId}[0]' and so on; rename one of them`,
      )
    }
    if (!isText(workerUsesKey))
      faults.push(`batch '${id}' has no params.workerUsesKey; name the workers' implementation`)
    if (!isText(gatherNodeId) || nodes.get(gatherNodeId)?.uses !== 'batch-gather') {
      faults.push(`batch '${id}' has params.gatherNodeId ${shown(gatherNodeId)}, which is no 'batch-gather' node`)
    } else if (!edges.has(pair(id, gatherNodeId))) {
      faults.push(`batch '${id}' has no edge to its gather '${gatherNodeId}'; add one`)
    }
    for (const key of ['chunkSize', 'concurrency'] as const) {
      const value = params[key]
      if (value !== undefined && !(typeof value === 'number' && Number.isInteger(value) && value >= 1))
        faults.push(`batch '${id}' has params.${key} ${shown(value)}; expected a whole number of at least 1`)
    }
    if (onError !== undefined && onError !== 'fail' && onError !== 'collect')
      faults.push(`batch '${id}' has params.onError ${shown(onError)}; expected 'fail' or 'collect'`)
    return [...faults, ...findKeyFaults(`batch '${id}'`, params)]
  },
  'batch-gather': ({ id, params = {}, config }, { scattersOf, joined }) => {
    const count = scattersOf.get(id) ?? 0
    const faults = findKeyFaults(`gather '${id}'`, params)
    if (count !== 1) faults.push(`gather '${id}' is named by ${count} 'batch-scatter' nodes; it needs one`)
    if (config?.joinStrategy === 'any' && joined.has(id)) {
      faults.push(
        `gather '${id}' has config.joinStrategy 'any', and could run before its batch has ended; leave it out`,
      )
    }
    return faults
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

/** Nodes that have the id of a worker. */
function findTakenWorkerIds({ nodes }: WorkflowBlueprint, batches: Graph['batches']): string[] {
  if (batches.size === 0) return []
  return nodes.flatMap(({ id }) => {
    const batchId = batchOfWorker(id)
    const scatter = batchId === undefined ? undefined : batches.get(batchId)
    return scatter === undefined
      ? []
      : [`node '${id}' has the id of a worker of batch '${scatter}'; give it another one`]
  })
}

function findKeyFaults(who: string, { outputKey }: Readonly<Record<string, unknown>>): string[] {
  if (outputKey === undefined) return []
  if (!isText(outputKey)) return [`${who} has params.outputKey ${shown(outputKey)}; expected a key of the context`]
  if (!isReservedKey(outputKey)) return []
  return [
    `${who} has params.outputKey '${outputKey}', which belongs to the engine, as does every key that begins with '_outputs.', '_inputs.', '_executionId', '_awaiting' or '_run'; choose another one`,
  ]
}

function badDuration(key: string, params: NodeDefinition['params']): string {
  return `params.${key} ${shown(params?.[key])}; expected milliseconds, or a text such as '5s', '10m', '2h' or '1d'`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isMapping(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((key) => typeof key === 'string')
}

function pair(source: string, target: string): string {
  return `${source.length}:${source}${target}`
}
