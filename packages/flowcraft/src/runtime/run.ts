import type { Plan, PlanNode } from '../blueprint/plan.ts'
import { FlowcraftError, type WorkflowError } from '../errors.ts'
import type { EventPayloads, Fact, TerminalStatus } from '../events/event.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import { macrotask, type Clock } from '../ports.ts'
import { endBackOff } from '../scheduler/advance.ts'
import {
  decide,
  decideOutcome,
  type Decision,
  type EndedAttempt,
  type Limits,
  type StartFact,
} from '../scheduler/decide.ts'
import type { RunState } from '../state/run-state.ts'
import { Attempts, type AttemptsOptions } from './attempts.ts'
import { deferred } from '../history/deferred.ts'
import { exhaustion, takeReason } from './endings.ts'
import type { Outbox } from './outbox.ts'
import { Recorder } from './recorder.ts'
import { routeNode } from './route-node.ts'
import type { Values } from './values.ts'

/** What a {@link Run} is made of. */
export interface RunOptions extends Pick<AttemptsOptions, 'implementationOf' | 'paramsOf'> {
  readonly plan: Plan
  readonly executionId: string
  readonly start: Omit<EventPayloads['workflow:start'], 'executionId' | 'blueprintId'>
  readonly outbox: Outbox | undefined
  readonly values: Values
  readonly evaluator: IEvaluator
  readonly clock: Clock
  readonly dependencies: Record<string, unknown> & { readonly logger: ILogger }
  /** The engine's own, which never throws. */
  readonly logger: ILogger
  /** Whether no other run of this process is about to record something. */
  isAlone(): boolean
  /** Whether nodes start only by {@link Run.turn}. */
  readonly byTurns: boolean
  /** Is told once when the run has left this process, whatever came of it. */
  onSettled(): unknown
}

/** One live execution: it decides, records, executes and records again until nothing is left. */
export class Run {
  readonly executionId: string
  readonly #options: RunOptions
  readonly #recorder: Recorder
  readonly #attempts: Attempts
  readonly #begun = deferred<void>()
  readonly #settled = deferred<RunState>()
  /** What ends the delays that are running, by node index. */
  readonly #delays = new Map<number, () => void>()
  /** A cancellation that came before the start was recorded. */
  readonly #early: Fact[] = []
  readonly #inbox: (() => readonly Fact[])[] = []
  /** What nodes are told of a cancellation: the very reason, of which the log has a copy. */
  #abortReason: { readonly reason: unknown } | undefined
  #turn: Turn | undefined
  #attemptCount = 0
  #isBusy = false
  /** Nothing more is decided or executed. */
  #isOver = false
  /** Whoever waits for the run has been told. */
  #isSettled = false

  constructor(options: RunOptions) {
    const { plan, executionId, clock } = options
    this.executionId = executionId
    this.#options = options
    this.#recorder = new Recorder({
      plan,
      executionId,
      outbox: options.outbox,
      now: () => clock.now(),
      onFailure: (error) => this.fail(error),
    })
    this.#attempts = new Attempts({
      executionId,
      blueprintId: plan.blueprint.id,
      values: options.values,
      clock,
      dependencies: options.dependencies,
      logger: options.logger,
      implementationOf: options.implementationOf,
      paramsOf: options.paramsOf,
      state: () => this.#recorder.state,
      untilSafe: () => this.#recorder.untilSafe(),
    })
  }

  get state(): RunState {
    return this.#recorder.state
  }

  /** Resolves when the start is durable; rejects when the log cannot be written. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  /** Resolves with the final state when it is durable; rejects when the log cannot be written. */
  get settled(): Promise<RunState> {
    return this.#settled.promise
  }

  /** Records the start; the rest follows from it. */
  begin(): void {
    this.#step(() => {
      this.#recorder.record([{ type: 'workflow:start', payload: this.#options.start }])
      this.#recorder.whenDurable(() => this.#begun.resolve())
      return this.#early
    })
  }

  /** Ends the run as cancelled, unless it has ended already. */
  cancel(reason: unknown): void {
    if (this.#isOver) return
    if (this.#abortReason === undefined) this.#abortReason = { reason }
    const { values, executionId } = this.#options
    const fact: Fact = { type: 'workflow:cancel', payload: { reason: takeReason(values, reason, executionId) } }
    if (this.#recorder.frontier.isStarted) this.#step(() => [fact])
    else this.#early[0] ??= fact
  }

  /** Starts what is ready now, and resolves when it has ended. One turn at a time. */
  turn(concurrency: number): Promise<void> {
    const ended = deferred<void>()
    this.settled.then(() => ended.resolve(), ended.reject)
    if (this.#isOver) return ended.promise
    const allowed = new Set(this.#recorder.frontier.ready.members())
    this.#turn = { allowed, concurrency, end: () => ended.resolve() }
    this.#step(() => [])
    return ended.promise
  }

  /** Ends the run without a word in the log: it cannot be written any more. */
  fail(error: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#end(() => error, 'ended because its run could not be recorded')
    this.#recorder.abandon(error)
    this.#begun.reject(error)
    this.#settled.reject(error)
    this.#options.onSettled()
  }

  /** Takes facts in, one step after the other, also when user code or a store calls back in the middle of one. */
  #step(facts: () => readonly Fact[]): void {
    this.#inbox.push(facts)
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        if (this.#isOver) continue
        this.#recorder.record(next())
        this.#follow()
        this.#recorder.send(this.#recorder.frontier.running.size <= 1 && this.#options.isAlone())
      }
    } catch (error) {
      // A fault of the engine itself must end the run loudly, not leave it hanging.
      this.fail(error)
    } finally {
      this.#isBusy = false
    }
  }

  /** Does what follows from what is recorded, until an outcome, a timer or a turn must come first. */
  #follow(): void {
    const { plan, start, byTurns } = this.#options
    const { state, frontier } = this.#recorder
    const turn = byTurns ? (this.#turn ?? noTurn) : undefined
    const limits = turn === undefined ? start.options : limited(start.options, turn)
    const mayStart = turn && ((node: number) => turn.allowed.has(node))
    const situation = { plan, frontier, state, limits, mayStart }
    for (;;) {
      const decision = decide(situation)
      if (decision.kind === 'wait') return this.#endTurnIfDone()
      this.#do(decision)
    }
  }

  #do(decision: Exclude<Decision, { kind: 'wait' }>): void {
    switch (decision.kind) {
      case 'record':
        return this.#recorder.record(decision.facts)
      case 'route':
        return this.#recorder.record(routeNode(decision.node, this.#recorder, this.#options))
      case 'start':
        return this.#start(decision.node, decision.fact)
      case 'exhausted':
        return this.#finish('failed', [exhaustion(this.#options, this.#options.start.options.maxIterations)])
      case 'finish':
        return this.#finish(decision.status, [])
    }
  }

  #start(node: PlanNode, fact: StartFact): void {
    this.#recorder.record([fact])
    this.#turn?.allowed.delete(node.index)
    this.#recorder.whenSafe(() => this.#attempt(node, fact))
  }

  #attempt(node: PlanNode, start: StartFact): void {
    if (this.#isOver) return
    const { outbox } = this.#options
    const make = (): void => this.#attempts.make(node, start, (ended) => this.#step(() => this.#takeOutcome(ended)))
    // Nodes that never wait for anything must not keep timers and signals from their turn.
    if (outbox?.room !== undefined) void outbox.room().then(() => this.#isOver || make())
    else if ((this.#attemptCount += 1) % attemptsInARow === 0) macrotask(() => this.#isOver || make())
    else make()
  }

  #takeOutcome(ended: EndedAttempt): readonly Fact[] {
    const facts = decideOutcome(ended)
    const outcome = facts.at(-1)
    if (outcome?.type === 'node:retry') this.#backOff(ended.node, outcome.payload.delayMs)
    return facts
  }

  #backOff({ index }: PlanNode, delayMs: number): void {
    // An attempt belongs to the turn of the first one.
    this.#turn?.allowed.add(index)
    if (delayMs === 0) return
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#delays.delete(index)
      this.#step(() => {
        endBackOff(this.#recorder.frontier, index)
        return []
      })
    })
    this.#delays.set(index, cancel)
  }

  #finish(status: TerminalStatus, ownErrors: readonly WorkflowError[]): void {
    const { state } = this.#recorder
    const errors = Object.freeze([...state.errors.values(), ...ownErrors])
    const durationMs = Math.max(0, this.#options.clock.now() - (state.startedAt ?? 0))
    const payload = { status, ...(errors.length > 0 && { errors }), durationMs }
    this.#recorder.record([{ type: 'workflow:finish', payload }])
    this.#end(
      () => state.cancelReason ?? new FlowcraftError(`Execution '${this.executionId}' has ended`),
      'was cut off',
    )
    this.#recorder.whenDurable(() => {
      this.#isSettled = true
      this.#recorder.close()
      this.#settled.resolve(this.#recorder.state)
      this.#options.onSettled()
    })
  }

  /** Aborts what is still running; nothing that comes later counts. */
  #end(reason: () => unknown, why: string): void {
    this.#isOver = true
    for (const cancel of this.#delays.values()) cancel()
    this.#delays.clear()
    this.#attempts.abort(reason, why)
  }

  #endTurnIfDone(): void {
    const { frontier } = this.#recorder
    const turn = this.#turn
    if (turn === undefined || frontier.running.size > 0 || frontier.backingOff.size > 0) return
    this.#turn = undefined
    this.#recorder.whenDurable(() => turn.end())
  }
}

/** What one turn of a run by turns may start. */
interface Turn {
  readonly allowed: Set<number>
  readonly concurrency: number
  end(): void
}

function limited({ maxIterations, concurrency }: Limits, turn: Turn): Limits {
  return { maxIterations, concurrency: Math.min(concurrency, turn.concurrency) }
}

const attemptsInARow = 256

const noTurn: Turn = { allowed: new Set(), concurrency: 1, end() {} }
