import {
  FlowRuntime,
  type ExecutionHandle,
  type FlowcraftEvent,
  type NodeRegistry,
  type Recording,
  type ResumeData,
  type RuntimeOptions,
  type TypedBlueprint,
  type WorkflowResult,
} from 'flowcraft'
import type { Course } from './course.ts'
import type { StepOptions } from './interface.ts'
import { LiveLog, upcomingRecording } from './live-log.ts'
import { Views } from './views.ts'

/** What a live run is started with. */
export interface LiveStart<TContext, TDependencies extends object> {
  readonly runtimeOptions: RuntimeOptions<TDependencies>
  readonly blueprint: TypedBlueprint<TContext>
  readonly functionRegistry: NodeRegistry
  readonly initialState: object | string
}

/** A run that goes on by turns when it is told to. */
export class LiveCourse<TContext, TDependencies extends object> implements Course<TContext> {
  readonly views: Views<TContext>
  readonly begun: Promise<void>
  readonly stops: number[] = [0]
  readonly #start: LiveStart<TContext, TDependencies>
  readonly #log: LiveLog
  readonly #handle: ExecutionHandle<TContext>
  readonly #upcoming: Recording
  /** The turn that has begun and not ended. */
  #turn: Promise<WorkflowResult<TContext>> | undefined
  /** Whether everything that is left waits, and somebody has been told so. */
  #isWaitedOut = false

  constructor(start: LiveStart<TContext, TDependencies>) {
    const { runtimeOptions, blueprint, functionRegistry, initialState } = start
    this.#start = start
    this.#log = new LiveLog(runtimeOptions.eventBus)
    this.views = new Views(runtimeOptions)
    const runtime = new FlowRuntime({ ...runtimeOptions, isolation: 'clone', eventBus: this.#log })
    this.#handle = runtime.start(blueprint, initialState, { functionRegistry, byTurns: true })
    this.begun = this.#handle.begun
    this.#upcoming = upcomingRecording(this.executionId, () => this.#log.recording)
  }

  get executionId(): string {
    return this.#handle.executionId
  }

  get events(): readonly FlowcraftEvent[] {
    return [...this.#log.events]
  }

  get recording(): Recording {
    return this.#log.recording ?? this.#upcoming
  }

  get isOver(): boolean {
    return this.#isWaitedOut || this.#hasEnded
  }

  isAboutToStart(nodeId: string): boolean {
    return this.#log.holds(nodeId)
  }

  async grow({ signal, concurrency }: StepOptions, until?: string): Promise<WorkflowResult<TContext> | undefined> {
    const cancel = (): void => this.#handle.cancel(signal?.reason)
    if (signal?.aborted) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      const isHeld = this.#log.goOn(until)
      this.#turn ??= this.#takeTurn(concurrency)
      return (await Promise.race([this.#turn, isHeld])) ?? undefined
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  resume(nodeId: string, data: ResumeData): void {
    this.#handle.resume(data, nodeId)
    this.#isWaitedOut = false
  }

  restart(): Course<TContext> {
    const next = new LiveCourse(this.#start)
    if (!this.#hasEnded) this.#handle.cancel('The stepper was reset')
    void this.#log.goOn(undefined)
    return next
  }

  get #hasEnded(): boolean {
    const { status } = this.recording
    return status === 'completed' || status === 'failed' || status === 'cancelled'
  }

  #takeTurn(concurrency: number | undefined): Promise<WorkflowResult<TContext>> {
    const turn = this.#handle
      .turn({ concurrency })
      // Where nothing was left to start, an answer may have been recorded all the same.
      .then((result) => result ?? this.#handle.result())
      .then((result) => {
        this.#noteStops()
        return result
      })
      .finally(() => (this.#turn = undefined))
    // Nobody may be waiting for the rest of a turn that is held.
    turn.catch(() => {})
    return turn
  }

  /** The end of the log ends a turn, and so does every place on the way to it where the run was parked. */
  #noteStops(): void {
    const { recording } = this
    const last = this.stops.at(-1)!
    for (let seq = last + 1; seq < recording.length; seq += 1) {
      const type = recording.at(seq).event?.type
      if (seq === recording.length - 1 || type === 'workflow:pause' || type === 'workflow:stall') this.stops.push(seq)
    }
    this.#isWaitedOut = this.stops.at(-1) === last
  }
}
