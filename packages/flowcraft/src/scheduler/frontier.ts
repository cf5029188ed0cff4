import type { Plan } from '../blueprint/plan.ts'
import { IndexHeap } from './index-heap.ts'
import { IndexQueue, IndexSet } from './index-set.ts'

/** What a pending start of a node is: its turn by its edges, its next attempt, or standing in for another node. */
export type StartKind = NewStart | Continuation

/** A start that begins an iteration. */
export type NewStart = { readonly kind: 'visit' } | { readonly kind: 'fallback'; readonly primary: number }

/** A start that goes on with an iteration that is open. */
export type Continuation = { readonly kind: 'retry' } | { readonly kind: 'registry-fallback' }

/**
 * Where a run stands in its plan, so that no decision has to search: what may start, what must be skipped, which edges
 * are still to be decided. A fold of the same events as the state, by `advance`. Nodes and edges are plan indices.
 */
export interface Frontier {
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
  /** For each node: outgoing edges not resolved yet. */
  readonly undecided: number[]
  readonly edgeResolved: boolean[]
  /** For each node: primaries that may still need it. */
  readonly openPrimaries: number[]
  /** For each node: whether its fallback knows that it has no more need of it. */
  readonly hasReleased: boolean[]

  /** Nodes with something to start as soon as a slot is free. */
  readonly ready: IndexHeap
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
  /** Nodes that wait for the end of a delay between two attempts. */
  readonly backingOff: IndexSet
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
  isFinished: boolean
}

/** The frontier of a run before its first event. O(V + E). */
export function frontierOf(plan: Plan): Frontier {
  const each = <T>(value: T): T[] => new Array<T>(plan.nodes.length).fill(value)
  return {
    unresolved: plan.nodes.map((node) => node.incoming.length),
    firstTaken: each<number | undefined>(undefined),
    failedEdge: each<number | undefined>(undefined),
    lastEdge: each<number | undefined>(undefined),
    visited: each(false),
    servedAsFallback: each(false),
    undecided: plan.nodes.map((node) => node.outgoing.length),
    edgeResolved: new Array<boolean>(plan.edges.length).fill(false),
    openPrimaries: plan.nodes.map((node) => node.primaries.length),
    hasReleased: each(false),
    ready: new IndexHeap(),
    nextVisit: each<NewStart | undefined>(undefined),
    laterVisits: undefined,
    continuation: each<Continuation | undefined>(undefined),
    open: new IndexSet(),
    running: new IndexSet(),
    backingOff: new IndexSet(),
    failing: new IndexQueue(),
    routing: new IndexQueue(),
    skips: new IndexQueue(),
    executions: 0,
    hasFatalError: false,
    isCancelled: false,
    isStarted: false,
    isFinished: false,
  }
}

/** Whether nothing is going on and nothing is left that could. */
export function isIdle(frontier: Frontier): boolean {
  return (
    frontier.ready.size === 0 &&
    frontier.running.size === 0 &&
    frontier.backingOff.size === 0 &&
    frontier.failing.size === 0 &&
    frontier.routing.size === 0 &&
    frontier.skips.size === 0
  )
}
