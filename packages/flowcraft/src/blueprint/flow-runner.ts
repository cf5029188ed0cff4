import type { WorkflowError } from '../errors.ts'
import type { TypedBlueprint, WorkflowBlueprint } from './blueprint.ts'
import type { NodeRegistry } from './node.ts'

/** How a run stands for whoever asked for it: ended, waiting, or stopped with something left to do. */
export type WorkflowStatus = 'completed' | 'failed' | 'cancelled' | 'awaiting' | 'stalled'

/** What a run gives. `context` and `serializedContext` are made when they are first read. */
export interface WorkflowResult<TContext = Record<string, unknown>> {
  readonly context: TContext & { readonly _executionId: string }
  readonly serializedContext: string
  readonly status: WorkflowStatus
  /** Every error that nothing recovered, in the order of the log; `undefined` when there are none. */
  readonly errors: readonly WorkflowError[] | undefined
  readonly executionId: string
}

/** Options of one run. */
export interface RunCallOptions {
  /** Implementations for this run; they win over the runtime's. */
  readonly functionRegistry?: NodeRegistry | undefined
  /** Default that of the runtime. */
  readonly strict?: boolean | undefined
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** How many nodes may run at a time. Default 64. */
  readonly concurrency?: number | undefined
  /** How many node executions a run may have. Default 1 000 000. */
  readonly maxIterations?: number | undefined
  /** Recorded with the run, for finding it again. */
  readonly tags?: readonly string[] | undefined
  /**
   * The id of the run, which starts once: where it has ended or is parked, that is the result; where it is live, also in
   * another process, its result is waited for; where it was cut off, it is recovered. Default a new one.
   */
  readonly executionId?: string | undefined
  /** What to do where a run of this `executionId` is live: wait for its result, or reject. Default `'wait'`. */
  readonly ifRunning?: 'wait' | 'error' | undefined
}

/** What a waiting node goes on with. */
export interface ResumeData {
  readonly output?: unknown
  /** Chooses among the node's edges. */
  readonly action?: string | undefined
}

/** Options of a resume. */
export interface ResumeOptions {
  /** The blueprint that the run must have been recorded with, or with `allowChanged` goes on under. Default whatever it was. */
  readonly blueprint?: WorkflowBlueprint | undefined
  /**
   * Whether a given blueprint may be another one than the recorded one, if it takes every decision that is recorded: the
   * run goes on under it. Where it is known from its log only, or parked. Default `false`.
   */
  readonly allowChanged?: boolean | undefined
  /** Implementations, where the run is not in memory any more. */
  readonly functionRegistry?: NodeRegistry | undefined
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** What runs a blueprint: the runtime, as far as a flow needs it. */
export interface FlowRunner<TDependencies extends object = object> {
  readonly dependencies: TDependencies
  run<TContext = Record<string, unknown>>(
    blueprint: TypedBlueprint<TContext>,
    initialState?: object | string,
    options?: RunCallOptions,
  ): Promise<WorkflowResult<TContext>>
  resume<TContext = Record<string, unknown>>(
    blueprint: TypedBlueprint<TContext>,
    serializedContext: string,
    data?: ResumeData,
    nodeId?: string,
    options?: ResumeOptions,
  ): Promise<WorkflowResult<TContext>>
}
