import type { PlanNode } from '../blueprint/plan.ts'
import type { Fact } from '../events/event.ts'
import { endBackOff } from '../scheduler/advance.ts'
import type { StartFact } from '../scheduler/decision.ts'
import type { EndedAttempt } from '../scheduler/outcome.ts'
import { Attempts } from './attempts.ts'
import { Children, startOf, type ChildRun } from './children.ts'
import { Delays } from './delays.ts'
import { Pace } from './pace.ts'
import type { Recorder } from './recorder.ts'
import type { RunOptions } from './run-options.ts'
import { RunScope } from './run-scope.ts'
import { takeOutcome } from './take-outcome.ts'

/** Whom {@link LiveWork} tells what comes of it. */
export interface WorkListener {
  onFacts(facts: () => readonly Fact[]): void
  onFailure(error: unknown): void
}

/** What a run has going on outside its log: attempts, delays between them, and the runs of subflows. */
export class LiveWork<TRun extends ChildRun> {
  readonly #options: RunOptions<TRun>
  readonly #recorder: Recorder
  readonly #listener: WorkListener
  readonly #attempts: Attempts
  readonly #pace: Pace
  #delays: Delays | undefined
  #children: Children<TRun> | undefined
  #isOver = false

  constructor(options: RunOptions<TRun>, recorder: Recorder, listener: WorkListener) {
    this.#options = options
    this.#recorder = recorder
    this.#listener = listener
    this.#attempts = new Attempts(new RunScope(options, recorder))
    this.#pace = new Pace(options.outbox)
  }

  /** Made when they are first asked for, as most runs have none. */
  get children(): Children<TRun> {
    this.#children ??= new Children({
      clock: this.#options.clock,
      state: () => this.#recorder.state,
      start: this.#options.startChild,
      onFacts: (facts) => this.#listener.onFacts(facts),
      onFailure: (error) => this.#listener.onFailure(error),
    })
    return this.#children
  }

  /** Executes a node whose start is recorded, or starts the run of a subflow. */
  start(node: PlanNode, fact: StartFact): void {
    if (this.#isOver) return
    if (fact.payload.childExecutionId !== undefined) return this.children.start(node, fact)
    const take = (ended: EndedAttempt) => takeOutcome(ended, this.#recorder.frontier, this.#options)
    this.#pace.soon(() => {
      if (!this.#isOver) this.#attempts.make(node, fact, (ended) => this.#listener.onFacts(() => take(ended)))
    })
  }

  /** Lets a node wait before its next attempt. */
  backOff(node: number, delayMs: number): void {
    this.#delays ??= new Delays(this.#options.clock)
    this.#delays.start(node, delayMs, () =>
      this.#listener.onFacts(() => {
        endBackOff(this.#recorder.frontier, node)
        return []
      }),
    )
  }

  /** Lets nodes wait for what is left of their delays. */
  restoreBackOffs(): void {
    const { frontier, state } = this.#recorder
    for (const node of frontier.backingOff.members()) {
      const dueAt = state.nodes.get(frontier.plan.nodes[node]!.id)?.retryAt ?? 0
      this.backOff(node, Math.max(0, dueAt - this.#options.clock.now()))
    }
  }

  /** Takes up what a process that is gone has left: delays, and runs of subflows, those that it had not begun included. */
  restore(): void {
    this.restoreBackOffs()
    const { frontier, state } = this.#recorder
    for (const index of frontier.inChild.members()) {
      const node = frontier.plan.nodes[index]!
      if (this.children.of(node.id) !== undefined) this.children.follow(node.id)
      else this.#recorder.whenSafe(() => this.start(node, startOf(node.id, state)))
    }
  }

  stopDelays(): void {
    this.#delays?.cancelAll()
  }

  /** Ends the runs of subflows without a word in their logs. */
  failChildren(error: unknown): void {
    this.#children?.fail(error)
  }

  /** Resolves when every run of a subflow has ended; `undefined` where there is none. */
  childrenEnded(): Promise<void> | undefined {
    return this.#children?.isEmpty === false ? this.#children.settled() : undefined
  }

  /** Aborts what is going on here, and leaves the runs of subflows to themselves. */
  leave(reason: unknown): void {
    this.#isOver = true
    this.stopDelays()
    this.#attempts.abort(() => reason, 'goes on somewhere else')
  }

  /** Aborts everything: nothing that comes of it counts. */
  end(reason: () => unknown, why: string): void {
    this.#isOver = true
    this.stopDelays()
    this.#attempts.abort(reason, why)
    if (this.#children?.isEmpty === false) this.#children.end(reason())
  }
}
