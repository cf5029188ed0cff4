import type { PlanNode } from '../blueprint/plan.ts'
import { NodeTimeoutError, type WorkflowError } from '../errors.ts'
import type { Fact } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { Clock } from '../ports.ts'
import type { StartFact } from '../scheduler/decision.ts'
import { decideOutcome, type EndedAttempt, type Outcome, type WaitFact, type Write } from '../scheduler/outcome.ts'
import type { RunState } from '../state/run-state.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import { outcomeOfChild } from './subflow.ts'

/** A run as far as the run that started it needs it. */
export interface ChildRun {
  readonly frontier: Frontier
  readonly settled: Promise<RunState>
  pause(): void
  cancel(reason: unknown): void
  fail(error: unknown): void
}

/** Starts the run of a subflow. Throws what keeps it from starting. */
export type StartChild<TRun extends ChildRun> = (node: PlanNode, start: StartFact) => TRun

/** What {@link Children} need of the run that they belong to. */
export interface ChildrenOptions<TRun extends ChildRun> {
  readonly clock: Clock
  state(): RunState
  readonly start: StartChild<TRun>
  /** Takes in what follows from what a child came to. */
  onFacts(facts: () => readonly Fact[]): void
  /** A child could not be recorded: no member of the family goes on. */
  onFailure(error: unknown): void
}

interface Child<TRun> {
  readonly node: PlanNode
  readonly start: StartFact
  readonly run: TRun
  /** Ends the bound in time, if there is one. */
  disarm?: (() => void) | undefined
  /** Why it was cancelled, if it took too long. */
  timeout?: NodeTimeoutError
}

/** The runs of a run's subflows that have not ended. */
export class Children<TRun extends ChildRun> {
  readonly #options: ChildrenOptions<TRun>
  readonly #children = new Map<string, Child<TRun>>()
  /** Children that are to be paused as soon as they start, by their execution ids. */
  readonly #pausedEarly = new Set<string | undefined>()
  #hasEnded = false

  constructor(options: ChildrenOptions<TRun>) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#children.size === 0
  }

  /** The child of a node. */
  of(nodeId: string): TRun | undefined {
    return this.#children.get(nodeId)?.run
  }

  /** Starts the child of a node that has been recorded as started. */
  start(node: PlanNode, start: StartFact): void {
    let child: Child<TRun>
    try {
      child = { node, start, run: this.#options.start(node, start) }
    } catch (error) {
      return this.#options.onFacts(() =>
        this.#toFacts(node, start, { error: this.#toError(node, error), isRetryable: true }),
      )
    }
    this.#children.set(node.id, child)
    if (this.#pausedEarly.delete(start.payload.childExecutionId)) child.run.pause()
    this.#follow(child)
  }

  /** Every child now, by its node. */
  entries(): readonly (readonly [string, TRun])[] {
    return [...this.#children].map(([nodeId, { run }]) => [nodeId, run] as const)
  }

  /** Takes the child of a node in that began it earlier. */
  adopt(node: PlanNode, run: TRun): void {
    this.#children.set(node.id, { node, run, start: startOf(node.id, this.#options.state()) })
  }

  /** Takes in what the child of a node comes to. */
  follow(nodeId: string): void {
    const child = this.#children.get(nodeId)
    if (child !== undefined) this.#follow(child)
  }

  /** Lets the child of a node go on; the node itself has been recorded as resumed. */
  resume(nodeId: string, goOn: (child: TRun) => void): void {
    const child = this.#children.get(nodeId)
    if (child === undefined) return
    goOn(child.run)
    this.#follow(child)
  }

  /** Pauses every child, also one whose node has been recorded as started and that is still to come. */
  pause(): void {
    for (const { run } of this.#children.values()) run.pause()
    for (const [nodeId, { status, childExecutionId }] of this.#options.state().nodes) {
      const isToCome = status === 'running' && childExecutionId !== undefined && !this.#children.has(nodeId)
      if (isToCome) this.#pausedEarly.add(childExecutionId)
    }
  }

  /** Ends every child, because what it belongs to has ended. */
  end(reason: unknown): void {
    this.#endWith((run) => run.cancel(reason))
  }

  /** Ends every child without a word in its log. */
  fail(error: unknown): void {
    this.#endWith((run) => run.fail(error))
  }

  /** Resolves when every child has ended, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#children.values()].map(({ run }) => run.settled))
  }

  #endWith(end: (run: TRun) => void): void {
    this.#hasEnded = true
    for (const { run, disarm } of this.#children.values()) {
      disarm?.()
      end(run)
    }
  }

  #follow(child: Child<TRun>): void {
    const { run, node } = child
    const { settled } = run
    this.#arm(child)
    settled.then(
      (state) => {
        child.disarm?.()
        if (this.#hasEnded || this.#children.get(node.id) !== child) return
        // Somebody may have let it go on in the meantime.
        if (run.settled === settled) this.#options.onFacts(() => this.#factsOf(child, state))
        else this.#follow(child)
      },
      (error: unknown) => {
        if (!this.#hasEnded) this.#options.onFailure(error)
      },
    )
  }

  /** A timeout bounds how long the child runs at a stretch: while it waits, its node does. */
  #arm(child: Child<TRun>): void {
    const { run, node, start } = child
    const { timeoutMs } = node
    child.disarm?.()
    if (timeoutMs === undefined) return
    child.disarm = this.#options.clock.setTimer(timeoutMs, () => {
      if (run.frontier.isParked) return
      child.timeout = new NodeTimeoutError(node.id, timeoutMs, { executionId: start.payload.childExecutionId })
      run.cancel(child.timeout)
    })
  }

  #factsOf(child: Child<TRun>, state: RunState): readonly Fact[] {
    const { node, start, run, timeout } = child
    if (state.status === 'awaiting') {
      return [{ type: 'node:wait', payload: { nodeId: node.id, iteration: start.payload.iteration, ...waitOf(state) } }]
    }
    this.#children.delete(node.id)
    if (timeout !== undefined && state.status === 'cancelled') {
      return this.#toFacts(node, start, { error: this.#toError(node, timeout), isRetryable: true })
    }
    const { outcome, writes } = outcomeOfChild(node, run.frontier.plan, state, (error) => this.#toError(node, error))
    return this.#toFacts(node, start, outcome, writes)
  }

  #toFacts(node: PlanNode, { payload }: StartFact, outcome: Outcome, writes: readonly Write[] = []): readonly Fact[] {
    const { attempt, iteration } = payload
    const { startedAt = 0, crashes } = this.#options.state().nodes.get(node.id) ?? {}
    const durationMs = Math.max(0, this.#options.clock.now() - startedAt)
    const ended: EndedAttempt = {
      node,
      attempt,
      crashes,
      iteration,
      isRegistryFallback: false,
      writes,
      durationMs,
      outcome,
    }
    return decideOutcome(ended)
  }

  #toError({ id }: PlanNode, thrown: unknown): WorkflowError {
    const { blueprintId = '', executionId = '' } = this.#options.state()
    return toWorkflowError(thrown, { nodeId: id, blueprintId, executionId, now: this.#options.clock.now() })
  }
}

/** How the run of a node's subflow was started, as the parent's state has it. */
export function startOf(nodeId: string, { nodes }: RunState): StartFact {
  const { input, iteration = 0, attempts = 1, childExecutionId } = nodes.get(nodeId) ?? {}
  const child = childExecutionId !== undefined && { childExecutionId }
  return { type: 'node:start', payload: { nodeId, input, iteration, attempt: attempts, ...child } }
}

/** What the parent's node waits for while its child waits: for whatever comes first. */
function waitOf({ waiting }: RunState): WaitFact {
  const isTimer = waiting.length > 0 && waiting.every(({ reason }) => reason === 'timer')
  // No timer ends a pause.
  const isPaused = waiting.some(({ reason }) => reason === 'user_pause')
  const times = waiting.flatMap(({ wakeUpAt }) => (wakeUpAt === undefined || isPaused ? [] : [wakeUpAt]))
  const event = waiting.find((entry) => entry.event !== undefined)?.event
  return {
    reason: isTimer ? 'timer' : 'external_event',
    ...(times.length > 0 && { wakeUpAt: Math.min(...times) }),
    ...(event !== undefined && { event }),
  }
}
