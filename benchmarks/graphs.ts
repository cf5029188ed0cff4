import type { Graph } from './benchmark.ts'

/** `length` nodes in a row. */
export function chain(length: number): Graph {
  const nodes = Array.from({ length }, (_, index) => `n${index}`)
  return { id: `chain-${length}`, nodes, edges: nodes.slice(1).map((target, index) => [`n${index}`, target]) }
}

/** One node, `width` nodes after it, and one that waits for them all. */
export function fan(width: number): Graph {
  const middle = Array.from({ length: width }, (_, index) => `m${index}`)
  const edges = middle.flatMap((id) => [['source', id] as const, [id, 'sink'] as const])
  return { id: `fan-${width}`, nodes: ['source', ...middle, 'sink'], edges }
}

/** Five nodes: one, three beside each other, one. */
export function smallDag(): Graph {
  return { ...fan(3), id: 'small-dag' }
}
