import type { WorkflowBlueprint } from './blueprint.ts'

/** What the shape of a blueprint's graph says about it. Edges to or from nodes that do not exist count only as edges. */
export interface BlueprintAnalysis {
  /** As {@link checkForCycles} gives them. */
  readonly cycles: string[][]
  /** Nodes without incoming edges, except those that only stand in as the fallback of another node. */
  readonly startNodeIds: string[]
  /** Nodes without outgoing edges. */
  readonly terminalNodeIds: string[]
  readonly nodeCount: number
  readonly edgeCount: number
  readonly isDag: boolean
}

/** What can be told from the graph alone; ids come in blueprint order. O(V + E). */
export function analyzeBlueprint(blueprint: WorkflowBlueprint): BlueprintAnalysis {
  const graph = toGraph(blueprint)
  const hasIncoming = new Set(graph.targets.flat())
  const standsIn = new Set(
    blueprint.nodes.flatMap(({ id, config }) =>
      config?.fallback === undefined || config.fallback === id ? [] : [config.fallback],
    ),
  )
  const cycles = findCycles(graph)
  return {
    cycles,
    startNodeIds: graph.ids.filter((id, node) => !hasIncoming.has(node) && !standsIn.has(id)),
    terminalNodeIds: graph.ids.filter((_, node) => graph.targets[node]?.length === 0),
    nodeCount: blueprint.nodes.length,
    edgeCount: blueprint.edges.length,
    isDag: cycles.length === 0,
  }
}

/**
 * One cycle for each back edge of a depth-first search in blueprint order, closed: `['A', 'B', 'A']`. Empty exactly
 * when there is no cycle. O(V + E), also in the size of what it gives: once the cycles together hold 10 000 ids, or as
 * many as there are nodes and edges if that is more, the rest are left out.
 */
export function checkForCycles(blueprint: WorkflowBlueprint): string[][] {
  return findCycles(toGraph(blueprint))
}

/** Nodes as numbers, in blueprint order: `targets[i]` are the nodes that edges of `ids[i]` lead to, each once. */
interface Graph {
  readonly ids: readonly string[]
  readonly targets: readonly (readonly number[])[]
}

function toGraph({ nodes, edges }: WorkflowBlueprint): Graph {
  const ids = [...new Set(nodes.map((node) => node.id))]
  const numbers = new Map(ids.map((id, number) => [id, number]))
  const targets = ids.map(() => new Set<number>())
  for (const edge of edges) {
    const target = numbers.get(edge.target)
    if (target !== undefined) targets[numbers.get(edge.source) ?? -1]?.add(target)
  }
  return { ids, targets: targets.map((set) => [...set]) }
}

function findCycles({ ids, targets }: Graph): string[][] {
  const cycles: string[][] = []
  const edgeCount = targets.reduce((sum, { length }) => sum + length, 0)
  let room = Math.max(10_000, ids.length + edgeCount)
  const seen = new Uint8Array(ids.length)
  const nextTarget = new Uint32Array(ids.length)
  const placeOnPath = new Int32Array(ids.length).fill(-1)
  const path: number[] = []

  const enter = (node: number): void => {
    seen[node] = 1
    placeOnPath[node] = path.push(node) - 1
  }

  for (let root = 0; root < ids.length && room > 0; root++) {
    if (seen[root] === 0) enter(root)
    // A path of its own instead of recursion: a chain may be longer than the call stack is deep.
    for (let node = path.at(-1); node !== undefined && room > 0; node = path.at(-1)) {
      const turn = nextTarget[node] ?? 0
      const target = targets[node]?.[turn]
      nextTarget[node] = turn + 1
      if (target === undefined) {
        placeOnPath[node] = -1
        path.pop()
      } else if (seen[target] === 0) {
        enter(target)
      } else if (placeOnPath[target] !== -1) {
        const cycle = [...path.slice(placeOnPath[target]), target].map((step) => ids[step] ?? '')
        room -= cycle.length
        cycles.push(cycle)
      }
    }
  }
  return cycles
}
