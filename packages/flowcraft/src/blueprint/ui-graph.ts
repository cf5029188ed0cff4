import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from './blueprint.ts'
import { gatherOf, scatterOf, type PatternNames } from './patterns.ts'

/** A flow as people think of it, for a drawing: a loop is one edge back, a batch is one node. */
export interface UIGraph {
  nodes: UINode[]
  edges: UIEdge[]
}

/** A node of a drawing. A batch has the type `'batch-worker'`, and its keys as `data`. */
export type UINode = Partial<NodeDefinition> & { id: string; data?: Record<string, unknown>; type?: string }

/** An edge of a drawing. `data` is there on the way back of a loop, with `isLoopback`, `condition` and a `label`. */
export type UIEdge = Partial<EdgeDefinition> & { source: string; target: string; data?: Record<string, unknown> }

/**
 * The drawing of a builder's blueprint. `names` tell which of its nodes belong together. What enters a loop leads to its
 * start, and what leaves it comes from its end.
 */
export function toGraphRepresentation(blueprint: WorkflowBlueprint, { batches, loops }: PatternNames): UIGraph {
  const batchOf = new Map([...batches].flatMap((id) => [scatterOf(id), gatherOf(id)].map((part) => [part, id])))
  return {
    nodes: blueprint.nodes.flatMap((node) => (loops.has(node.id) ? [] : toUINode(node, batchOf.get(node.id)))),
    edges: blueprint.edges.flatMap((edge) => toUIEdge(edge, batchOf, loops)),
  }
}

function toUINode(node: NodeDefinition, batchId: string | undefined): UINode[] {
  if (batchId === undefined) return [{ ...node }]
  return node.id === scatterOf(batchId) ? [toBatchNode(batchId, node)] : []
}

function toBatchNode(id: string, { params = {}, inputs }: NodeDefinition): UINode {
  // The builder, which made the scatter, has put the text of a key there.
  const workerUsesKey = params['workerUsesKey'] as string
  return {
    id,
    uses: workerUsesKey,
    type: 'batch-worker',
    data: {
      label: `Batch: ${id}`,
      isBatchPlaceholder: true,
      workerUsesKey,
      inputKey: inputs,
      outputKey: params['outputKey'] ?? gatherOf(id),
    },
  }
}

type Loops = PatternNames['loops']

function toUIEdge(edge: EdgeDefinition, batchOf: ReadonlyMap<string, string>, loops: Loops): UIEdge[] {
  const nameOf = (id: string): string => batchOf.get(id) ?? id
  const { source, target, action } = edge
  const isInsideBatch = source === scatterOf(nameOf(source)) && target === gatherOf(nameOf(source))
  const entered = loops.get(target)
  const isEndOfTurn = entered !== undefined && nameOf(source) === nameOf(entered.endNodeId)
  if (isInsideBatch || isEndOfTurn) return []

  const ends = {
    source: nameOf(nodeAt(source, 'endNodeId', loops)),
    target: nameOf(nodeAt(target, 'startNodeId', loops)),
  }
  const left = loops.get(source)
  if (left === undefined || action !== 'continue' || nameOf(target) !== nameOf(left.startNodeId)) {
    return [{ ...edge, ...ends }]
  }
  const { condition } = left
  return [{ ...ends, data: { isLoopback: true, condition, label: `continue if: ${condition}` } }]
}

/** The node at that end of a loop, also of a loop at the end of a loop; of loops that hold each other, one of them. */
function nodeAt(id: string, end: 'startNodeId' | 'endNodeId', loops: Loops): string {
  const seen = new Set<string>()
  let at = id
  for (let loop = loops.get(at); loop !== undefined && !seen.has(at); loop = loops.get(at)) {
    seen.add(at)
    at = loop[end]
  }
  return at
}
