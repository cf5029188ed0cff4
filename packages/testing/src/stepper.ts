import {
  FlowRuntime,
  type ExecutionHandle,
  type FlowcraftEvent,
  type IAsyncContext,
  type NodeRegistry,
  type ResumeData,
  type RuntimeOptions,
  type TypedBlueprint,
  type WorkflowResult,
  type WorkflowStatus,
} from 'flowcraft'
import { teeBus, type TeeBus } from './tee-bus.ts'

/** Options of one step. */
export interface StepOptions {
  /** Cancels the run when it aborts during the step. */
  readonly signal?: AbortSignal | undefined
  /** How many nodes of the step may run at a time. Default that of the run. */
  readonly concurrency?: number | undefined
}

/** The context at the stepper's place, to be read only. */
export type StepperContext<TContext> = Pick<IAsyncContext<TContext>, 'type' | 'get' | 'has' | 'getAll' | 'toJSON'>

/** The state at the stepper's place. */
export interface StepperState<TContext = Record<string, unknown>> {
  /** `'stalled'` before the end, `'awaiting'` where everything that is left waits. */
  readonly status: WorkflowStatus
  getContext(): StepperContext<TContext>
}

/** Goes through a run turn by turn, forwards and backwards. */
export interface Stepper<TContext = Record<string, unknown>> {
  readonly executionId: string
  /** The log so far, with those of subflows' runs; later turns included when the stepper has gone back. */
  readonly events: readonly FlowcraftEvent[]
  readonly state: StepperState<TContext>
  /**
   * Runs what is ready now, and gives the result so far; `null` when nothing is left. After `prev`, it goes forward
   * over what is recorded and runs nothing.
   */
  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null>
  /** Goes back to the state before the last turn; `null` at the start. */
  prev(): Promise<WorkflowResult<TContext> | null>
  /**
   * Lets a node that waits go on, so that `next` has something to run again.
   * @throws NOT_AWAITING for a node that does not wait.
   */
  resume(nodeId: string, data?: ResumeData): void
  /** Begins anew, as another execution with a log of its own. The old one is cancelled if it has not ended. */
  reset(): void
  /** Whether nothing is left: the run has ended, or `next` has found nothing but nodes that wait. */
  isDone(): boolean
}

/**
 * A stepper over a new run of `blueprint`. The run is recorded on the given runtime's bus too, if it has one; its log is
 * complete and holds the blueprint itself. As every recorded run, it copies values.
 * @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED as `runtime.run` rejects.
 */
export function createStepper<
  TContext = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
>(
  runtime: FlowRuntime<TDependencies>,
  blueprint: TypedBlueprint<TContext>,
  functionRegistry: NodeRegistry,
  initialState: object | string = {},
): Stepper<TContext> {
  return new TurnStepper(runtime.options, blueprint, functionRegistry, initialState)
}

/** A place that the stepper can stand at: a `seq`, and how the run stood there. */
interface Mark {
  readonly seq: number
  readonly status: WorkflowStatus
}

class TurnStepper<TContext, TDependencies extends object> implements Stepper<TContext> {
  readonly #runtimeOptions: RuntimeOptions<TDependencies>
  readonly #blueprint: TypedBlueprint<TContext>
  readonly #start: () => Session<TContext>
  #session: Session<TContext>

  constructor(
    runtimeOptions: RuntimeOptions<TDependencies>,
    blueprint: TypedBlueprint<TContext>,
    functionRegistry: NodeRegistry,
    initialState: object | string,
  ) {
    this.#runtimeOptions = runtimeOptions
    this.#blueprint = blueprint
    this.#start = () => {
      const log = teeBus(this.#runtimeOptions.eventBus)
      const runtime = new FlowRuntime({ ...this.#runtimeOptions, isolation: 'clone', eventBus: log })
      const handle = runtime.start(blueprint, initialState, { functionRegistry, byTurns: true })
      return { runtime, handle, log, marks: [{ seq: 0, status: 'stalled' }], at: 0, isWaitedOut: false }
    }
    this.#session = this.#start()
  }

  get executionId(): string {
    return this.#session.handle.executionId
  }

  get events(): readonly FlowcraftEvent[] {
    return [...this.#session.log.events]
  }

  get state(): StepperState<TContext> {
    const { status } = this.#mark
    const all = (): Promise<WorkflowResult<TContext>['context']> => this.#result().then((result) => result.context)
    // The keys that the context's type lists are read by their names, as any other key is.
    const read = all as () => Promise<Record<string, unknown>>
    const context = {
      type: 'async',
      get: async (key: string) => {
        const context = await read()
        return Object.hasOwn(context, key) ? context[key] : undefined
      },
      has: async (key: string) => Object.hasOwn(await read(), key),
      getAll: read,
      toJSON: read,
    } as StepperContext<TContext>
    return { status, getContext: () => context }
  }

  async next(options: StepOptions = {}): Promise<WorkflowResult<TContext> | null> {
    const session = this.#session
    if (session.at + 1 < session.marks.length) {
      session.at += 1
      return await this.#result()
    }
    const cancel = (): void => session.handle.cancel(options.signal?.reason)
    if (options.signal?.aborted) cancel()
    options.signal?.addEventListener('abort', cancel, { once: true })
    const result = await session.handle
      .turn({ concurrency: options.concurrency })
      .finally(() => options.signal?.removeEventListener('abort', cancel))
    if (result === null) {
      session.isWaitedOut = true
      return null
    }
    session.marks.push({ seq: lastSeq(session), status: result.status })
    session.at = session.marks.length - 1
    return result
  }

  async prev(): Promise<WorkflowResult<TContext> | null> {
    if (this.#session.at === 0) return null
    this.#session.at -= 1
    return await this.#result()
  }

  resume(nodeId: string, data: ResumeData = {}): void {
    this.#session.handle.resume(data, nodeId)
    this.#session.isWaitedOut = false
  }

  reset(): void {
    if (!hasEnded(this.#session.marks.at(-1)?.status)) this.#session.handle.cancel('The stepper was reset')
    this.#session = this.#start()
  }

  isDone(): boolean {
    const { marks, at, isWaitedOut } = this.#session
    return at === marks.length - 1 && (isWaitedOut || hasEnded(this.#mark.status))
  }

  get #mark(): Mark {
    // There is a mark for the start, and `at` never leaves the list.
    return this.#session.marks[this.#session.at]!
  }

  /** The state at the stepper's place, folded from the log. */
  async #result(): Promise<WorkflowResult<TContext>> {
    const { runtime, handle, log } = this.#session
    const { seq, status } = this.#mark
    await handle.begun
    const replayed = await runtime.replay(this.#blueprint, log.events, handle.executionId, { until: seq })
    // All that a replay gives is the run's own, but for the status.
    return Object.defineProperty(replayed, 'status', { value: status }) as unknown as WorkflowResult<TContext>
  }
}

/** One run that is stepped through. */
interface Session<TContext> {
  readonly runtime: FlowRuntime<object>
  readonly handle: ExecutionHandle<TContext>
  readonly log: TeeBus
  readonly marks: Mark[]
  /** The index in `marks` of the place where the stepper stands. */
  at: number
  /** Whether everything that is left waits, and `next` has said so. */
  isWaitedOut: boolean
}

/** The log holds the events of subflows' runs as well. */
function lastSeq({ log, handle }: Session<unknown>): number {
  for (let index = log.events.length - 1; index >= 0; index -= 1) {
    const event = log.events[index]!
    if (event.executionId === handle.executionId) return event.seq
  }
  return 0
}

function hasEnded(status: WorkflowStatus | undefined): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
