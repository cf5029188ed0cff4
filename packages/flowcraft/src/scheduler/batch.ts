import type { NodeDefinition } from '../blueprint/blueprint.ts'
import { toPlanNode, type PlanNode } from '../blueprint/plan.ts'
import { batchIdOf } from '../blueprint/validate-built-ins.ts'
import type { EventPayloads, Fact } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import { engineError } from './engine-error.ts'
import { resolution, type BatchProgress, type Frontier } from './frontier.ts'
import { ownPlan, placeNode } from './growth.ts'
import { IndexHeap } from './index-heap.ts'
import { requestVisit, visit } from './visits.ts'

/** What a scatter that is open records next: a chunk of workers, or its end. */
export function scatterFacts(frontier: Frontier, state: RunState, { index, id, definition }: PlanNode): Fact[] {
  const { input, iteration = 0 } = state.nodes.get(id) ?? {}
  const place = { nodeId: id, iteration, attempt: 1 }
  if (!Array.isArray(input)) {
    const from = typeof definition.inputs === 'string' ? `key '${definition.inputs}'` : 'its input'
    const message = `Batch '${batchIdOf(definition)}' needs an array to work on; ${from} is ${kindOf(input)}. Give it an array`
    const error = engineError(state, 'BATCH_INPUT_INVALID', message, id)
    return [{ type: 'node:error', payload: { ...place, error } }]
  }
  const created = frontier.batches?.get(index)?.created ?? 0
  if (created >= input.length) {
    const durationMs = elapsed(state, id)
    return [{ type: 'node:finish', payload: { ...place, result: Object.freeze({}), durationMs } }]
  }
  const { chunkSize, onError } = batchParams(definition)
  const batchId = batchIdOf(definition)
  const workerNodeIds: string[] = []
  for (let item = created; item < Math.min(input.length, created + chunkSize); item += 1)
    workerNodeIds.push(`${batchId}[${item}]`)
  Object.freeze(workerNodeIds)
  const payload = { batchId, scatterNodeId: id, iteration, workerNodeIds, ...(onError && { onError }) }
  return [{ type: 'batch:start', payload }]
}

/** What a gather that is open records: the results of all workers, or that some failed. */
export function gatherFacts(frontier: Frontier, state: RunState, node: PlanNode): Fact[] {
  const { id, definition } = node
  const { iteration = 0 } = state.nodes.get(id) ?? {}
  const place = { nodeId: id, iteration, attempt: 1 }
  const scatter = scatterOf(frontier, node)
  const batchId = batchIdOf(scatter.definition)
  const { onError } = batchParams(scatter.definition)
  const count = hasDealtOut(frontier, state, node, scatter) ? frontier.batches!.get(scatter.index)!.created : 0
  const results: unknown[] = []
  const failures: Failure[] = []
  for (let item = 0; item < count; item += 1) {
    const worker = state.nodes.get(`${batchId}[${item}]`)
    const { output, error } = worker ?? {}
    if (worker?.status !== 'failed') {
      results.push(onError === 'collect' ? Object.freeze({ status: 'fulfilled', value: output }) : output)
    } else if (onError === 'collect') results.push(Object.freeze({ status: 'rejected', reason: error }))
    else if (error !== undefined) failures.push(error)
  }
  Object.freeze(results)
  const [first] = failures
  if (first !== undefined) {
    const message = `${failures.length} of the ${count} workers of batch '${batchId}' failed; the first failure is the cause. With onError: 'collect' the results would hold the failures`
    const error = engineError(state, 'BATCH_FAILED', message, id, first)
    return [{ type: 'node:error', payload: { ...place, error } }]
  }
  const key = definition.params?.['outputKey'] ?? scatter.definition.params?.['outputKey']
  const facts: Fact[] = []
  // A log may have been cut right behind it.
  if (frontier.gathered?.has(node.index) !== true)
    facts.push({ type: 'batch:finish', payload: { batchId, gatherNodeId: id, iteration, results } })
  if (typeof key === 'string' && key !== id && state.held.get(id)?.change.iteration !== iteration) {
    const write = { sourceNode: id, iteration, attempt: 1, key, op: 'set', value: results } as const
    facts.push({ type: 'context:change', payload: write })
  }
  const result = Object.freeze({ output: results })
  facts.push({ type: 'node:finish', payload: { ...place, result, durationMs: elapsed(state, id) } })
  return facts
}

/** There is one: it was checked when the plan was made. */
function scatterOf({ plan }: Frontier, { id, incoming }: PlanNode): PlanNode {
  const isOfGather = ({ kind, definition }: PlanNode): boolean =>
    kind === 'batch-scatter' && definition.params?.['gatherNodeId'] === id
  const sources = incoming.map((edge) => plan.nodes[plan.edges[edge]!.source]!)
  // At the beginning of a cycle, its scatter's edge is one that leads back.
  return (sources.find(isOfGather) ?? plan.nodes.find(isOfGather))!
}

/** Whether a scatter has led to its gather in this turn: something else may have, without it. */
function hasDealtOut({ plan, resolutions }: Frontier, state: RunState, gather: PlanNode, scatter: PlanNode): boolean {
  return scatter.outgoing.some((edge) => {
    const { target, backOf } = plan.edges[edge]!
    if (target !== gather.index) return false
    // An edge that leads back is open again when the turn that it leads to begins.
    if (backOf !== undefined) return state.nodes.get(scatter.id)?.status === 'completed'
    return resolutions[edge] === resolution.taken
  })
}

/** A scatter has started: a batch begins. */
export function beginBatch(frontier: Frontier, { index, definition }: PlanNode): void {
  const before = frontier.batches?.get(index)
  const progress: BatchProgress = {
    created: 0,
    open: 0,
    places: batchParams(definition).concurrency,
    active: 0,
    queue: new IndexHeap(),
    indices: before?.indices ?? [],
    ids: before?.ids ?? [],
  }
  frontier.batches = (frontier.batches ?? new Map<number, BatchProgress>()).set(index, progress)
}

/** Gives the workers of a chunk their places in the plan: those of the chunk before, where they are enough. */
export function addWorkers(frontier: Frontier, { scatterNodeId, workerNodeIds }: EventPayloads['batch:start']): void {
  const plan = ownPlan(frontier)
  const scatter = plan.nodes[plan.indexOf.get(scatterNodeId)!]!
  const progress = frontier.batches!.get(scatter.index)!
  for (const id of progress.ids) plan.indexOf.delete(id)
  progress.indices = enoughPlaces(frontier, progress.indices, workerNodeIds.length)
  const { definition: of, fallbackNode, fallbackKey } = scatter
  // Checked when the plan was made.
  const uses = of.params!['workerUsesKey'] as string
  const definition: NodeDefinition = { id: '', uses, ...(of.config && { config: of.config }) }
  const parts = { ...unconnected, index: -1, edges: plan.edges, indexOf: plan.indexOf }
  const template = { ...toPlanNode(definition, parts), fallbackNode, fallbackKey }
  for (const [place, id] of workerNodeIds.entries()) {
    const index = progress.indices[place]!
    const worker = { scatter: scatter.index, item: progress.created + place }
    placeNode(frontier, plan, { ...template, index, id, definition: { ...definition, id }, worker })
    frontier.visited[index] = true
    // A scatter speaks for its workers.
    frontier.hasReleased[index] = true
  }
  progress.ids = workerNodeIds
  progress.open = workerNodeIds.length
  progress.created += workerNodeIds.length
  for (const place of workerNodeIds.keys()) requestVisit(frontier, progress.indices[place]!, visit)
}

/** A worker has its outcome: after the last one of a chunk, its scatter goes on. */
export function endWorker(frontier: Frontier, { worker }: PlanNode): void {
  if (worker === undefined) return
  const progress = frontier.batches!.get(worker.scatter)!
  progress.open -= 1
  if (progress.open === 0) frontier.engine.add(worker.scatter)
}

/** At least `count` places of the plan, in its order: those that there are, and more where they do not suffice. */
function enoughPlaces(frontier: Frontier, known: readonly number[], count: number): readonly number[] {
  if (known.length >= count) return known
  const indices = [...known]
  let end = frontier.plan.nodes.length
  while (indices.length < count) indices.push(frontier.freePlaces?.pop() ?? end++)
  return indices.sort((a, b) => a - b)
}

type Failure = NonNullable<ReturnType<RunState['errors']['get']>>

const unconnected = {
  kind: 'code',
  incoming: [],
  outgoing: [],
  primaries: [],
  loops: [],
  closes: undefined,
} as const

interface BatchParams {
  readonly chunkSize: number
  readonly concurrency: number
  readonly onError: 'fail' | 'collect' | undefined
}

/** Checked when the plan was made. */
function batchParams({ params }: NodeDefinition): BatchParams {
  const { chunkSize = Infinity, concurrency = Infinity, onError } = params as Partial<BatchParams>
  return { chunkSize, concurrency, onError }
}

/** Milliseconds between a node's start and the last event. */
function elapsed({ nodes, updatedAt = 0 }: RunState, id: string): number {
  return Math.max(0, updatedAt - (nodes.get(id)?.startedAt ?? updatedAt))
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
