import type { Plan } from '../blueprint/plan.ts'
import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { FlowcraftError } from '../errors.ts'
import type { EventOf, Fact, FlowcraftEvent } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import { endBackOff } from '../scheduler/advance.ts'
import type { EndedAttempt } from '../scheduler/outcome.ts'
import type { RunState } from '../state/run-state.ts'
import { endAttempt, factOfAnswer, factsOfOutcome, type StandIns } from './deliver.ts'
import { followed } from './follow.ts'
import type { Original } from './original.ts'
import { isLike } from './place.ts'
import { nextOf, use, useBeginnings, type Script } from './script.ts'
import { startOf, type Stage } from './stage.ts'
import { Agenda, type Upcoming } from './upcoming.ts'

/** What becomes of a node of whose run nothing is recorded. */
export type OnMissing = 'fail' | 'skip' | 'run'

/** What a {@link SimulatedRun} is made of. */
export interface SimulatedRunOptions {
  readonly stage: Stage
  /** The recorded run. */
  readonly events: readonly FlowcraftEvent[]
  readonly script: Script
  /** The recorded run at its end. */
  readonly end: RunState
  readonly standIns: StandIns
  readonly onMissing: OnMissing
  readonly blueprint: WorkflowBlueprint
  readonly blueprintHash: string
  /** Whether the recorded run had that blueprint, from its start to its end. */
  readonly isRecordedBlueprint: boolean
  /** The recorded run under its own blueprint, if there is only one and it is known. */
  readonly original: Original | undefined
  /** Executes what is not recorded; `undefined` for a node without an implementation. */
  execute(index: number): Promise<EndedAttempt> | undefined
}

/** A recorded run once more, by the decisions of another blueprint. */
export class SimulatedRun {
  /** Nodes that ran or waited, and of which nothing is recorded. */
  readonly missing: Set<string> = new Set()
  readonly #options: SimulatedRunOptions
  /** Present once the run has gone another way than the recorded one. */
  #agenda: Agenda | undefined
  /** Nodes whose present attempt the recorded run began as well. */
  readonly #begun = new Set<number>()

  constructor(options: SimulatedRunOptions) {
    this.#options = options
  }

  /** Runs until nothing is left that could come. */
  async play(start: EventOf<'workflow:start'>): Promise<void> {
    const { stage, blueprint, blueprintHash, script } = this.#options
    stage.now = start.timestamp
    this.#record(startOf(start, blueprint, blueprintHash))
    for (const fact of script.given) this.#recordGiven(fact)
    while (this.#agenda === undefined) if (!this.#follow()) break
    while (this.#agenda !== undefined) {
      const more = this.#goOn(this.#agenda)
      if (!(typeof more === 'boolean' ? more : await more)) return
    }
  }

  /** What a run was given stands, as far as its blueprint has the node. */
  #recordGiven(fact: Fact): void {
    const { stage, script } = this.#options
    if (!('nodeId' in fact.payload) || stage.indexOf(fact.payload.nodeId ?? '') === undefined) return
    const entry = script.entryAt.get(stage.state.seq + 1)
    this.#record(fact)
    if (entry?.kind === 'ended') use(entry)
  }

  /** Does what came next in the recorded run; `false` at its end. */
  #follow(): boolean {
    const { stage, events, script, standIns } = this.#options
    const event = events[stage.state.seq + 1]
    if (event === undefined) {
      if (this.#isAnsweredAtEnd()) this.#leave()
      return this.#agenda !== undefined
    }
    stage.now = event.timestamp
    const facts = this.#startsOther() ? undefined : followed(event, stage, script, standIns)
    if (facts === undefined) this.#leave()
    else this.#recordInStep(facts)
    return true
  }

  /** Whether a node would start now that the recorded run did not start, as another blueprint may have it. */
  #startsOther(): boolean {
    const { stage, script, isRecordedBlueprint, original } = this.#options
    const decision = isRecordedBlueprint ? undefined : stage.decide()
    const [fact] = decision?.kind === 'record' ? decision.facts : decision?.kind === 'start' ? [decision.fact] : []
    if (fact?.type !== 'node:start') return false
    const { nodeId, iteration } = fact.payload
    if (nextOf(script.courseOf(nodeId, iteration), 'begin') !== undefined) return false
    // In turns, or before a pause, a node may have been held back.
    return original?.mightStart(nodeId, stage.state.seq) !== true
  }

  #recordInStep(facts: readonly Fact[]): void {
    const { stage, events } = this.#options
    for (const [nth, fact] of facts.entries()) {
      const event = events[stage.state.seq + 1]
      // The log may have been cut in the middle of what belongs together.
      if (nth > 0 && (event === undefined || (comesBetween.has(event.type) && event.type !== fact.type))) return
      if (event !== undefined) stage.now = event.timestamp
      this.#record(fact)
      if (event !== undefined && isLike(event, fact)) continue
      for (const rest of facts.slice(nth + 1)) this.#record(rest)
      return this.#leave()
    }
  }

  /** From here on, the run goes its own way. */
  #leave(): void {
    const { stage, script, end, standIns } = this.#options
    const isGiven = (nodeId: string): boolean => standIns.outputs.has(nodeId)
    const skips = this.#options.onMissing === 'skip'
    const onMissing = (nodeId: string): void => void this.missing.add(nodeId)
    this.#agenda = new Agenda({ stage, script, end, isGiven, skips, onMissing }, stage.state.seq)
    this.#watchAll(this.#agenda)
  }

  #watchAll(agenda: Agenda): void {
    const { running, inChild, backingOff, waiting } = this.#options.stage.frontier
    for (const nodes of [running.members(), inChild.members(), backingOff.members(), waiting ?? []]) {
      for (const node of nodes) agenda.watch(node, this.#begun.has(node))
    }
  }

  /** Whether there is something to go on with where the recorded run has no more. */
  #isAnsweredAtEnd(): boolean {
    const { stage, standIns } = this.#options
    const { running, inChild, waiting } = stage.frontier
    const live = [...running.members(), ...inChild.members(), ...(waiting ?? [])]
    return !stage.frontier.isFinished && live.some((node) => standIns.outputs.has(stage.at(node).node.id))
  }

  /** Does what follows, or what comes next; `false` when nothing does. */
  #goOn(agenda: Agenda): boolean | Promise<boolean> {
    const { stage } = this.#options
    const decision = stage.decide()
    if (decision.kind !== 'wait') {
      for (const fact of stage.factsOf(decision)) this.#record(fact)
      return true
    }
    const upcoming = stage.frontier.isFinished ? agenda.nextFork() : agenda.next()
    return upcoming === undefined ? false : this.#take(upcoming)
  }

  #take(upcoming: Upcoming): boolean | Promise<boolean> {
    const { stage, standIns } = this.#options
    if (upcoming.kind === 'missing') return this.#standIn(upcoming.index)
    stage.now = Math.max(stage.now, upcoming.time)
    switch (upcoming.kind) {
      case 'ended':
        use(upcoming.entry)
        return this.#recordAll(factsOfOutcome(stage, upcoming.index, upcoming.entry, standIns))
      case 'answered':
        use(upcoming.entry)
        return this.#recordAll([factOfAnswer(upcoming.entry, standIns)])
      case 'delayed':
        endBackOff(stage.frontier, upcoming.index)
        return true
      case 'fact':
        return this.#recordAll([upcoming.fact])
    }
  }

  /** What becomes of a node of which nothing is recorded. */
  #standIn(index: number): boolean | Promise<boolean> {
    const { stage, standIns, onMissing, execute } = this.#options
    const { id } = stage.at(index).node
    const output = standIns.outputs.get(id)
    const given = output !== undefined && { output }
    if (!standIns.outputs.has(id)) this.missing.add(id)
    if (stage.frontier.waiting?.has(index) === true) {
      return this.#recordAll([{ type: 'workflow:resume', payload: { reason: 'external', nodeId: id, ...given } }])
    }
    if (standIns.outputs.has(id) || onMissing === 'skip') {
      return this.#recordAll(endAttempt(stage, index, { result: Object.freeze({ ...given }) }))
    }
    const attempt = onMissing === 'run' ? execute(index) : undefined
    if (attempt === undefined) return this.#recordAll(endAttempt(stage, index, this.#failure(index)))
    return attempt.then(({ outcome, writes, durationMs }) =>
      this.#recordAll(endAttempt(stage, index, outcome, { writes, durationMs })),
    )
  }

  #failure(index: number): { readonly error: ReturnType<typeof toWorkflowError>; readonly isRetryable: false } {
    const { stage, onMissing } = this.#options
    const { node, state } = stage.at(index)
    const where = { nodeId: node.id, blueprintId: stage.plan.blueprint.id, executionId: stage.executionId }
    const why = `Node '${node.id}' (execution '${stage.executionId}') runs in the simulation, and of its iteration ${state?.iteration ?? 0}, attempt ${state?.attempts ?? 1} the recording has no outcome`
    const runs =
      onMissing === 'run'
        ? `, and there is nothing to run: a subflow, or a 'uses' that 'functionRegistry' does not have`
        : ''
    const message = `${why}${runs}. Give it an output in 'outputs', or choose 'onMissing'`
    const error = new FlowcraftError(message, { ...where, code: 'SIMULATION_MISSING' })
    return { error: toWorkflowError(error, { ...where, now: stage.now }), isRetryable: false }
  }

  #recordAll(facts: readonly Fact[]): true {
    for (const fact of facts) this.#record(fact)
    return true
  }

  #record(fact: Fact): void {
    const { stage, script } = this.#options
    stage.record([fact])
    const { type, payload } = fact
    if (type === 'node:start') {
      const index = stage.indexOf(payload.nodeId)!
      if (useBeginnings(script.courseOf(payload.nodeId, payload.iteration))) this.#begun.add(index)
      else this.#begun.delete(index)
    }
    const agenda = this.#agenda
    if (agenda === undefined) return
    if (type === 'workflow:fork') this.#watchAll(agenda)
    else if (movesNode(fact))
      agenda.watch(stage.indexOf(fact.payload.nodeId)!, this.#begun.has(stage.indexOf(fact.payload.nodeId)!))
  }
}

/** How many attempts a node had at most in a plan; of a worker, those of its batch. */
export function maxAttemptsIn(plan: Plan | undefined, { nodes }: RunState): StandIns['maxAttemptsOf'] {
  return (nodeId) => {
    const batchId = nodes.get(nodeId)?.batchId
    const index = plan?.indexOf.get(batchId === undefined ? nodeId : `${batchId}_scatter`)
    return index === undefined ? undefined : plan?.nodes[index]?.maxAttempts
  }
}

const comesBetween: ReadonlySet<string> = new Set(['workflow:resume', 'workflow:cancel', 'workflow:fork'])

type NodeFact = Extract<Fact, { type: 'node:start' | 'node:wait' | 'node:retry' }> & {
  readonly payload: { nodeId: string }
}

function movesNode(fact: Fact): fact is NodeFact {
  const { type, payload } = fact
  if (type === 'workflow:resume') return payload.nodeId !== undefined
  return type === 'node:start' || type === 'node:wait' || type === 'node:retry'
}
