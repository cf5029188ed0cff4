import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { RunState } from '../state/run-state.ts'
import { batchesOf, crewsOf, workersLook } from './batches.ts'
import type { Chart, ChartNode } from './chart.ts'
import { edgesOf, linksOf } from './edges.ts'
import type { Growth } from './growth.ts'
import { loopEdgesOf } from './loop-edges.ts'
import { idAllocator, mermaidIds } from './mermaid-text.ts'
import { nodeLook } from './node-look.ts'
import { parkedNote } from './run-note.ts'

/** What a chart is made from. */
export interface Subject {
  readonly blueprint: WorkflowBlueprint
  readonly growth: Growth
  /** Absent in a drawing of a blueprint alone. */
  readonly state: RunState | undefined
  readonly showsParams: boolean
}

/** The whole chart of a blueprint, or of a run of it. */
export function chartOf(subject: Subject): Chart {
  const { growth, state } = subject
  const { backEdges, starts } = loopEdgesOf(subject.blueprint)
  const batches = batchesOf(growth)
  const batchIds = new Set(batches.map(({ id }) => id))
  const batchOf = (name: string): string => state?.nodes.get(name)?.batchId ?? ''
  const ids = mermaidIds(namesOf(growth, (name) => batchIds.has(batchOf(name))))
  const allocate = idAllocator(ids.values())

  const nodes = nodesOf(subject, ids, starts)
  const crews = state && crewsOf(batches, state)
  const workers = new Map(batches.map((batch) => [batch, workersLook(allocate('workers'), batch, crews?.get(batch))]))
  const workersById = new Map([...workers].map(([{ id }, node]) => [id, node]))
  const find = (name: string): ChartNode | undefined => nodes.get(name) ?? workersById.get(batchOf(name))
  const ends = { state, find, workers }
  return {
    nodes: [...nodes.values(), ...workers.values()],
    // The links come after the edges, so that those of the blueprint keep their index.
    edges: [...edgesOf(growth, ends, backEdges), ...linksOf(growth, ends)],
    groups: [...workers].map(([{ scatter, edge }, node]) => ({
      id: allocate('batch'),
      members: [nodes.get(scatter.id), node, nodes.get(edge.definition.target)].filter((end) => end !== undefined),
    })),
    note: state && parkedNote(allocate('parked'), state),
    // The fills of a run are light in every theme, so its text has to be dark in every theme.
    definitions: state === undefined ? [] : ['classDef default fill:#ffffff,stroke:#6c757d,color:#212529'],
  }
}

/** The nodes to draw, in the order of the plan; those that only edges name come last. */
function namesOf({ nodes, edges }: Growth, isWorker: (name: string) => boolean): ReadonlySet<string> {
  const names = new Set(nodes.keys())
  for (const { definition } of edges) {
    for (const name of [definition.source, definition.target]) if (!isWorker(name)) names.add(name)
  }
  return names
}

function nodesOf(
  { growth, state, showsParams }: Subject,
  ids: ReadonlyMap<string, string>,
  loopStarts: ReadonlyMap<string, string>,
): ReadonlyMap<string, ChartNode> {
  const stuck = new Map(state?.stuck.map(({ nodeId, reason }) => [nodeId, reason]))
  const nodes = new Map<string, ChartNode>()
  for (const [name, id] of ids) {
    const { definition, creator } = growth.nodes.get(name) ?? {}
    const start = loopStarts.get(name)
    const facts = {
      definition,
      creator,
      state: state?.nodes.get(name),
      isInRun: state !== undefined,
      turns: start === undefined ? undefined : state?.nodes.get(start)?.starts,
      stuck: stuck.get(name),
      showsParams,
    }
    nodes.set(name, nodeLook(id, name, facts))
  }
  return nodes
}
