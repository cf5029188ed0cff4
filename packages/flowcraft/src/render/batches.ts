import type { NodeDefinition } from '../blueprint/blueprint.ts'
import { batchIdOf } from '../blueprint/validate-built-ins.ts'
import type { BatchState, NodeState, NodeStatus, RunState } from '../state/run-state.ts'
import type { ChartNode } from './chart.ts'
import { labelText } from './mermaid-text.ts'
import { marks, styles } from './node-look.ts'
import type { Growth, GrownEdge } from './growth.ts'

/** A batch of a run's plan: a scatter and the edge to its gather. */
export interface Batch {
  readonly id: string
  readonly scatter: NodeDefinition
  readonly edge: GrownEdge
}

/** The batches that have both ends and an edge between them; of two with one gather, the first. */
export function batchesOf({ nodes, edges }: Growth): readonly Batch[] {
  const batches = new Map<string, Batch>()
  for (const edge of edges) {
    const { source, target } = edge.definition
    const scatter = nodes.get(source)?.definition
    if (scatter?.uses !== 'batch-scatter' || scatter.params?.['gatherNodeId'] !== target || batches.has(target))
      continue
    if (nodes.get(target)?.definition.uses !== 'batch-gather') continue
    batches.set(target, { id: batchIdOf(scatter), scatter, edge })
  }
  return [...batches.values()]
}

/** All workers of `batch` as one node. `crew` is what they have come to, absent without a run. */
export function workersLook(mermaidId: string, { id, scatter }: Batch, crew: Crew | undefined): ChartNode {
  const { workerUsesKey, concurrency, chunkSize } = scatter.params ?? {}
  const name = typeof workerUsesKey === 'string' ? labelText(workerUsesKey) : 'worker'
  const lines = [`${crew === undefined ? '' : marks[crew.status]}${name}`, `batch ${labelText(id)}`]
  if (typeof concurrency === 'number') lines.push(`${concurrency} at a time`)
  if (typeof chunkSize === 'number') lines.push(`in chunks of ${chunkSize}`)
  if (crew !== undefined) lines.push(...crew.lines)
  return {
    id: mermaidId,
    label: lines.join('<br/>'),
    status: crew?.status,
    isNotable: crew?.status === 'running' || crew?.status === 'waiting' || crew?.status === 'cancelled',
    style: crew && styles[crew.status],
  }
}

/** How far the workers of a batch are. Lines are safe for Mermaid. */
export interface Crew {
  readonly status: NodeStatus
  readonly lines: readonly string[]
}

/** How far the workers of each of `batches` are in the last run of their batch. Linear in the nodes of the run. */
export function crewsOf(batches: readonly Batch[], state: RunState): ReadonlyMap<Batch, Crew> {
  const workers = new Map<string, NodeState[]>()
  if (batches.length > 0) {
    for (const node of state.nodes.values()) {
      if (node.batchId === undefined || node.iteration !== state.batches.get(node.batchId)?.iteration) continue
      const others = workers.get(node.batchId)
      if (others === undefined) workers.set(node.batchId, [node])
      else others.push(node)
    }
  }
  return new Map(
    batches.map((batch) => {
      const progress = state.batches.get(batch.id)
      return [batch, crewOf(state.nodes.get(batch.scatter.id), progress, workers.get(batch.id) ?? [])]
    }),
  )
}

function crewOf(scatter: NodeState | undefined, progress: BatchState | undefined, workers: readonly NodeState[]): Crew {
  const status = scatter?.status ?? 'pending'
  const isOfNow = progress !== undefined && scatter?.iteration === progress.iteration && status !== 'skipped'
  if (!isOfNow) return { status, lines: [] }
  const count = (wanted: NodeStatus): number => workers.filter((worker) => worker.status === wanted).length
  const { completed, failed, onError } = progress
  // Later chunks have not come into being, but the scatter's input has every item.
  const total = Math.max(progress.workers, Array.isArray(scatter.input) ? scatter.input.length : 0)
  const [running, waiting] = [count('running'), count('waiting')]
  const retries = workers.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0)
  const lines = [`${completed} of ${total} done${failed > 0 ? `, ${failed} failed` : ''}`]
  if (running > 0) lines.push(`${running} running`)
  if (waiting > 0) lines.push(`${waiting} waiting`)
  if (retries > 0) lines.push(`↻ ${retries} ${retries === 1 ? 'retry' : 'retries'}`)
  if (completed + failed < total) {
    return { status: status === 'running' && running === 0 && waiting > 0 ? 'waiting' : status, lines }
  }
  return { status: failed > 0 && onError === 'fail' ? 'failed' : 'completed', lines }
}
