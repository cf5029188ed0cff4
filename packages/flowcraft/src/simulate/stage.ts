import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import type { EventPayloads, Fact, FlowcraftEvent } from '../events/event.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { NullLogger, type ILogger } from '../extensions/logger.ts'
import { systemClock, type Clock } from '../ports.ts'
import { controlLoop } from '../runtime/control-loop.ts'
import { exhaustion, finishFact } from '../runtime/endings.ts'
import type { PreparedPlan } from '../runtime/prepare.ts'
import { Recorder } from '../runtime/recorder.ts'
import { routeNode } from '../runtime/route-node.ts'
import type { OutcomeScope } from '../runtime/take-outcome.ts'
import type { Values } from '../runtime/values.ts'
import { decide, type Situation } from '../scheduler/decide.ts'
import type { Decision, Limits } from '../scheduler/decision.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import { movedEdges } from '../scheduler/moved-edges.ts'
import { frontierAfter } from '../scheduler/past-frontier.ts'
import type { NodeState, RunState } from '../state/run-state.ts'

/** What a {@link Stage} is made of. */
export interface StageOptions {
  readonly prepared: PreparedPlan
  readonly executionId: string
  readonly values: Values
  readonly evaluator: IEvaluator
  readonly limits: Limits
}

/** A run in memory, for whoever brings it outcomes: it decides and records, and executes nothing. */
export class Stage implements OutcomeScope {
  readonly executionId: string
  readonly values: Values
  readonly evaluator: IEvaluator
  readonly limits: Limits
  readonly plan: PreparedPlan['plan']
  readonly logger: ILogger = new NullLogger()
  readonly clock: Clock
  readonly #recorder: Recorder
  readonly #events: FlowcraftEvent[] = []
  #now = 0
  /** The time of what was recorded last. */
  #recordedAt = 0

  constructor({ prepared, executionId, values, evaluator, limits }: StageOptions) {
    this.executionId = executionId
    this.values = values
    this.evaluator = evaluator
    this.limits = limits
    this.plan = prepared.plan
    // Only code that is to run waits by it.
    this.clock = { now: () => this.#now, setTimer: (ms, callback) => systemClock.setTimer(ms, callback) }
    this.#recorder = new Recorder({
      plan: this.plan,
      executionId,
      now: () => this.#now,
      onFailure() {},
      outbox: {
        durability: 'relaxed',
        push: (events) => {
          for (const event of events) this.#events.push(event)
          return done
        },
        close() {},
      },
    })
  }

  get state(): RunState {
    return this.#recorder.state
  }

  get frontier(): Frontier {
    return this.#recorder.frontier
  }

  /** All that has been recorded, deep-frozen. */
  get events(): readonly FlowcraftEvent[] {
    this.#recorder.send(true)
    return this.#events
  }

  /** Epoch milliseconds. Goes with what comes to the run. */
  get now(): number {
    return this.#now
  }

  set now(time: number) {
    this.#now = time
  }

  /** A node by its index in the plan, and its state. */
  at(index: number): { readonly node: PlanNode; readonly state: NodeState | undefined } {
    const node = this.frontier.plan.nodes[index]!
    return { node, state: this.state.nodes.get(node.id) }
  }

  indexOf(nodeId: string): number | undefined {
    return this.frontier.plan.indexOf.get(nodeId)
  }

  /** Whether an attempt of the node is going on, or the run of its subflow. */
  isRunning(index: number): boolean {
    const { running, inChild, engine } = this.frontier
    return (running.has(index) && !engine.has(index)) || inChild.has(index)
  }

  /** What follows from what is recorded, also if less may start than the run allows. */
  decide(situation: Partial<Pick<Situation, 'limits' | 'mayStart' | 'isPausing'>> = {}): Decision {
    return decide({ frontier: this.frontier, state: this.state, limits: this.limits, ...situation })
  }

  /** The facts of a decision. */
  factsOf(decision: Exclude<Decision, { kind: 'wait' }>): readonly Fact[] {
    const { state } = this
    switch (decision.kind) {
      case 'record':
        return decision.facts
      case 'route':
        return routeNode(decision.node, this.#recorder, this)
      case 'control':
        return [controlLoop(decision.node, state, this)]
      case 'start':
      case 'park':
        return [decision.fact]
      case 'exhausted':
        return [finishFact('failed', state, [exhaustion(this, this.limits.maxIterations)], this.#now)]
      case 'finish':
        return [finishFact(decision.status, state, [], this.#now)]
    }
  }

  record(facts: readonly Fact[]): void {
    // Whatever is not sent yet has the time of the first of it.
    if (this.#recordedAt !== this.#now) this.#recorder.send(true)
    this.#recordedAt = this.#now
    for (const fact of facts) this.#recorder.record([fact.type === 'workflow:fork' ? this.#takeBack(fact) : fact])
  }

  /** What a fork takes back has never been: the run stands where it would without. */
  #takeBack(fact: Extract<Fact, { type: 'workflow:fork' }>): Fact {
    const { rerun } = fact.payload
    if (rerun === undefined) return fact
    const { blueprint } = this.plan
    const edges = movedEdges(this.events, { from: blueprint, to: blueprint, edges: undefined, again: new Set(rerun) })
    this.#recorder.frontier = frontierAfter(this.plan, this.events, { rerun, ...(edges && { edges }) })
    return { ...fact, payload: { ...fact.payload, ...(edges && { edges }) } }
  }

  /** Every key may have an implementation: none is executed. */
  hasImplementation(): true {
    return true
  }

  /** The runs of subflows are not made again. */
  getBlueprint(): WorkflowBlueprint {
    return this.plan.blueprint
  }
}

/** The start of a run under another blueprint. */
export function startOf(
  { payload }: { readonly payload: EventPayloads['workflow:start'] },
  blueprint: WorkflowBlueprint,
  blueprintHash: string,
): Fact {
  const { initialContext, options, parent, tags } = payload
  const version = blueprint.metadata?.version
  return {
    type: 'workflow:start',
    payload: {
      ...(version !== undefined && { blueprintVersion: version }),
      blueprintHash,
      blueprint,
      initialContext,
      ...('input' in payload && { input: payload.input }),
      options,
      ...(parent && { parent }),
      ...(tags && { tags }),
    },
  }
}

const done = Promise.resolve()
