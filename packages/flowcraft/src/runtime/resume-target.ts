import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'

/** What is to be resumed, and where it may be found. */
export interface ResumeTarget {
  readonly executionId: string | undefined
  readonly blueprint: WorkflowBlueprint | undefined
  /** The context that the parked run gave, where that is how it is known. */
  readonly context: Readonly<Record<string, unknown>> | undefined
  /** A node of the run, or by `subflow/node` of a subflow's; default the first that waits. */
  readonly nodeId: string | undefined
}
