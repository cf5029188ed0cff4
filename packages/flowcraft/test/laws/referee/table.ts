import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import type { EventPayloads, SkipReason } from '../../../src/events/event.ts'
import type { RandomFlow } from '../generator/draft.ts'
import { neededFor, shapeOf, type Shape } from './shape.ts'

/** How things stand in a run, as far as the rules ask. */
export interface Table {
  readonly flow: RandomFlow
  shape: Shape
  /** Of nodes, in the present turn of the loops around them. */
  readonly standings: Map<string, Standing>
  readonly edges: Map<number, EdgeStanding>
  /** How many runs of each node have started. */
  readonly starts: Map<string, number>
  /** Of all nodes, as far as they count for the limit. */
  executions: number
  /** What each node last gave, and last got. */
  readonly outputs: Map<string, unknown>
  readonly inputs: Map<string, unknown>
  /** What controllers last gave, since the turn of the loops around their own began. */
  readonly given: Map<string, unknown>
  /** Batches, in the present turn. */
  readonly batches: Map<string, Batch>
  readonly workers: Map<string, Worker>
  /** What nodes wrote, once the attempt that wrote it has ended. */
  readonly written: Map<string, { readonly value: unknown } | 'deleted'>
  readonly held: Map<string, EventPayloads['context:change'][]>
  errors: { readonly of: Run | undefined; readonly text: string }[]
  /** What was last known of each node, whatever turn it is by now. */
  readonly last: Map<string, Last>
  /** Of the event that is being looked at. */
  seq: number
  /** Whether the run was ended before it was done. */
  isCutShort: boolean
  /** What may start before the run has reached its targets; all where it has none. */
  needed: ReadonlySet<string> | undefined
  /** Whether it goes on only when it is told to. */
  isParked: boolean
  /** Whether it is parked because it has reached its targets. */
  isAtTargets: boolean
  /** Whether somebody asked for a pause, which the log does not tell. */
  readonly mayPause: boolean
  /** With what a waiting node is to finish at once. */
  answer: EventPayloads['workflow:resume'] | undefined
}

/** A batch, as far as it has come. */
export interface Batch {
  /** Workers that have come into being. */
  readonly ids: string[]
  /** With what workers failed. */
  readonly errors: Map<string, string>
  isGathered: boolean
  results?: readonly unknown[]
}

/** One worker of a batch. */
export interface Worker {
  readonly definition: NodeDefinition
  readonly batchId: string
  readonly scatterNodeId: string
  readonly item: unknown
}

/** What was last known of a node. */
export type Last = { readonly skipped: SkipReason } | { readonly run: Run }

/** The start of a node in its own place. */
export interface Start {
  readonly kind: 'start'
  /** The edges that deliver; where the order of events does not say, which of these. */
  readonly deliveries: readonly (readonly number[])[]
  /** What a controller gets where no edge delivers. */
  readonly received: { readonly value: unknown } | undefined
}

/** A node in one turn. */
export interface Standing {
  /** The start with which this turn began. */
  next: Start | undefined
  /** Its own run and those in which it stands in for others, in the order of their starts. */
  readonly runs: Run[]
  skipped: SkipReason | undefined
  /** The event that said so. */
  skippedAt: number
  /** What is yet to be decided about edges that leave it. */
  readonly undecided: Map<number, EdgeVerdict>
}

/** A node from its first attempt to its end. */
export interface Run {
  readonly nodeId: string
  readonly iteration: number
  /** The run that this one stands in for. */
  readonly primary: Run | undefined
  readonly input: unknown
  /** 0 where even the start failed. */
  attempt: number
  /** Whether a fallback that is no node runs under this node's name. */
  isByKey: boolean
  state: 'running' | 'waiting' | 'backing-off' | 'erred' | 'falling-back' | 'finished' | 'failed'
  output: unknown
  action: string | undefined
}

/** How an edge is decided when its source finishes. */
export interface EdgeVerdict {
  readonly taken: boolean
  readonly reason: string | undefined
  /** What it delivers; meaningless if it is not taken or has a fault. */
  readonly value: unknown
  readonly isFaulty: boolean
}

/** What has become of an edge. */
export type Arrival = 'taken' | 'dead-by-choice' | 'dead-by-failure'

/** An edge, in the present turn of the loops that it stays in. */
export interface EdgeStanding {
  /** By its source in the present turn. */
  now: Arrival | undefined
  /** The event at which it took effect. */
  seq: number
  /** In any turn of the loops that it leaves. */
  wasTaken: boolean
  hasFailed: boolean
  /** An end of a loop that it leaves failed. */
  isCutOff: boolean
  value: unknown
  isFaulty: boolean
  /** It was decided before the present turn of a loop that it enters. */
  isKept: boolean
  /** How often it was taken in the whole run. */
  count: number
  verdict: EdgeVerdict | undefined
}

/** Before the first event. */
export function newTable(flow: RandomFlow): Table {
  return {
    flow,
    shape: shapeOf(flow.blueprint),
    standings: new Map(),
    edges: new Map(),
    starts: new Map(),
    executions: 0,
    outputs: new Map(),
    inputs: new Map(),
    given: new Map(),
    batches: new Map(),
    workers: new Map(),
    written: new Map(Object.entries(flow.initial).map(([key, value]) => [key, { value }])),
    held: new Map(),
    errors: [],
    last: new Map(),
    seq: -1,
    isCutShort: false,
    needed: flow.targets.length > 0 ? neededFor(shapeOf(flow.blueprint), flow.targets) : undefined,
    isParked: false,
    isAtTargets: false,
    mayPause: flow.pausesAt.length > 0,
    answer: undefined,
  }
}
