import type {
  FlowcraftEvent,
  IAsyncContext,
  Recording,
  ResumeData,
  Snapshot,
  WorkflowResult,
  WorkflowStatus,
} from 'flowcraft'

/** Options of one step. */
export interface StepOptions {
  /** Cancels the run when it aborts during the step. */
  readonly signal?: AbortSignal | undefined
  /** How many nodes of the step may run at a time. Default that of the run. */
  readonly concurrency?: number | undefined
}

/** The context at the stepper's place, to be read only. */
export type StepperContext<TContext> = Pick<IAsyncContext<TContext>, 'type' | 'get' | 'has' | 'getAll' | 'toJSON'>

/** The state at the place where the stepper stood when it was asked for it. */
export interface StepperState<TContext = Record<string, unknown>> {
  /** `'stalled'` before the end, `'awaiting'` where everything that is left waits. */
  readonly status: WorkflowStatus
  getContext(): StepperContext<TContext>
}

/** A place to run to: the id of a node that is about to start, or what holds of the run there. */
export type StepTarget = string | ((snapshot: Snapshot) => boolean)

/**
 * Goes through a run turn by turn or event by event, forwards and backwards. The places between turns are the start of the
 * run, where its nodes had not begun, and each event that was the last one of a turn. Calls that overlap are taken one after
 * the other.
 */
export interface Stepper<TContext = Record<string, unknown>> {
  readonly executionId: string
  /** The log so far, with those of subflows' runs; later turns included when the stepper has gone back. */
  readonly events: readonly FlowcraftEvent[]
  /**
   * The history of this execution so far, as `openRecording` gives it. It grows with every event; {@link reset} begins
   * another one. Before the first step has been awaited, it may be empty.
   */
  readonly recording: Recording
  readonly state: StepperState<TContext>
  /**
   * Goes on to the end of the present turn or, from the end of one, of the next, and gives the result so far; `null` when
   * nothing is left. What is recorded is not run again: nodes run only where the log ends.
   */
  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null>
  /** Goes back to the end of an earlier turn, the last one before this place, or to the start; `null` at the start. */
  prev(): Promise<WorkflowResult<TContext> | null>
  /**
   * Goes on by one event, and gives the run as it was after it; `null` when nothing is left. At the end of the log, the
   * whole next turn is run first, and its events are gone through one by one. From inside a turn, `next` goes to its end and
   * `prev` to where it began.
   */
  stepEvent(options?: StepOptions): Promise<Snapshot | null>
  /**
   * Goes on turn by turn until a node is among those that start next, or until a predicate holds at the end of a turn; the
   * present place counts. Gives the run as it was there, or `null` when nothing is left before that, and the stepper stands
   * at the end then. In a live run, a node that is found has not run, and neither have those that start together with it;
   * `concurrency` holds for them too. From where it has been found, `next` goes on.
   * @throws INPUT_INVALID for a target that is neither the id of a node nor a function.
   */
  runTo(target: StepTarget, options?: StepOptions): Promise<Snapshot | null>
  /**
   * Lets a node that waits go on, so that `next` has something to run again.
   * @throws NOT_AWAITING for a node that does not wait, and always for a stepper over a recording.
   */
  resume(nodeId: string, data?: ResumeData): void
  /**
   * Begins anew: a live stepper with another execution that has a log of its own, and the old one is cancelled if it has not
   * ended; one over a recording at its start.
   */
  reset(): void
  /**
   * Whether nothing is left: the stepper stands at the end of a run that has ended, or of a recording, or `next` has found
   * nothing but nodes that wait.
   */
  isDone(): boolean
}
