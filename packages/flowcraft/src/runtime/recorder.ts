import { EventStoreError, isFlowcraftError } from '../errors.ts'
import type { Plan } from '../blueprint/plan.ts'
import type { EventOf, Fact, FlowcraftEvent } from '../events/event.ts'
import { advance } from '../scheduler/advance.ts'
import { frontierOf, type Frontier } from '../scheduler/frontier.ts'
import { standingAfter } from '../scheduler/past-frontier.ts'
import { draftOf, initialState, type RunDraft } from '../state/draft.ts'
import { apply } from '../state/fold.ts'
import type { RunState } from '../state/run-state.ts'
import type { Outbox } from './outbox.ts'
import { changeIn, type BlueprintChange, type Past } from './run-options.ts'

/** What a {@link Recorder} is made of. */
export interface RecorderOptions {
  readonly plan: Plan
  readonly executionId: string
  /** Absent for a run that nothing records. */
  readonly outbox: Outbox | undefined
  now(): number
  /** Told once when events could not be made durable; nothing becomes durable afterwards. */
  onFailure(error: unknown): void
}

/** Something to do once everything recorded before it is durable. */
interface Effect {
  readonly due: number
  run(): void
}

/**
 * The only writer of a run. It folds facts at once, so that every decision sees all outcomes so far, and sends them on
 * their way; effects follow when what they rest on is durable.
 */
export class Recorder {
  frontier: Frontier
  #draft: RunDraft = draftOf(initialState)
  /** The other blueprint under which the run goes on, until that is recorded. */
  #change: BlueprintChange | undefined
  readonly #options: RecorderOptions
  readonly #blueprintId: string
  #unsent: FlowcraftEvent[] = []
  #durableSeq = -1
  /** The event by which this process has taken the run: whoever is not the first to store it does nothing. */
  #claimSeq = 0
  /** When the step that has not been sent yet began: one time for all of it. */
  #stepTime: number | undefined
  /** How many sendings have not been answered. */
  #inFlight = 0
  #isClosing = false
  #effects: Effect[] = []
  #failure: { readonly error: unknown } | undefined
  readonly #waiting = new Set<(error: unknown) => void>()

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#blueprintId = options.plan.blueprint.id
    this.frontier = frontierOf(options.plan)
  }

  /** Always the fold of what is recorded. */
  get state(): RunState {
    return this.#draft
  }

  get isRecorded(): boolean {
    return this.#options.outbox !== undefined
  }

  /** Takes over where a run stands, or what is stored of it. */
  takeUp(past: Past): void {
    this.#change = changeIn(past)
    if ('events' in past) {
      const { change } = past
      const turn = change && { ...(change.edges && { edges: change.edges }) }
      const { state, frontier } = standingAfter(this.#options.plan, past.events, turn)
      this.#draft = state
      this.frontier = frontier
    } else {
      this.#draft = draftOf(past.state)
      this.frontier = past.frontier
    }
    this.#durableSeq = this.#draft.seq
  }

  /** Gives facts their envelopes and folds them. Their values are recorded ones. */
  record(facts: readonly Fact[]): void {
    const timestamp = (this.#stepTime ??= this.#options.now())
    for (const fact of facts) {
      const event = this.#envelope(fact.type === 'workflow:resume' ? this.#changed(fact) : fact, timestamp)
      apply(this.#draft, event)
      advance(this.frontier, this.#draft, event)
      if (event.type === 'workflow:resume' || event.type === 'workflow:fork') this.#claimSeq = event.seq
      if (this.isRecorded) this.#unsent.push(freeze(event))
    }
  }

  /** Does `effect` once all that is recorded now is durable; under `relaxed`, once the run's last start or resume is. */
  whenSafe(effect: () => void): void {
    const isRelaxed = this.#options.outbox?.durability === 'relaxed'
    this.#effects.push({ due: isRelaxed ? this.#claimSeq : this.#draft.seq, run: effect })
  }

  /** Does `effect` once all that is recorded now is durable. */
  whenDurable(effect: () => void): void {
    this.#effects.push({ due: this.#draft.seq, run: effect })
  }

  /** Resolves when what a reader sees now is durable; at once under `relaxed`. Rejects when it never will be. */
  async untilSafe(): Promise<void> {
    const { outbox } = this.#options
    if (outbox === undefined || outbox.durability === 'relaxed' || this.#durableSeq >= this.#draft.seq) return
    if (this.#failure) throw this.#failure.error
    await new Promise<void>((resolve, reject) => {
      this.#waiting.add(reject)
      this.whenSafe(() => {
        this.#waiting.delete(reject)
        resolve()
      })
    })
  }

  /** Sends what was recorded since the last time, and does the effects that are due. */
  send(isAlone: boolean): void {
    const { outbox } = this.#options
    const events = this.#unsent
    this.#stepTime = undefined
    const { seq } = this.#draft
    if (outbox === undefined) {
      this.#durableSeq = seq
    } else if (events.length > 0 && !this.#failure) {
      this.#unsent = []
      this.#inFlight += 1
      outbox.push(events, isAlone).then(
        () => this.#settle(seq),
        (error: unknown) => this.#fail(toStoreError(error, this.#options.executionId, events)),
      )
    }
    this.#release()
  }

  /** Ends the bus's memory of this run once everything that was sent has been answered. */
  close(): void {
    this.#isClosing = true
    if (this.#inFlight === 0) this.#options.outbox?.close()
  }

  /** Nothing more becomes durable, and whoever waits for that is told. */
  abandon(error: unknown): void {
    this.close()
    this.#failure ??= { error }
    this.#effects = []
    for (const reject of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  #answered(): void {
    this.#inFlight -= 1
    if (this.#isClosing) this.close()
  }

  #settle(seq: number): void {
    this.#answered()
    if (this.#failure) return
    this.#durableSeq = seq
    this.#release()
  }

  #fail(error: unknown): void {
    this.#answered()
    if (this.#failure) return
    this.abandon(error)
    this.#options.onFailure(error)
  }

  #release(): void {
    while (this.#effects.length > 0 && this.#effects[0]!.due <= this.#durableSeq) {
      const due = this.#effects
      let count = 1
      while (count < due.length && due[count]!.due <= this.#durableSeq) count += 1
      this.#effects = due.slice(count)
      for (let index = 0; index < count; index += 1) due[index]!.run()
    }
  }

  #changed(fact: Extract<Fact, { type: 'workflow:resume' }>): Fact {
    const change = this.#change
    this.#change = undefined
    return change === undefined ? fact : { ...fact, payload: { ...fact.payload, ...change } }
  }

  #envelope(fact: Fact, timestamp: number): FlowcraftEvent {
    const { executionId } = this.#options
    const seq = this.#draft.seq + 1
    // Adding the two ids to the payload of a fact gives the payload of its event; the union does not show that.
    const payload = { executionId, blueprintId: this.#blueprintId, ...fact.payload }
    return { id: `${executionId}:${seq}`, seq, executionId, timestamp, type: fact.type, payload } as FlowcraftEvent
  }
}

/** Values inside are frozen already: what is left are the shells that the engine itself made. */
function freeze(event: FlowcraftEvent): FlowcraftEvent {
  const { payload } = event
  if (event.type === 'node:finish') Object.freeze((payload as EventOf<'node:finish'>['payload']).result)
  Object.freeze(payload)
  return Object.freeze(event)
}

function toStoreError(cause: unknown, executionId: string, events: readonly FlowcraftEvent[]): Error {
  if (isFlowcraftError(cause)) return cause
  const range = `${events[0]?.seq} to ${events.at(-1)?.seq}`
  return new EventStoreError(
    `Events ${range} of execution '${executionId}' could not be recorded, so the run has stopped; see the cause`,
    { cause, executionId },
  )
}
