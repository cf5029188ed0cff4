import type { FlowcraftEvent, Recording, ResumeData, Snapshot, WorkflowResult } from 'flowcraft'
import type { Course } from './course.ts'
import type { Stepper, StepOptions, StepperState, StepTarget } from './interface.ts'
import { Walk } from './walk.ts'

/** A stepper over one course after the other. */
export class WalkingStepper<TContext> implements Stepper<TContext> {
  #walk: Walk<TContext>

  constructor(course: Course<TContext>) {
    this.#walk = new Walk(course)
  }

  get executionId(): string {
    return this.#walk.course.executionId
  }

  get events(): readonly FlowcraftEvent[] {
    return this.#walk.course.events
  }

  get recording(): Recording {
    return this.#walk.course.recording
  }

  get state(): StepperState<TContext> {
    return this.#walk.state
  }

  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null> {
    return this.#walk.next(options)
  }

  prev(): Promise<WorkflowResult<TContext> | null> {
    return this.#walk.prev()
  }

  stepEvent(options?: StepOptions): Promise<Snapshot | null> {
    return this.#walk.stepEvent(options)
  }

  runTo(target: StepTarget, options?: StepOptions): Promise<Snapshot | null> {
    return this.#walk.runTo(target, options)
  }

  resume(nodeId: string, data: ResumeData = {}): void {
    this.#walk.course.resume(nodeId, data)
  }

  reset(): void {
    this.#walk = new Walk(this.#walk.course.restart())
  }

  isDone(): boolean {
    return this.#walk.isDone()
  }
}
