import type { Plan, PlanNode } from '../blueprint/plan.ts'
import type { NodeImplementation } from '../blueprint/node.ts'
import { FlowcraftError, type WorkflowError } from '../errors.ts'
import type { EventPayloads, Fact, RecordedResult, TerminalStatus } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Clock } from '../ports.ts'
import { endBackOff } from '../scheduler/advance.ts'
import { decide, decideOutcome, type Decision, type EndedAttempt, type StartFact } from '../scheduler/decide.ts'
import { isUnmatchedAction, route, type EdgeFinding } from '../scheduler/routing.ts'
import type { RunState } from '../state/run-state.ts'
import { AttemptContext } from './attempt-context.ts'
import { evaluateEdge } from './evaluate.ts'
import { asNodeResult, execute, type Ending, type Visit } from './execute.ts'
import { NodeCall } from './node-call.ts'
import type { Outbox } from './outbox.ts'
import { Recorder } from './recorder.ts'
import type { Values } from './values.ts'

/** What a {@link Run} is made of. */
export interface RunOptions {
  readonly plan: Plan
  readonly executionId: string
  readonly start: Omit<EventPayloads['workflow:start'], 'executionId' | 'blueprintId'>
  readonly outbox: Outbox | undefined
  readonly values: Values
  readonly evaluator: IEvaluator
  readonly clock: Clock
  readonly dependencies: Record<string, unknown> & { readonly logger: ILogger }
  /** By node index; under `fallbackKey` for the fallbacks that registry keys name. */
  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation
  /** A node's parameters, as nodes may have them. */
  paramsOf(node: PlanNode): Readonly<Record<string, unknown>>
  /** Whether other runs of this process are about to record something. */
  isAlone(): boolean
}

/** One live execution: it decides, records, executes and records again until nothing is left. */
export class Run {
  readonly executionId: string
  /** Resolves with the final state when it is durable; rejects when the log cannot be written. */
  readonly settled: Promise<RunState>
  readonly #options: RunOptions
  readonly #recorder: Recorder
  readonly #calls = new Map<number, Set<NodeCall>>()
  readonly #visits = new Map<number, Visit>()
  readonly #timers = new Map<number, () => void>()
  /** A cancellation that came before the start was recorded. */
  readonly #early: Fact[] = []
  readonly #inbox: (() => readonly Fact[])[] = []
  /** Nodes that this turn may start; absent when the run does not go by turns. */
  #turn: { readonly allowed: Set<number>; readonly end: () => void } | undefined
  #goesByTurns: boolean
  #isBusy = false
  #isOver = false
  #resolve!: (state: RunState) => void
  #reject!: (error: unknown) => void

  constructor(options: RunOptions, goesByTurns: boolean) {
    this.executionId = options.executionId
    this.#options = options
    this.#goesByTurns = goesByTurns
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever asks for the result is told; a run that nobody waits for is no unhandled rejection.
    this.settled.catch(() => {})
    this.#recorder = new Recorder({
      plan: options.plan,
      executionId: options.executionId,
      outbox: options.outbox,
      now: () => options.clock.now(),
      onFailure: (error) => this.fail(error),
    })
  }

  get state(): RunState {
    return this.#recorder.state
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Records the start; the rest follows from it. */
  begin(): void {
    this.#step(() => [{ type: 'workflow:start', payload: this.#options.start }, ...this.#early])
  }

  /** Ends the run as cancelled, unless it has ended already. */
  cancel(reason: unknown): void {
    const { values, executionId } = this.#options
    const fact: Fact = { type: 'workflow:cancel', payload: { reason: takeReason(values, reason, executionId) } }
    if (this.#recorder.frontier.isStarted) this.#step(() => [fact])
    else this.#early[0] ??= fact
  }

  /** Starts what is ready now, and resolves when it has ended; `false` when nothing was left. */
  turn(): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false)
    return new Promise((resolve, reject) => {
      this.settled.then(() => resolve(true), reject)
      const allowed = new Set(this.#recorder.frontier.ready.members())
      this.#turn = { allowed, end: () => this.#recorder.whenDurable(() => resolve(true)) }
      this.#step(() => [])
    })
  }

  /** Ends the run without a word in the log: it cannot be written any more. */
  fail(error: unknown): void {
    this.#end(error, 'ended because its run could not be recorded')
    this.#reject(error)
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
    const { plan } = this.#options
    const { state, frontier } = this.#recorder
    const options = this.#options.start.options
    const mayStart = this.#goesByTurns ? (node: number) => this.#turn?.allowed.has(node) ?? false : undefined
    for (;;) {
      const decision = decide({ plan, frontier, state, options, mayStart })
      if (decision.kind === 'wait') return this.#endTurnIfDone()
      if (!this.#do(decision)) return
    }
  }

  /** Whether there may be more to do. */
  #do(decision: Exclude<Decision, { kind: 'wait' }>): boolean {
    switch (decision.kind) {
      case 'record':
        this.#recorder.record(decision.facts)
        return true
      case 'route':
        this.#route(decision.node)
        return true
      case 'start':
        this.#start(decision.node, decision.fact)
        return true
      case 'reject': {
        const { node, iteration, error } = decision
        const outcome = { error, isRetryable: false }
        const ended = { node, iteration, attempt: 1, isRegistryFallback: false, writes: [], durationMs: 0, outcome }
        this.#recorder.record(decideOutcome(ended))
        return true
      }
      case 'exhausted':
        this.#finish('failed', [this.#exhaustion()])
        return false
      case 'finish':
        this.#finish(decision.status, [])
        return false
    }
  }

  #route(node: PlanNode): void {
    const { plan, evaluator, values, executionId, clock, dependencies } = this.#options
    const { state } = this.#recorder
    const action = state.nodes.get(node.id)?.action
    const findings = new Map<number, EdgeFinding>()
    const evaluation = { plan, evaluator, values, executionId, now: () => clock.now() }
    for (;;) {
      const routing = route(plan, node, action, findings)
      if (routing.kind === 'evaluate') {
        for (const edge of routing.edges) {
          const finding = evaluateEdge(plan.edges[edge]!, state, evaluation)
          if (finding.error !== undefined) dependencies.logger.warn(finding.error.message, { error: finding.error })
          findings.set(edge, finding)
        }
        continue
      }
      if (isUnmatchedAction(plan, node, action)) {
        dependencies.logger.warn(
          `Node '${node.id}' finished with action '${action}', which none of its edges has; edges without an action are taken`,
          { nodeId: node.id, blueprintId: plan.blueprint.id, executionId },
        )
      }
      // A log that was cut inside this step has some of the decisions already.
      const { edgeResolved } = this.#recorder.frontier
      return this.#recorder.record(
        routing.facts.filter((fact) => fact.type !== 'edge:evaluate' || !edgeResolved[fact.payload.edge]),
      )
    }
  }

  #start(node: PlanNode, fact: StartFact): void {
    this.#recorder.record([fact])
    this.#turn?.allowed.delete(node.index)
    const { attempt, iteration, fallbackFor } = fact.payload
    this.#recorder.whenSafe(() => {
      if (!this.#isOver) void this.#attempt(node, fact.payload.input, attempt, iteration, fallbackFor === node.id)
    })
  }

  async #attempt(
    node: PlanNode,
    input: unknown,
    attempt: number,
    iteration: number,
    isRegistryFallback: boolean,
  ): Promise<void> {
    const { clock, implementationOf } = this.#options
    const startedAt = clock.now()
    if (attempt === 1 || isRegistryFallback) this.#visits.set(node.index, {})
    const calls = new Set<NodeCall>()
    this.#calls.set(node.index, calls)
    const ending = await execute({
      implementation: implementationOf(node, isRegistryFallback),
      visit: this.#visits.get(node.index) ?? {},
      isLast: isRegistryFallback || attempt >= node.maxAttempts,
      timeoutMs: node.timeoutMs,
      clock,
      nodeId: node.id,
      newCall: () => {
        const call = this.#newCall(node, input, attempt, iteration, isRegistryFallback)
        calls.add(call)
        return call
      },
    })
    if (this.#isOver) return
    this.#calls.delete(node.index)
    const durationMs = Math.max(0, clock.now() - startedAt)
    this.#step(() => {
      const outcome = this.#outcomeOf(node, ending)
      for (const call of calls) call.context.close('has ended')
      const writes = 'error' in ending && ending.isTimeout ? [] : ending.call.context.writes
      const ended: EndedAttempt = { node, attempt, iteration, isRegistryFallback, writes, durationMs, outcome }
      const facts = decideOutcome(ended)
      const retry = facts.find((fact) => fact.type === 'node:retry')
      if (retry === undefined) this.#visits.delete(node.index)
      else this.#backOff(node, retry.payload.delayMs)
      return facts
    })
  }

  #newCall(
    node: PlanNode,
    input: unknown,
    attempt: number,
    iteration: number,
    isRegistryFallback: boolean,
  ): NodeCall {
    const { executionId, plan, values, dependencies, paramsOf } = this.#options
    const context = new AttemptContext({
      nodeId: node.id,
      blueprintId: plan.blueprint.id,
      executionId,
      values,
      state: () => this.#recorder.state,
      untilSafe: () => this.#recorder.untilSafe(),
    })
    return new NodeCall({
      context,
      executionId,
      nodeId: node.id,
      attempt,
      iteration,
      isRegistryFallback,
      params: paramsOf(node),
      dependencies,
      input: () => values.give(input),
    })
  }

  #outcomeOf(node: PlanNode, ending: Ending): EndedAttempt['outcome'] {
    const { plan, executionId, values, clock } = this.#options
    const toError = (thrown: unknown): WorkflowError =>
      toWorkflowError(thrown, { nodeId: node.id, blueprintId: plan.blueprint.id, executionId, now: clock.now() })
    if ('error' in ending) return { error: toError(ending.error), isRetryable: ending.isRetryable }
    try {
      const { output, action } = asNodeResult(ending.result)
      const taken = values.take(output, `output of node '${node.id}' (execution '${executionId}')`, node.id)
      const result: RecordedResult = {
        ...(taken !== undefined && { output: taken }),
        ...(typeof action === 'string' && { action }),
      }
      return { result }
    } catch (error) {
      return { error: toError(error), isRetryable: true }
    }
  }

  #backOff(node: PlanNode, delayMs: number): void {
    this.#turn?.allowed.add(node.index)
    if (delayMs <= 0) return
    const { clock } = this.#options
    this.#timers.set(
      node.index,
      clock.setTimer(delayMs, () => {
        this.#timers.delete(node.index)
        this.#step(() => {
          endBackOff(this.#recorder.frontier, node.index)
          return []
        })
      }),
    )
  }

  #finish(status: TerminalStatus, ownErrors: readonly WorkflowError[]): void {
    const { state } = this.#recorder
    const errors = Object.freeze([...state.errors.values(), ...ownErrors])
    const durationMs = Math.max(0, this.#options.clock.now() - (state.startedAt ?? 0))
    const payload = { status, ...(errors.length > 0 && { errors }), durationMs }
    this.#recorder.record([{ type: 'workflow:finish', payload }])
    this.#end(state.cancelReason ?? new FlowcraftError(`Execution '${this.executionId}' has ended`), 'was cut off by the end of its run')
    this.#recorder.whenDurable(() => {
      this.#recorder.close()
      this.#resolve(this.#recorder.state)
    })
  }

  /** Aborts what is still running; nothing that comes later counts. */
  #end(reason: unknown, why: string): void {
    this.#isOver = true
    for (const cancel of this.#timers.values()) cancel()
    for (const calls of this.#calls.values()) for (const call of calls) call.abort(reason, why)
    this.#timers.clear()
    this.#calls.clear()
    this.#visits.clear()
  }

  #endTurnIfDone(): void {
    const { frontier } = this.#recorder
    const turn = this.#turn
    if (turn === undefined || frontier.running.size > 0 || frontier.backingOff.size > 0) return
    this.#turn = undefined
    turn.end()
  }

  #exhaustion(): WorkflowError {
    const { plan, clock, start } = this.#options
    const blueprintId = plan.blueprint.id
    const error = new FlowcraftError(
      `Execution '${this.executionId}' of blueprint '${blueprintId}' has started ${start.options.maxIterations} nodes, which is its limit; raise 'maxIterations' if that is intended`,
      { code: 'MAX_ITERATIONS_EXCEEDED', blueprintId, executionId: this.executionId },
    )
    return toWorkflowError(error, { blueprintId, executionId: this.executionId, now: clock.now() })
  }
}

/** A reason as it is recorded: as text where it cannot be kept as it is. */
function takeReason(values: Values, reason: unknown, executionId: string): unknown {
  try {
    return values.take(reason, `the reason for cancelling execution '${executionId}'`)
  } catch {
    return String(reason)
  }
}
