import type { WorkflowResult, WorkflowStatus } from '../blueprint/flow-runner.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import { FlowcraftError, type WorkflowError } from '../errors.ts'
import type { Fact, TerminalStatus } from '../events/event.ts'
import { isTransientFault } from '../history/transient-fault.ts'
import { decide } from '../scheduler/decide.ts'
import type { Decision, StartFact } from '../scheduler/decision.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import type { RunState } from '../state/run-state.ts'
import type { Children } from './children.ts'
import { factsOf } from './decided-facts.ts'
import { cancelFact, exhaustion, finishFact, reasonOf } from './endings.ts'
import { Inbox } from './inbox.ts'
import { LiveWork } from './live-work.ts'
import { notAwaiting } from './not-awaiting.ts'
import { Recorder } from './recorder.ts'
import { firstFact, forkOf, type Resumption, type RunOptions } from './run-options.ts'
import { Settlement } from './settlement.ts'
import { hasEnded } from './status-of.ts'
import { Turns } from './turn.ts'
import type { Values } from './values.ts'

/** One live execution: it decides, records, executes and records again until nothing is left. */
export class Run {
  readonly executionId: string
  /** The way of the run with values. */
  readonly values: Values
  readonly #options: RunOptions<Run>
  readonly #recorder: Recorder
  readonly #work: LiveWork<Run>
  readonly #settlement = new Settlement()
  /** A cancellation that came before the start was recorded. */
  readonly #early: Fact[] = []
  /** A fault of the engine itself must end the run loudly, not leave it hanging. */
  readonly #inbox = new Inbox((error) => this.fail(error))
  /** What nodes are told of a cancellation: the very reason, of which the log has a copy. */
  #abortReason: { readonly reason: unknown } | undefined
  readonly #turns = new Turns()
  #isPausing = false
  /** Whether it has been parked at least once. */
  wasParked = false
  /** Whether the first event that is its own is recorded. */
  #hasBegun = false
  /** Nothing more is decided or executed. */
  #isOver = false

  constructor(options: RunOptions<Run>) {
    const { plan, executionId, clock } = options
    this.executionId = executionId
    this.values = options.values
    this.#options = options
    this.#recorder = new Recorder({
      plan,
      executionId,
      outbox: options.outbox,
      now: () => clock.now(),
      onFailure: (error) => this.fail(error),
    })
    this.#work = new LiveWork(options, this.#recorder, {
      onFacts: (facts) => this.#step(facts),
      onFailure: (error) => this.fail(error),
    })
    if (options.past !== undefined) {
      this.#recorder.takeUp(options.past)
      if (forkOf(options.past) === undefined) this.#standWhereItStood()
    }
  }

  /** The runs of its subflows. */
  get children(): Children<Run> {
    return this.#work.children
  }

  get state(): RunState {
    return this.#recorder.state
  }

  get frontier(): Frontier {
    return this.#recorder.frontier
  }

  /** Whether it waits for a {@link resume}. */
  get isParked(): boolean {
    // What has been of another run says nothing of this one.
    return this.#hasBegun && this.#recorder.frontier.isParked
  }

  /** Resolves when the start is durable; rejects when the log cannot be written. */
  get begun(): Promise<void> {
    return this.#settlement.begun
  }

  /** Resolves with the state in which the run ends or parks, when it is durable; rejects when the log cannot be written. */
  get settled(): Promise<RunState> {
    return this.#settlement.settled
  }

  /** Resolves when the run has ended for good; rejects as {@link settled} does. */
  get ended(): Promise<void> {
    return this.#settlement.ended
  }

  /** What the run gives whoever asks for it now. */
  toResult(status: WorkflowStatus): WorkflowResult {
    return this.#options.toResult(status)
  }

  /** Records the start, or how it goes on apart from the run whose history it has; the rest follows from it. */
  begin(): void {
    const { facts, past } = this.#options
    this.#step(() => {
      this.#hasBegun = true
      this.#recorder.record([firstFact(this.#options)])
      this.#recorder.whenDurable(() => this.#settlement.begin())
      if (past !== undefined) this.#work.restore()
      return facts.length > 0 ? [...facts, ...this.#early] : this.#early
    })
  }

  /** Ends the run as cancelled, unless it has ended already. */
  cancel(reason: unknown): void {
    if (this.#isOver) return
    if (this.isParked) this.#goOn()
    if (this.#abortReason === undefined) this.#abortReason = { reason }
    const fact = cancelFact(this.#options, reason)
    if (this.#hasBegun) this.#step(() => [fact])
    else this.#early[0] ??= fact
  }

  /** Parks the run as soon as no attempt is running. */
  pause(): void {
    if (this.#isOver || this.isParked) return
    this.#isPausing = true
    if (!this.#hasBegun) return
    // Also one that has been recorded as started, and will be told when it is there.
    if (this.#recorder.frontier.inChild.size > 0) this.children.pause()
    this.#step(() => [])
  }

  /** Lets a parked run go on, by answers to its waiting nodes if there are any. */
  resume(...resumptions: readonly Resumption[]): void {
    if (this.#isOver) return
    if (!this.#hasBegun) throw notAwaiting(this.executionId)
    if (this.isParked) this.#goOn()
    this.#step(() => resumptions.map((payload): Fact => ({ type: 'workflow:resume', payload })))
  }

  /** Goes on with what a process that is gone has left. */
  recover(): void {
    if (this.#isOver) return
    this.#step(() => {
      this.#recorder.record([{ type: 'workflow:resume', payload: { reason: 'recovery' } }])
      this.#work.restore()
      return []
    })
  }

  /** Starts what is ready now, and resolves when it has ended. One turn at a time. */
  async turn(concurrency: number): Promise<void> {
    const { settled, frontier } = this
    const ended = this.#isOver ? settled : this.#turns.begin(frontier, concurrency)
    this.#step(() => [])
    await Promise.race([settled, ended])
  }

  /** Ends the run without a word in the log: it cannot be written any more. */
  fail(error: unknown): void {
    // A parked run goes with its family, though whoever waited for it has been told.
    if (this.#settlement.isTold && !this.isParked) return
    this.#work.failChildren(error)
    this.#end(() => error, 'ended because its run could not be recorded')
    this.#recorder.abandon(error)
    this.#settlement.fail(error)
    this.#options.onMove(isTransientFault(error) ? 'lost' : 'gone')
  }

  /** Lets go of a parked run, which goes on somewhere else. */
  leave(): void {
    this.#isOver = true
    this.#work.leave(new FlowcraftError(`Execution '${this.executionId}' goes on somewhere else`))
    this.#recorder.close()
    this.#settlement.leave()
    this.#options.onMove('left')
  }

  #standWhereItStood(): void {
    const { state } = this.#recorder
    this.#hasBegun = true
    this.#settlement.begin()
    if (state.status === 'running') return
    this.wasParked = this.isParked
    this.#isOver = hasEnded(state)
    this.#settlement.tell(state)
  }

  /** Somebody may wait for the run once more. */
  #goOn(): void {
    this.#isPausing = false
    if (this.#settlement.reopen()) this.#options.onMove('live')
    this.#work.restoreBackOffs()
  }

  /** Takes facts in, one step after the other, also when user code or a store calls back in the middle of one. */
  #step(facts: () => readonly Fact[]): void {
    this.#inbox.push(() => {
      if (this.#isOver) return
      this.#take(facts())
      this.#follow()
      this.#recorder.send(this.#recorder.frontier.running.size <= 1 && this.#options.isAlone())
    })
  }

  #take(facts: readonly Fact[]): void {
    this.#recorder.record(facts)
    const last = facts.at(-1)
    if (last?.type !== 'node:retry') return
    const node = this.#recorder.frontier.plan.indexOf.get(last.payload.nodeId)!
    this.#turns.retry(node)
    if (last.payload.delayMs > 0) this.#work.backOff(node, last.payload.delayMs)
  }

  /** Does what follows from what is recorded, until an outcome, a timer or a turn must come first. */
  #follow(): void {
    const { start, byTurns, maxRecoveries } = this.#options
    const { state, frontier } = this.#recorder
    const limits = byTurns ? this.#turns.limitsIn(start.options) : { limits: start.options, mayStart: undefined }
    const situation = { frontier, state, ...limits, maxRecoveries, isPausing: this.#isPausing }
    for (;;) {
      const decision = decide(situation)
      if (decision.kind !== 'wait') this.#do(decision)
      if (decision.kind === 'wait' || this.#isOver) break
    }
    const endTurn = this.#turns.endOf(frontier)
    if (endTurn !== undefined) this.#recorder.whenDurable(endTurn)
  }

  #do(decision: Exclude<Decision, { kind: 'wait' }>): void {
    switch (decision.kind) {
      case 'start':
        return this.#start(decision.node, decision.fact)
      case 'park':
        return this.#park(decision.fact)
      case 'exhausted':
        return this.#finish('failed', [exhaustion(this.#options, this.#options.start.options.maxIterations)])
      case 'finish':
        return this.#finish(decision.status, [])
      default:
        return this.#recorder.record(factsOf(decision, this.#recorder, this.#options))
    }
  }

  #start(node: PlanNode, fact: StartFact): void {
    this.#recorder.record([fact])
    this.#turns.start(node.index)
    this.#recorder.whenSafe(() => this.#work.start(node, fact))
  }

  /** Nothing goes on before somebody resumes the run; whoever waits for it is told. */
  #park(fact: Fact): void {
    this.#recorder.record([fact])
    this.wasParked = true
    this.#work.stopDelays()
    this.#isPausing = false
    const { seq } = this.#recorder.state
    this.#recorder.whenDurable(() => {
      // Meanwhile it may have gone on, and even parked again.
      if (this.#recorder.state.seq !== seq || this.#settlement.isTold) return
      this.#options.onMove('parked')
      this.#settlement.tell(this.#recorder.state)
    })
  }

  /** What a run started ends before it does: only then is its end recorded. */
  #finish(status: TerminalStatus, ownErrors: readonly WorkflowError[]): void {
    this.#end(() => reasonOf(this.#abortReason, this.#recorder.state), 'was cut off')
    const ended = this.#work.childrenEnded()
    if (ended === undefined) return this.#recordFinish(status, ownErrors)
    void ended.then(() => {
      if (this.#settlement.isTold) return
      this.#recordFinish(status, ownErrors)
      this.#recorder.send(this.#options.isAlone())
    })
  }

  #recordFinish(status: TerminalStatus, ownErrors: readonly WorkflowError[]): void {
    this.#recorder.record([finishFact(status, this.#recorder.state, ownErrors, this.#options.clock.now())])
    this.#recorder.whenDurable(() => {
      if (this.#settlement.isTold) return
      this.#recorder.close()
      this.#settlement.tell(this.#recorder.state)
      this.#options.onMove('gone')
    })
  }

  /** Aborts what is still running; nothing that comes later counts. */
  #end(reason: () => unknown, why: string): void {
    this.#isOver = true
    this.#work.end(reason, why)
  }
}
