import { FlowcraftError, FlowRuntime, type FlowcraftEvent, type Recording, type RuntimeOptions } from 'flowcraft'
import type { Course } from './stepper/course.ts'
import type { Stepper } from './stepper/interface.ts'
import { turnEnds } from './stepper/turn-ends.ts'
import { Views } from './stepper/views.ts'
import { WalkingStepper } from './stepper/walking-stepper.ts'

/**
 * A stepper over a past run: nothing is run, recorded or written. It stops where a stepper over the live run stopped, as far
 * as the log tells; in a run that was not stepped through, where nothing was running. `events` are those of this execution
 * only. A recording that is refreshed has more to step through.
 * @param runtime Whose value types and serializer contexts are given with. Default one without options.
 * @throws INPUT_INVALID for what is no recording.
 */
export function createRecordedStepper<TContext = Record<string, unknown>>(
  recording: Recording,
  runtime: { readonly options: Pick<RuntimeOptions, 'serializer' | 'valueTypes'> } = new FlowRuntime(),
): Stepper<TContext> {
  requireRecording(recording)
  return new WalkingStepper(new RecordedCourse<TContext>(recording, new Views(runtime.options)))
}

class RecordedCourse<TContext> implements Course<TContext> {
  readonly recording: Recording
  readonly views: Views<TContext>
  readonly begun: Promise<void> = Promise.resolve()
  readonly isOver = true
  #stops: readonly number[] = []
  /** How many events there were when the stops were looked for. */
  #length = 0

  constructor(recording: Recording, views: Views<TContext>) {
    this.recording = recording
    this.views = views
  }

  get executionId(): string {
    return this.recording.executionId
  }

  get events(): readonly FlowcraftEvent[] {
    return this.recording.events
  }

  get stops(): readonly number[] {
    if (this.#length !== this.recording.length) {
      this.#stops = turnEnds(this.recording)
      this.#length = this.recording.length
    }
    return this.#stops
  }

  isAboutToStart(): boolean {
    return false
  }

  async grow(): Promise<undefined> {}

  resume(nodeId: string): void {
    const { executionId } = this
    throw new FlowcraftError(
      `Node '${nodeId}' of execution '${executionId}' cannot be resumed in a stepper over a recording, which runs nothing: resume the run by runtime.resume('${executionId}', …)`,
      { code: 'NOT_AWAITING', nodeId, executionId },
    )
  }

  restart(): Course<TContext> {
    return this
  }
}

function requireRecording(recording: unknown): void {
  const isRecording =
    typeof recording === 'object' && recording !== null && typeof Reflect.get(recording, 'cursor') === 'function'
  if (isRecording) return
  throw new FlowcraftError(
    `createRecordedStepper takes a recording, such as openRecording or recordingFrom gives; found ${recording === null ? 'null' : typeof recording}`,
    { code: 'INPUT_INVALID' },
  )
}
