import type { Plan } from '../blueprint/plan.ts'
import { copyOf } from '../events/snapshot.ts'
import { frontierOf, type BatchProgress, type Frontier } from './frontier.ts'
import { IndexHeap } from './index-heap.ts'

/** A frontier of a parked run as plain data: what is going on is not part of it, for nothing is. */
export interface FrontierData {
  readonly plan: Pick<Plan, 'nodes' | 'edges' | 'loops'> | undefined
  readonly fields: Readonly<Record<string, unknown>>
  readonly heaps: Readonly<Record<Heap, readonly number[]>>
  readonly withheld: readonly number[] | undefined
  readonly open: readonly number[]
  readonly backingOff: readonly number[]
  readonly batches: readonly (readonly [number, Omit<BatchProgress, 'queue'> & { readonly queue: readonly number[] }])[]
}

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
  'freePlaces',
  'needed',
  'nextVisit',
  'laterVisits',
  'continuation',
  'waiting',
  'executions',
  'isStarted',
  'isParked',
] as const satisfies readonly (keyof Frontier)[]

/** The frontier of a parked run as data. */
export function toFrontierData(frontier: Frontier): FrontierData {
  const { plan, hasOwnPlan, withheld, open, backingOff, batches } = frontier
  const membersOf = (heap: Heap): readonly number[] => [...frontier[heap].members()]
  return {
    plan: hasOwnPlan ? { nodes: plan.nodes, edges: plan.edges, loops: plan.loops } : undefined,
    fields: Object.fromEntries(fields.map((name) => [name, frontier[name]])),
    heaps: { ready: membersOf('ready'), restless: membersOf('restless') },
    withheld: withheld && [...withheld.members()],
    open: open.members(),
    backingOff: backingOff.members(),
    batches: [...(batches ?? [])].map(([scatter, batch]) => [scatter, { ...batch, queue: [...batch.queue.members()] }]),
  }
}

/** The frontier that {@link toFrontierData} made data of. */
export function fromFrontierData(plan: Plan, given: FrontierData): Frontier {
  // What was read back is read-only; a copy of it is of the same type.
  const data = copyOf(given) as FrontierData
  const frontier = frontierOf(plan)
  // The names are those of the frontier, and so are their values.
  Object.assign(frontier, data.fields)
  if (data.plan !== undefined) {
    const { nodes, edges, loops } = data.plan
    const indexOf = new Map(nodes.map(({ id, index }) => [id, index]))
    frontier.plan = { ...plan, nodes: [...nodes], edges: [...edges], loops: [...loops], indexOf }
    frontier.hasOwnPlan = true
  }
  for (const name of heaps) for (const member of data.heaps[name]) frontier[name].add(member)
  if (data.withheld !== undefined) frontier.withheld = heapOf(data.withheld)
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

function heapOf(members: readonly number[]): IndexHeap {
  const heap = new IndexHeap()
  for (const member of members) heap.add(member)
  return heap
}
