import type { Plan } from '../blueprint/plan.ts'
import { IndexHeap } from './index-heap.ts'
import { IndexQueue, IndexSet } from './index-set.ts'

/** What a pending start of a node is: an iteration that begins, or how one that is open goes on. */
export type StartKind = NewStart | Continuation

/** A start that begins an iteration. */
export type NewStart =
  | { readonly kind: 'visit' }
  /** In place of a node that failed. */
  | { readonly kind: 'fallback'; readonly primary: number }
  /** The next turn of a loop, by an edge that leads back. */
  | { readonly kind: 'turn'; readonly edge: number }
  /** A loop controller whose turn ended without anything for it. */
  | { readonly kind: 'unfed' }
  /** A node that another one created, without an edge to it. */
  | { readonly kind: 'created' }

/** A start that goes on with an iteration that is open. */
export type Continuation = { readonly kind: 'retry' } | { readonly kind: 'registry-fallback' }

/** How an edge ended; `open` when it has not. */
export const resolution = { open: 0, taken: 1, deadByChoice: 2, deadByFailure: 3 } as const

/** A value of {@link resolution}. */
export type Resolution = (typeof resolution)[keyof typeof resolution]

/** Where a loop stands. */
export interface LoopState {
  /** How many of its nodes are ready or have an outcome to come. */
  busy: number
  /** Edges back to its head that have not been resolved in this turn. */
  openBackEdges: number
  /** What the next turn begins with, once nothing of this one is left. */
  pending: NewStart | undefined
  /** Whether its head has run in this turn. */
  headRan: boolean
  /** How its head was skipped. */
  headSkip: Resolution | undefined
  /** Whether a node that ends its turns has failed in this turn: nothing may leave it. */
  hasFailed: boolean
  /** Whether its last turn is over. */
  hasRested: boolean
}

/** Where a batch stands. */
export interface BatchProgress {
  /** Workers that have come into being. */
  created: number
  /** Workers of the current chunk whose outcome is open. */
  open: number
  /** How many workers may run at a time. */
  readonly places: number
  /** Workers that are ready or running, and so hold one of these places. */
  active: number
  /** Workers that wait for such a place. */
  readonly queue: IndexHeap
  /** The plan's places for its workers: as many as the largest chunk so far had. */
  indices: readonly number[]
  /** The ids of the current chunk. */
  ids: readonly string[]
}

/** What one node created inside loops. */
export interface DynamicGroup {
  /** The loops with whose turns it is forgotten, the outermost first. */
  readonly loops: readonly number[]
  readonly creator: number
  readonly nodes: readonly number[]
  readonly edges: readonly number[]
}

/** What a resumed node is to finish with. */
export interface Answer {
  readonly output: unknown
  readonly action: string | undefined
  readonly reason: string
  readonly timestamp: number
}

/**
 * Where a run stands in its plan, so that no decision has to search: what may start, what must be skipped, which edges
 * are still to be decided. A fold of the same events as the state, by `advance`. Nodes, edges and loops are plan indices.
 */
export interface Frontier {
  /** The blueprint's, or from the first worker or dynamic node on the run's own. */
  plan: Plan
  hasOwnPlan: boolean
  /** For each node: incoming edges not resolved yet. */
  readonly unresolved: number[]
  /** For each node: its first taken incoming edge, in the order of the log. */
  readonly firstTaken: (number | undefined)[]
  /** For each node: an incoming edge that died because something failed. */
  readonly failedEdge: (number | undefined)[]
  /** For each node: the incoming edge that was resolved last. */
  readonly lastEdge: (number | undefined)[]
  /** For each node: whether its incoming edges have had their effect, or it was skipped. */
  readonly visited: boolean[]
  /** For each node: whether it has been called as a fallback. */
  readonly servedAsFallback: boolean[]
  /** For each node: outgoing edges not decided yet. */
  readonly undecided: number[]
  /** For each edge: whether its source has been through in this turn. */
  readonly decided: boolean[]
  /** For each edge: what it is to its target. */
  readonly resolutions: Resolution[]
  /** For each edge that leaves a loop: what it came to in the turns so far. */
  readonly held: number[]
  /** For each node: primaries that may still need it. */
  readonly openPrimaries: number[]
  /** For each node: whether its fallback knows that it has no more need of it. */
  readonly hasReleased: boolean[]
  /** For each node: whether a source of it was skipped by choice. */
  readonly hasSkippedSource: boolean[]
  /** For each node of a loop: whether it counts as busy there. */
  readonly isBusy: boolean[]
  /** For each loop controller: whether it has finished since its loop began. */
  readonly hasFinished: boolean[]

  readonly loops: LoopState[]
  /** Loops that may have come to the end of a turn, inner ones first. */
  readonly restless: IndexHeap
  /** By scatter; made when there is one, as are the other parts that most runs do without. */
  batches: Map<number, BatchProgress> | undefined

  /** Gathers whose results are recorded and whose outcome is not. */
  gathered: Set<number> | undefined
  /** What nodes that were created without an edge begin with: their creator's output. */
  given: Map<number, unknown> | undefined
  /** What nodes inside loops created in this turn. */
  dynamic: DynamicGroup[] | undefined
  /** For each edge that a node created and that leaves loops: these, the outermost first. */
  createdExits: Map<number, readonly number[]> | undefined
  /** Places in the plan that forgotten dynamic nodes had, the largest first. */
  freePlaces: number[] | undefined

  /** Nodes with something to start as soon as a slot is free. */
  readonly ready: IndexHeap
  /** Ready nodes that no target needs. */
  withheld: IndexHeap | undefined
  /** The nodes that may start; all when absent. */
  needed: ReadonlySet<number> | undefined
  /** For each node: the iteration that it is to start next. */
  readonly nextVisit: (NewStart | undefined)[]
  /** Iterations that nodes are to start after that, in order; made when there is one. */
  laterVisits: Map<number, NewStart[]> | undefined
  /** For each node: how its open iteration goes on. */
  readonly continuation: (Continuation | undefined)[]
  /** Nodes that have started and whose outcome, a fallback's included, is open. */
  readonly open: IndexSet
  /** Nodes whose attempt is running: each holds a slot. */
  readonly running: IndexSet
  /** Subflows whose run is going on. */
  readonly inChild: IndexSet
  /** Nodes that wait for the end of a delay between two attempts. */
  readonly backingOff: IndexSet
  /** Nodes that wait for an answer or a time, in the order in which they began to. */
  waiting: Set<number> | undefined
  /** Nodes whose answer has come. */
  answered: Map<number, Answer> | undefined
  /** Open nodes of the engine's own kinds with something to record. */
  readonly engine: IndexQueue
  /** Nodes that failed and whose fallback has not been called yet. */
  readonly failing: IndexQueue
  /** Finished nodes with edges to decide. */
  readonly routing: IndexQueue
  /** Nodes that will not run and have not been recorded as such. */
  readonly skips: IndexQueue
  /** First attempts so far. */
  executions: number
  hasFatalError: boolean
  /** A cancellation without the finish that belongs to it. */
  isCancelled: boolean
  isStarted: boolean
  /** Nothing goes on before the run is resumed. */
  isParked: boolean
  /** It has got as far as its targets: whoever resumes it wants the rest. */
  isAtTargets: boolean
  isFinished: boolean
}

/** The frontier of a run before its first event. O(V + E). */
export function frontierOf(plan: Plan): Frontier {
  const each = <T>(value: T): T[] => new Array<T>(plan.nodes.length).fill(value)
  const eachEdge = <T>(value: T): T[] => new Array<T>(plan.edges.length).fill(value)
  return {
    plan,
    hasOwnPlan: false,
    unresolved: plan.nodes.map((node) => node.incoming.length),
    firstTaken: each<number | undefined>(undefined),
    failedEdge: each<number | undefined>(undefined),
    lastEdge: each<number | undefined>(undefined),
    visited: each(false),
    servedAsFallback: each(false),
    undecided: plan.nodes.map((node) => node.outgoing.length),
    decided: eachEdge(false),
    resolutions: eachEdge<Resolution>(resolution.open),
    held: plan.loops.length > 0 ? eachEdge(0) : [],
    openPrimaries: plan.nodes.map((node) => node.primaries.length),
    hasReleased: each(false),
    hasSkippedSource: [],
    isBusy: [],
    hasFinished: [],
    loops: plan.loops.map(({ backEdges }) => freshLoop(backEdges.length)),
    restless: new IndexHeap(),
    batches: undefined,
    gathered: undefined,
    given: undefined,
    dynamic: undefined,
    createdExits: undefined,
    freePlaces: undefined,
    ready: new IndexHeap(),
    withheld: undefined,
    needed: undefined,
    nextVisit: each<NewStart | undefined>(undefined),
    laterVisits: undefined,
    continuation: each<Continuation | undefined>(undefined),
    open: new IndexSet(),
    running: new IndexSet(),
    inChild: new IndexSet(),
    backingOff: new IndexSet(),
    waiting: undefined,
    answered: undefined,
    engine: new IndexQueue(),
    failing: new IndexQueue(),
    routing: new IndexQueue(),
    skips: new IndexQueue(),
    executions: 0,
    hasFatalError: false,
    isCancelled: false,
    isStarted: false,
    isParked: false,
    isAtTargets: false,
    isFinished: false,
  }
}

/** A loop before its first turn. */
export function freshLoop(openBackEdges: number): LoopState {
  return {
    busy: 0,
    openBackEdges,
    pending: undefined,
    headRan: false,
    headSkip: undefined,
    hasFailed: false,
    hasRested: false,
  }
}

/** Whether nothing is going on and nothing is left that could without an answer, a time or a resume. */
export function isIdle(frontier: Frontier): boolean {
  return (
    frontier.ready.size === 0 &&
    frontier.running.size === 0 &&
    frontier.inChild.size === 0 &&
    frontier.backingOff.size === 0 &&
    !hasConsequences(frontier)
  )
}

/**
 * Whether something follows from what is recorded that has not been recorded yet.
 * @param absent Nodes that do not count. Default none.
 */
export function hasConsequences(frontier: Frontier, absent?: ReadonlySet<string>): boolean {
  const { failing, engine, routing, skips, answered } = frontier
  if (absent !== undefined && absent.size > 0) return hasConsequencesBesides(frontier, absent)
  return failing.size > 0 || engine.size > 0 || routing.size > 0 || skips.size > 0 || (answered?.size ?? 0) > 0
}

function hasConsequencesBesides(frontier: Frontier, absent: ReadonlySet<string>): boolean {
  const { plan, failing, engine, routing, skips, answered } = frontier
  const counts = (node: number): boolean => !absent.has(plan.nodes[node]!.id)
  return (
    [failing, engine, routing, skips].some((queue) => queue.members().some(counts)) ||
    [...(answered?.keys() ?? [])].some(counts)
  )
}
