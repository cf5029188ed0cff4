import { FlowcraftError, type Snapshot, type WorkflowResult } from 'flowcraft'
import type { Course } from './course.ts'
import type { StepOptions, StepperState, StepTarget } from './interface.ts'
import { isStartOf } from './live-log.ts'
import { statusOf } from './views.ts'

/** A place on a course, which moves. */
export class Walk<TContext> {
  readonly course: Course<TContext>
  /** The event after which it stands. */
  #seq = 0
  /** What was looked at last: it is asked for several times. */
  #shown: Snapshot | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(course: Course<TContext>) {
    this.course = course
  }

  get state(): StepperState<TContext> {
    const { course } = this
    const seq = this.#seq
    const status = statusOf(this.#snapshotAt(seq))
    let snapshot: Snapshot | undefined
    const context = course.views.contextOf(async () => {
      await course.begun
      return (snapshot ??= this.#snapshotAt(seq))
    })
    return { status, getContext: () => context }
  }

  isDone(): boolean {
    return this.course.isOver && this.#seq >= this.course.recording.length - 1
  }

  next(options: StepOptions = {}): Promise<WorkflowResult<TContext> | null> {
    return this.#afterOthers(() => this.#next(options))
  }

  prev(): Promise<WorkflowResult<TContext> | null> {
    return this.#afterOthers(async () => {
      const { stops } = this.course
      const stop = stops[countWhile(stops, (seq) => seq < this.#seq) - 1]
      if (stop === undefined) return null
      this.#seq = stop
      return this.#result()
    })
  }

  stepEvent(options: StepOptions = {}): Promise<Snapshot | null> {
    return this.#afterOthers(async () => {
      if (this.#isAtEnd) await this.course.grow(options)
      if (this.#isAtEnd) return null
      this.#seq += 1
      return this.#snapshotAt(this.#seq)
    })
  }

  runTo(target: StepTarget, options: StepOptions = {}): Promise<Snapshot | null> {
    return this.#afterOthers(async () => {
      requireTarget(target)
      const until = typeof target === 'string' ? target : undefined
      while (!this.#isAt(target)) {
        if (this.#goOn()) continue
        await this.course.grow(options, until)
        // It may have come no further than to the start of the node.
        if (!this.#goOn() && !this.#isAt(target)) return null
      }
      return this.#snapshotAt(this.#seq)
    })
  }

  /** Calls that overlap must not both take the same turn for theirs. */
  #afterOthers<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      await this.course.begun
      return await step()
    })
    this.#last = done.catch(() => {})
    return done
  }

  async #next(options: StepOptions): Promise<WorkflowResult<TContext> | null> {
    if (this.#goOn()) return this.#result()
    const result = await this.course.grow(options)
    if (!this.#goOn()) return null
    return this.#isAtEnd && result !== undefined ? result : this.#result()
  }

  /** To the end of the next turn that is recorded. */
  #goOn(): boolean {
    const stop = this.#stopAhead
    if (stop === undefined) return false
    this.#seq = stop
    return true
  }

  #isAt(target: StepTarget): boolean {
    if (typeof target === 'function') return target(this.#snapshotAt(this.#seq))
    const { recording } = this.course
    const stop = this.#stopAhead
    const end = stop ?? recording.length - 1
    for (let seq = this.#seq + 1; seq <= end; seq += 1) if (isStartOf(recording.at(seq).event, target)) return true
    return stop === undefined && this.course.isAboutToStart(target)
  }

  get #stopAhead(): number | undefined {
    const { stops } = this.course
    return stops[countWhile(stops, (seq) => seq <= this.#seq)]
  }

  get #isAtEnd(): boolean {
    return this.#seq >= this.course.recording.length - 1
  }

  #result(): WorkflowResult<TContext> {
    return this.course.views.resultOf(this.#snapshotAt(this.#seq), this.course.executionId)
  }

  #snapshotAt(seq: number): Snapshot {
    if (this.#shown?.seq === seq) return this.#shown
    const { recording } = this.course
    // A history without events has one place.
    return (this.#shown = recording.at(recording.length === 0 ? 'end' : seq))
  }
}

/** How many of ordered numbers fit, where none fits behind one that does not. */
function countWhile(numbers: readonly number[], fits: (number: number) => boolean): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (fits(numbers[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

function requireTarget(target: unknown): void {
  if ((typeof target === 'string' && target !== '') || typeof target === 'function') return
  const found = target === '' ? 'an empty text' : target === null ? 'null' : typeof target
  throw new FlowcraftError(
    `A stepper runs to a node, told by its id, or until a function of the snapshot holds; found ${found}`,
    { code: 'INPUT_INVALID' },
  )
}
