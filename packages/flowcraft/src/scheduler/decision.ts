import type { PlanNode } from '../blueprint/plan.ts'
import type { Fact, RecordedRunOptions } from '../events/event.ts'

/** What a run is to do next. */
export type Decision =
  /** Record these facts, and ask again. */
  | { readonly kind: 'record'; readonly facts: readonly Fact[] }
  /** A node finished: decide its edges. */
  | { readonly kind: 'route'; readonly node: PlanNode }
  /** A loop controller has started: evaluate its condition, and finish it. */
  | { readonly kind: 'control'; readonly node: PlanNode }
  /** Record the start, and execute once it is durable. */
  | { readonly kind: 'start'; readonly node: PlanNode; readonly fact: StartFact }
  /** Nothing can go on without something from outside or a timer: record this, and let go of the run. */
  | { readonly kind: 'park'; readonly fact: Fact }
  /** Too many node executions: end the run as failed. */
  | { readonly kind: 'exhausted' }
  /** Nothing is left: end the run with this status. */
  | { readonly kind: 'finish'; readonly status: 'completed' | 'failed' | 'cancelled' }
  /** Nothing can be done before an outcome, a timer or a free slot. */
  | { readonly kind: 'wait' }

/** The fact that starts a node. */
export type StartFact = Extract<Fact, { type: 'node:start' }>

/** The fact that skips a node. */
export type SkipFact = Extract<Fact, { type: 'node:skipped' }>

/** How much a run may do: at a time, and in all. */
export type Limits = Pick<RecordedRunOptions, 'concurrency' | 'maxIterations'>
