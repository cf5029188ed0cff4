import type { Graph, Pattern } from './benchmark.ts'

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

/** A loop, a batch or subflows, with how many nodes they run: those of the engine's own kinds count as well. */
export function patternOf(pattern: Pattern): Graph {
  const { id, nodeCount } = sizeOf(pattern)
  return { id, nodes: Array.from({ length: nodeCount }, (_, index) => `n${index}`), edges: [], pattern }
}

function sizeOf(pattern: Pattern): { readonly id: string; readonly nodeCount: number } {
  switch (pattern.kind) {
    case 'loop':
      return { id: `loop-${pattern.turns}`, nodeCount: 2 * pattern.turns }
    case 'batch':
      return { id: `batch-${pattern.items}`, nodeCount: pattern.items + 3 }
    case 'subflows':
      return { id: `subflows-${pattern.count}`, nodeCount: 6 * pattern.count }
  }
}
