import type { Loop } from './shape.ts'
import { edgeOf, standingOf } from './look-up.ts'
import type { Arrival, Run, Table } from './table.ts'

/** Whether a run has more to do by itself. */
export function isAtWork({ state }: Run): boolean {
  return state === 'running' || state === 'waiting' || state === 'backing-off' || state === 'erred'
}

/** Whether a run has not come to its end. */
export function isOpen(run: Run): boolean {
  return isAtWork(run) || run.state === 'falling-back'
}

/** Runs that wait for this node to stand in for them. */
export function callsFor(table: Table, id: string): Run[] {
  return primariesOf(table, id).flatMap((primary) => {
    const { runs } = standingOf(table, primary)
    const served = new Set(standingOf(table, id).runs.map((run) => run.primary))
    return runs.filter((run) => run.state === 'falling-back' && !served.has(run))
  })
}

/** Nodes for which this one stands in. */
export function primariesOf({ shape }: Table, id: string): string[] {
  return shape.nodes.filter(({ config }) => config?.fallback === id).map((node) => node.id)
}

/** Whether a node does nothing but stand in for others. */
export function isPureFallback({ shape }: Table, id: string): boolean {
  const isFallback = shape.nodes.some(({ config }) => config?.fallback === id)
  return isFallback && !shape.edges.some(({ target }) => target === id)
}

/** The edges by which a turn ends. */
export function endEdges({ shape }: Table, { ends, controller, head }: Loop): number[] {
  const to = controller ?? head
  return [...shape.edges.keys()].filter((index) => {
    const { source, target } = shape.edges[index]!
    return target === to && ends.includes(source)
  })
}

/** Whether a node was skipped or has failed, and how its edges die of that. */
export function fateOf(table: Table, id: string): Arrival | undefined {
  const { runs, skipped } = standingOf(table, id)
  if (skipped !== undefined) return skipped === 'upstream-failed' ? 'dead-by-failure' : 'dead-by-choice'
  return runs[0]?.state === 'failed' ? 'dead-by-failure' : undefined
}

/** The edges of the source that came first; several such lists where edges took effect at one moment. */
export function firstOf(table: Table, taken: readonly number[]): number[][] {
  const { edges } = table.shape
  const sourceOf = (index: number): string => edges[index]!.source
  const first = Math.min(...taken.map((index) => takenAt(table, index)))
  const sources = new Set(taken.filter((index) => takenAt(table, index) === first).map(sourceOf))
  return [...sources].map((source) =>
    lastOfEachSource(
      table,
      taken.filter((index) => sourceOf(index) === source),
    ),
  )
}

/** The event at which an edge took effect; the present one where that has not been noted yet. */
export function takenAt(table: Table, index: number): number {
  const { seq } = edgeOf(table, index)
  return seq < 0 ? table.seq : seq
}

/** Of several edges from one source the last one delivers. */
export function lastOfEachSource({ shape }: Table, taken: readonly number[]): number[] {
  const last = new Map<string, number>()
  for (const index of taken) last.set(shape.edges[index]!.source, index)
  return [...last.values()]
}
