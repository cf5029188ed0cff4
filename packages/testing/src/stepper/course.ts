import type { FlowcraftEvent, Recording, ResumeData, WorkflowResult } from 'flowcraft'
import type { StepOptions } from './interface.ts'
import type { Views } from './views.ts'

/** What a stepper goes over: a run that is made as it goes, or one that has been recorded. */
export interface Course<TContext> {
  readonly executionId: string
  readonly events: readonly FlowcraftEvent[]
  readonly recording: Recording
  readonly views: Views<TContext>
  /** Resolves when the start of the run is in the recording. */
  readonly begun: Promise<void>
  /** The events at which turns have ended, and the start, in order. */
  readonly stops: readonly number[]
  /** Whether nothing can come behind what is recorded. */
  readonly isOver: boolean
  /** Whether a node is one of those that would start if the run went on from the end of its log. */
  isAboutToStart(nodeId: string): boolean
  /**
   * Runs a turn, or what is left of one, as far as the start of the node `until`. Gives the result at the end of the log if
   * the turn has ended.
   */
  grow(options: StepOptions, until?: string): Promise<WorkflowResult<TContext> | undefined>
  /** @throws NOT_AWAITING for a node that does not wait. */
  resume(nodeId: string, data: ResumeData): void
  /** Another course from the start; this one is left. */
  restart(): Course<TContext>
}
