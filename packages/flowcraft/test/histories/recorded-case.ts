import type {
  ExecutionHandle,
  FlowcraftEvent,
  FlowRuntime,
  NodeImplementation,
  NodeRegistry,
  WorkflowBlueprint,
  WorkflowResult,
} from 'flowcraft'

/** A run to be recorded: one for each feature that has a mark in the log. */
export interface RecordedCase {
  readonly blueprint: WorkflowBlueprint
  readonly functionRegistry: NodeRegistry
  readonly initialState: object
  /** Flows that it runs by their ids. */
  readonly flows?: readonly Flow[]
  /** What is done to the run besides waiting for its result; gives the last one. */
  readonly drive?: Drive
  /** Kills the process that runs it behind the first event of which this is true; another one goes on. */
  readonly isCutBehind?: (event: FlowcraftEvent) => boolean
  /** Whose history is kept, when the last result is not that of the run itself. */
  readonly executionId?: string
  /** For the run of a subflow: the case that runs it, and the id of its run. */
  readonly childOf?: { readonly name: string; readonly executionId: string }
}

/** What is done to a run; gives its last result. */
export type Drive = (handle: ExecutionHandle, runtime: FlowRuntime) => Promise<WorkflowResult>

/** A flow as the builder makes it. */
export interface Flow {
  toBlueprint(): WorkflowBlueprint
  getFunctionRegistry(): ReadonlyMap<string, NodeImplementation>
}

/** A flow as a case. */
export const caseOf = (flow: Flow, initialState: object = {}, more: Partial<RecordedCase> = {}): RecordedCase => ({
  blueprint: flow.toBlueprint(),
  functionRegistry: flow.getFunctionRegistry(),
  initialState,
  ...more,
})
