import type { RunState } from '../state/run-state.ts'
import type { Batch } from './batches.ts'
import type { ChartEdge, ChartNode } from './chart.ts'
import type { Growth, GrownEdge } from './growth.ts'
import { labelText } from './mermaid-text.ts'

/** What edges are drawn between. */
export interface Ends {
  /** Absent in a drawing of a blueprint alone. */
  readonly state: RunState | undefined
  readonly find: (name: string) => ChartNode | undefined
  /** The node for all workers of each batch. */
  readonly workers: ReadonlyMap<Batch, ChartNode>
}

/** The edges of a run's plan, in the order of their indices. The edge of a batch ends at its workers. */
export function edgesOf(growth: Growth, ends: Ends, backEdges: ReadonlySet<number>): readonly ChartEdge[] {
  const workersAt = new Map([...ends.workers].map(([{ edge }, node]) => [edge, node]))
  return growth.edges.flatMap((edge) => {
    const { source, target } = edge.definition
    const isBack = edge.indices.some((index) => backEdges.has(index))
    return between(ends.find(source), workersAt.get(edge) ?? ends.find(target), edgeLook(edge, ends.state, isBack))
  })
}

/** What joins nodes without being an edge: from workers to their gather, to fallbacks, and to nodes that a node added. */
export function linksOf(growth: Growth, { state, find, workers }: Ends): readonly ChartEdge[] {
  const results = [...workers].flatMap(([{ edge }, node]) =>
    between(node, find(edge.definition.target), { ...edgeLook(edge, state, false), label: undefined }),
  )
  const fallbacks = [...growth.nodes].flatMap(([name, { definition }]) => {
    const fallback = definition.config?.fallback
    if (fallback === undefined || !growth.nodes.has(fallback)) return []
    const isTaken = state?.nodes.get(name)?.fallback === fallback || growth.fallbacks.get(name)?.has(fallback) === true
    return between(find(name), find(fallback), { label: 'fallback', isDotted: true, isTaken })
  })
  const hasIncoming = new Set(growth.edges.map(({ definition }) => definition.target))
  const additions = [...growth.nodes].flatMap(([name, { creator }]) => {
    if (creator === undefined || hasIncoming.has(name)) return []
    return between(find(creator), find(name), {
      label: 'added',
      isDotted: true,
      isTaken: state?.nodes.has(name) === true,
    })
  })
  return [...results, ...fallbacks, ...additions]
}

type EdgeLook = Omit<ChartEdge, 'source' | 'target'>

function between(source: ChartNode | undefined, target: ChartNode | undefined, look: EdgeLook): readonly ChartEdge[] {
  return source === undefined || target === undefined ? [] : [{ source, target, ...look }]
}

function edgeLook({ definition, indices }: GrownEdge, state: RunState | undefined, isBack: boolean): EdgeLook {
  const { action, condition, transform } = definition
  const decisions = indices.map((index) => state?.edges.get(index)).filter((decision) => decision !== undefined)
  const takenCount = decisions.reduce((sum, decision) => sum + decision.takenCount, 0)
  const parts = [action, condition, transform].flatMap((part) => (part === undefined ? [] : [labelText(part)]))
  if (decisions.some(({ error }) => error !== undefined)) parts.push('⚠ error')
  if (takenCount > 1) parts.push(`× ${takenCount}`)
  const text = parts.length === 0 ? undefined : parts.join(' | ')
  const label = isBack ? ['↺', ...(text === undefined ? [] : [text])].join(' ') : text
  return { label, isDotted: isBack, isTaken: takenCount > 0 }
}
