import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import type { Plan, PlanEdge, PlanNode } from '../blueprint/plan.ts'
import { copyOf } from '../events/snapshot.ts'
import { frontierOf, type BatchProgress, type Frontier } from './frontier.ts'
import { IndexHeap } from './index-heap.ts'

/** A frontier of a parked run as plain data: what is going on is not part of it, for nothing is. */
export interface FrontierData {
  readonly plan: PlanData | undefined
  readonly fields: Readonly<Record<string, unknown>>
  readonly heaps: Readonly<Record<Heap, readonly number[]>>
  readonly withheld: readonly number[] | undefined
  readonly given: ReadonlyMap<number, unknown> | undefined
  readonly open: readonly number[]
  readonly backingOff: readonly number[]
  readonly batches: readonly (readonly [number, Omit<BatchProgress, 'queue'> & { readonly queue: readonly number[] }])[]
}

/** A plan that belongs to one run. What is defined by the blueprint is left out. */
interface PlanData extends Pick<Plan, 'loops'> {
  readonly nodes: readonly Defined<PlanNode, NodeDefinition>[]
  readonly edges: readonly Defined<PlanEdge, EdgeDefinition>[]
  /** The places of nodes that are no part of the run any more, as those of an earlier turn of a loop. */
  readonly forgotten: readonly number[]
}

type Defined<T, TDefinition> = Omit<T, 'definition'> & { readonly definition: TDefinition | undefined }

const heaps = ['ready', 'restless'] as const
type Heap = (typeof heaps)[number]

/** What of a frontier is plain data as it is. */
const fields = [
  'unresolved',
  'firstTaken',
  'failedEdge',
  'lastEdge',
  'visited',
  'servedAsFallback',
  'undecided',
  'decided',
  'resolutions',
  'held',
  'openPrimaries',
  'hasReleased',
  'hasSkippedSource',
  'isBusy',
  'hasFinished',
  'loops',
  'dynamic',
  'createdExits',
  'freePlaces',
  'needed',
  'nextVisit',
  'laterVisits',
  'continuation',
  'waiting',
  'executions',
  'isStarted',
  'isParked',
  'isAtTargets',
] as const satisfies readonly (keyof Frontier)[]

/** The frontier of a parked run as data of its own: it does not change when the run goes on. */
export function toFrontierData(frontier: Frontier): FrontierData {
  const { plan, hasOwnPlan, withheld, open, backingOff, batches, given } = frontier
  const membersOf = (heap: Heap): readonly number[] => [...frontier[heap].members()]
  // Nothing but numbers, flags, ids and lists of them: definitions are part of the plan only.
  const ofOwn = structuredClone({
    fields: Object.fromEntries(fields.map((name) => [name, frontier[name]])),
    batches: [...(batches ?? [])].map(([scatter, { queue, ...batch }]) => {
      return [scatter, { ...batch, queue: [...queue.members()] }] as const
    }),
  })
  return {
    plan: hasOwnPlan ? toPlanData(plan) : undefined,
    heaps: { ready: membersOf('ready'), restless: membersOf('restless') },
    withheld: withheld && [...withheld.members()],
    given: given && new Map(given),
    open: open.members(),
    backingOff: backingOff.members(),
    ...ofOwn,
  }
}

/** The frontier that {@link toFrontierData} made data of, for the same blueprint. */
export function fromFrontierData(plan: Plan, given: FrontierData): Frontier {
  const { given: inputs, ...rest } = given
  // What was read back is read-only; a copy of it is of the same type.
  const data = copyOf(rest) as Omit<FrontierData, 'given'>
  const frontier = frontierOf(plan)
  // The names are those of the frontier, and so are their values.
  Object.assign(frontier, data.fields)
  if (data.plan !== undefined) {
    frontier.plan = fromPlanData(plan, data.plan)
    frontier.hasOwnPlan = true
  }
  for (const name of heaps) for (const member of data.heaps[name]) frontier[name].add(member)
  if (data.withheld !== undefined) frontier.withheld = heapOf(data.withheld)
  // These are recorded values, and stay what they are.
  if (inputs !== undefined) frontier.given = new Map(inputs)
  for (const node of data.open) frontier.open.add(node)
  for (const node of data.backingOff) frontier.backingOff.add(node)
  for (const [scatter, batch] of data.batches) {
    frontier.batches = (frontier.batches ?? new Map<number, BatchProgress>()).set(scatter, {
      ...batch,
      queue: heapOf(batch.queue),
    })
  }
  return frontier
}

/** Nodes, edges and loops of a plan are replaced when they change, so lists of them are enough of a copy. */
function toPlanData({ blueprint, nodes, edges, loops, indexOf }: Plan): PlanData {
  return {
    nodes: nodes.map((node) => ({
      ...node,
      definition: node.index < blueprint.nodes.length ? undefined : node.definition,
    })),
    edges: edges.map((edge) => ({
      ...edge,
      definition: edge.index < blueprint.edges.length ? undefined : edge.definition,
    })),
    loops: [...loops],
    forgotten: nodes.filter(({ id, index }) => indexOf.get(id) !== index).map(({ index }) => index),
  }
}

function fromPlanData(plan: Plan, { loops, forgotten, ...data }: PlanData): Plan {
  const nodes = data.nodes.map((node) => ({
    ...node,
    definition: node.definition ?? plan.nodes[node.index]!.definition,
  }))
  const edges = data.edges.map((edge) => ({
    ...edge,
    definition: edge.definition ?? plan.edges[edge.index]!.definition,
  }))
  const isForgotten = new Set(forgotten)
  const known = nodes.filter(({ index }) => !isForgotten.has(index))
  return { ...plan, nodes, edges, loops: [...loops], indexOf: new Map(known.map(({ id, index }) => [id, index])) }
}

function heapOf(members: readonly number[]): IndexHeap {
  const heap = new IndexHeap()
  for (const member of members) heap.add(member)
  return heap
}
