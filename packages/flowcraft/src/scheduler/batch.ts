import type { NodeDefinition } from '../blueprint/blueprint.ts'
import { toPlanNode, type PlanNode } from '../blueprint/plan.ts'
import { batchIdOf } from '../blueprint/validate-built-ins.ts'
import type { EventPayloads, Fact } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import { engineError } from './engine-error.ts'
import type { BatchProgress, Frontier } from './frontier.ts'
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
export function gatherFacts(frontier: Frontier, state: RunState, { id, definition, incoming }: PlanNode): Fact[] {
  const { plan } = frontier
  const { iteration = 0 } = state.nodes.get(id) ?? {}
  const place = { nodeId: id, iteration, attempt: 1 }
  const scatter = incoming
    .map((edge) => plan.nodes[plan.edges[edge]!.source]!)
    .find((node) => node.kind === 'batch-scatter' && node.definition.params?.['gatherNodeId'] === id)!
  const batchId = batchIdOf(scatter.definition)
  const { onError } = batchParams(scatter.definition)
  const results: unknown[] = []
  const failures: Failure[] = []
  for (let item = 0; item < (frontier.batches?.get(scatter.index)?.created ?? 0); item += 1) {
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
    const count = frontier.batches?.get(scatter.index)?.created
    const message = `${failures.length} of the ${count} workers of batch '${batchId}' failed; the first failure is the cause. With onError: 'collect' the results would hold the failures`
    const error = engineError(state, 'BATCH_FAILED', message, id, first)
    return [{ type: 'node:error', payload: { ...place, error } }]
  }
  const key = definition.params?.['outputKey'] ?? scatter.definition.params?.['outputKey']
  const facts: Fact[] = [{ type: 'batch:finish', payload: { batchId, gatherNodeId: id, iteration, results } }]
  if (typeof key === 'string' && key !== id) {
    const write = { sourceNode: id, iteration, attempt: 1, key, op: 'set', value: results } as const
    facts.push({ type: 'context:change', payload: write })
  }
  const result = Object.freeze({ output: results })
  facts.push({ type: 'node:finish', payload: { ...place, result, durationMs: elapsed(state, id) } })
  return facts
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
    base: before?.base ?? 0,
    capacity: before?.capacity ?? 0,
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
  if (progress.capacity < workerNodeIds.length) {
    progress.base = plan.nodes.length
    progress.capacity = workerNodeIds.length
  }
  const { config, params } = scatter.definition
  // Checked when the plan was made.
  const uses = params!['workerUsesKey'] as string
  const definition: NodeDefinition = { id: '', uses, ...(config && { config }) }
  const template = toPlanNode(definition, { ...unconnected, index: -1, edges: plan.edges, indexOf: plan.indexOf })
  for (const [place, id] of workerNodeIds.entries()) {
    const index = progress.base + place
    const worker = { scatter: scatter.index, item: progress.created + place }
    placeNode(frontier, plan, { ...template, index, id, definition: { ...definition, id }, worker })
    frontier.visited[index] = true
    // A scatter speaks for its workers.
    frontier.hasReleased[index] = true
  }
  progress.ids = workerNodeIds
  progress.open = workerNodeIds.length
  progress.created += workerNodeIds.length
  for (const place of workerNodeIds.keys()) requestVisit(frontier, progress.base + place, visit)
}

/** A worker has its outcome: after the last one of a chunk, its scatter goes on. */
export function endWorker(frontier: Frontier, { worker }: PlanNode): void {
  if (worker === undefined) return
  const progress = frontier.batches!.get(worker.scatter)!
  progress.open -= 1
  if (progress.open === 0) frontier.engine.add(worker.scatter)
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
