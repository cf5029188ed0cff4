import type { Fact } from '../events/event.ts'
import { hasEnded } from '../runtime/status-of.ts'
import { IndexHeap } from '../scheduler/index-heap.ts'
import type { RunState } from '../state/run-state.ts'
import { nextOf, type Answered, type Ended, type Entry, type Intervention, type Script } from './script.ts'
import type { Stage } from './stage.ts'

/** What comes to a simulated run next. */
export type Upcoming =
  /** A recorded outcome of a node that is running. */
  | { readonly kind: 'ended'; readonly index: number; readonly entry: Ended; readonly time: number }
  /** A recorded answer to a node that waits. */
  | { readonly kind: 'answered'; readonly entry: Answered; readonly time: number }
  /** The delay before a node's next attempt is over. */
  | { readonly kind: 'delayed'; readonly index: number; readonly time: number }
  /** Something that concerns the whole run, or a time that a node waited for. */
  | { readonly kind: 'fact'; readonly fact: Fact; readonly time: number }
  /** A node runs or waits of which nothing is recorded. */
  | { readonly kind: 'missing'; readonly index: number }

/** A node in one of its attempts. */
interface Place {
  readonly index: number
  readonly iteration: number
  readonly attempts: number
}

interface Timer extends Place {
  /** Epoch milliseconds. */
  readonly due: number
}

/** What {@link Agenda} has to know besides the recorded run. */
export interface AgendaOptions {
  readonly stage: Stage
  readonly script: Script
  /** The recorded run at its end. */
  readonly end: RunState
  /** Whether an output is given for the node. */
  isGiven(nodeId: string): boolean
  /** Whether whatever is not recorded is skipped. */
  readonly skips: boolean
  /** Told of each node that waits for what is not recorded. */
  onMissing(nodeId: string): void
}

/** What may come to a run that goes another way than the recorded one: of all that can, what was recorded first. */
export class Agenda {
  readonly #options: AgendaOptions
  /** Recorded entries of nodes as they are now, by their `seq`; some may have become void. */
  readonly #recorded = new IndexHeap()
  readonly #interventions: Intervention[]
  readonly #lifts: Intervention[]
  #timers: Timer[] = []
  #atOnce: Place[] = []
  #cutOff: Place[] = []

  /** @param seq Everything recorded before it has come. */
  constructor(options: AgendaOptions, seq: number) {
    this.#options = options
    const isLeft = (intervention: Intervention): boolean => intervention.seq >= seq
    this.#interventions = options.script.interventions.filter(isLeft).reverse()
    this.#lifts = options.script.lifts.filter(isLeft).reverse()
  }

  /** Takes a node in that something has to come to. */
  watch(index: number, hasBegun: boolean): void {
    const { stage, script } = this.#options
    const { node, state } = stage.at(index)
    const { iteration = 0, attempts = 1 } = state ?? {}
    const course = script.courseOf(node.id, iteration)
    const place = { index, iteration, attempts }
    if (stage.isRunning(index)) {
      if (this.#expect(nextOf(course, 'ended'))) return
      if (hasBegun && !this.#options.isGiven(node.id)) this.#cutOff.push(place)
      else this.#atOnce.push(place)
    } else if (stage.frontier.waiting?.has(index) === true) {
      if (!this.#expect(nextOf(course, 'answered'))) this.#wait(place, node.id)
    } else if (stage.frontier.backingOff.has(index) && !this.#expect(nextOf(course, 'begin'))) {
      this.#timers.push({ ...place, due: state?.retryAt ?? stage.now })
    }
  }

  /** Takes what comes next off the agenda; `undefined` when nothing is left that could. */
  next(): Upcoming | undefined {
    const { end } = this.#options
    return this.#firstOf(this.#atOnce) ?? this.#inTime() ?? (hasEnded(end) ? this.#firstOf(this.#cutOff) : undefined)
  }

  /** Takes the next fork off the agenda, and what is before it: a fork goes on where a run has ended. */
  nextFork(): Upcoming | undefined {
    for (let next = this.#interventions.pop(); next !== undefined; next = this.#interventions.pop()) {
      if (next.fact.type === 'workflow:fork') return { kind: 'fact', fact: next.fact, time: next.time }
    }
    return undefined
  }

  #expect(entry: Entry | undefined): boolean {
    if (entry !== undefined) this.#recorded.add(entry.seq)
    return entry !== undefined
  }

  #wait(place: Place, nodeId: string): void {
    const { stage, end, isGiven, skips, onMissing } = this.#options
    const { node, state } = stage.at(place.index)
    const last = end.nodes.get(nodeId)
    // What the recorded run waits for to this day is waited for here as well.
    const isOpen = last?.status === 'waiting' && last.iteration === place.iteration
    const due = state?.wait?.wakeUpAt
    if (isGiven(nodeId) || (skips && !isOpen && due === undefined)) this.#atOnce.push(place)
    else if (isOpen) return
    else if (due !== undefined && node.kind !== 'subflow') this.#timers.push({ ...place, due })
    else onMissing(nodeId)
  }

  #firstOf(places: Place[]): Upcoming | undefined {
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      const { index } = place
      if (this.#isStill(place) && !this.#options.stage.frontier.backingOff.has(index)) return { kind: 'missing', index }
    }
    return undefined
  }

  #inTime(): Upcoming | undefined {
    const entry = this.#firstEntry()
    const other = this.#firstOther()
    const recorded =
      entry !== undefined && other !== undefined ? (entry.seq < other.seq ? entry : other) : (entry ?? other)
    const timer = this.#firstTimer()
    if (timer !== undefined && (recorded === undefined || timer.due <= recorded.time)) return this.#ring(timer)
    if (recorded === undefined) return undefined
    if (recorded === other) {
      const list = other === this.#interventions.at(-1) ? this.#interventions : this.#lifts
      list.pop()
      return { kind: 'fact', fact: other.fact, time: other.time }
    }
    return this.#take(entry!)
  }

  #take(entry: Entry): Upcoming {
    this.#recorded.remove(entry.seq)
    const { time } = entry
    if (entry.kind === 'answered') return { kind: 'answered', entry, time }
    const index = this.#options.stage.indexOf(entry.nodeId)!
    return entry.kind === 'ended' ? { kind: 'ended', index, entry, time } : { kind: 'delayed', index, time }
  }

  #firstEntry(): Entry | undefined {
    for (let seq = this.#recorded.smallest(); seq !== undefined; seq = this.#recorded.smallest()) {
      const entry = this.#options.script.entryAt.get(seq)!
      if (this.#fits(entry)) return entry
      this.#recorded.remove(seq)
    }
    return undefined
  }

  #fits({ kind, nodeId, iteration, course, nth }: Entry): boolean {
    const { stage } = this.#options
    const index = stage.indexOf(nodeId)
    if (index === undefined || nth < course.next || stage.at(index).state?.iteration !== iteration) return false
    if (kind === 'ended') return stage.isRunning(index)
    return kind === 'begin' ? stage.frontier.backingOff.has(index) : stage.frontier.waiting?.has(index) === true
  }

  #firstOther(): Intervention | undefined {
    const { isParked, isAtTargets } = this.#options.stage.frontier
    const intervention = this.#interventions.at(-1)
    const lift = isParked && isAtTargets ? this.#lifts.at(-1) : undefined
    if (intervention === undefined || lift === undefined) return intervention ?? lift
    return intervention.seq < lift.seq ? intervention : lift
  }

  /** A run that waits is woken when it has parked. */
  #firstTimer(): Timer | undefined {
    const { frontier } = this.#options.stage
    let first: Timer | undefined
    this.#timers = this.#timers.filter((timer) => this.#isStill(timer))
    for (const timer of this.#timers) {
      const mayRing = frontier.isParked || frontier.backingOff.has(timer.index)
      if (mayRing && (first === undefined || timer.due < first.due)) first = timer
    }
    return first
  }

  #ring(timer: Timer): Upcoming {
    const { stage } = this.#options
    const { index, due } = timer
    this.#timers = this.#timers.filter((other) => other !== timer)
    const time = Math.max(stage.now, due)
    if (stage.frontier.backingOff.has(index)) return { kind: 'delayed', index, time }
    const { id: nodeId, kind } = stage.at(index).node
    const payload = { reason: 'timer', nodeId, ...(kind !== 'sleep' && { action: 'timeout' }) } as const
    return { kind: 'fact', fact: { type: 'workflow:resume', payload }, time }
  }

  #isStill({ index, iteration, attempts }: Place): boolean {
    const { stage } = this.#options
    const { state } = stage.at(index)
    const { waiting, backingOff } = stage.frontier
    const isLive = stage.isRunning(index) || waiting?.has(index) === true || backingOff.has(index)
    return isLive && state?.iteration === iteration && state.attempts === attempts
  }
}
