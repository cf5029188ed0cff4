import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeRegistry } from '../blueprint/node.ts'

/** Options of a resume. */
export interface ResumeOptions {
  /** Implementations, where the run is not in memory any more. */
  readonly functionRegistry?: NodeRegistry | undefined
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** What is to be resumed, and where it may be found. */
export interface ResumeTarget {
  readonly executionId: string | undefined
  readonly blueprint: WorkflowBlueprint | undefined
  /** The context that the parked run gave, where that is how it is known. */
  readonly context: Readonly<Record<string, unknown>> | undefined
  /** A node of the run, or by `subflow/node` of a subflow's; default the first that waits. */
  readonly nodeId: string | undefined
}
