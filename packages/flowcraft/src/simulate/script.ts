import type { WorkflowError } from '../errors.ts'
import type { EventPayloads, Fact, FlowcraftEvent, RecordedResult } from '../events/event.ts'
import type { WaitFact, Write } from '../scheduler/outcome.ts'

/** How an attempt ended, as it was recorded. */
export type RecordedOutcome =
  | { readonly result: RecordedResult }
  | { readonly wait: WaitFact }
  /** `made`: which attempt of its iteration it was, those that were cut off left out; from 1. */
  | { readonly error: WorkflowError; readonly isLast: boolean; readonly made: number }

/** Something that came to a node of the recorded run from outside its engine. */
export type Entry = Begin | Ended | Answered

interface Placed {
  /** Of the first event that tells of it. */
  readonly seq: number
  /** Epoch milliseconds. */
  readonly time: number
  readonly nodeId: string
  readonly iteration: number
  readonly course: Course
  /** Its place in the course. */
  readonly nth: number
}

/** An attempt began. */
export interface Begin extends Placed {
  readonly kind: 'begin'
}

/** An attempt ended. */
export interface Ended extends Placed {
  readonly kind: 'ended'
  readonly outcome: RecordedOutcome
  readonly writes: readonly Write[]
  readonly durationMs: number
}

/** A node that waited was told to go on. */
export interface Answered extends Placed {
  readonly kind: 'answered'
  readonly payload: Resumed
}

/** What a `workflow:resume` says, without what is said of blueprints. */
export type Resumed = Pick<EventPayloads['workflow:resume'], 'reason' | 'nodeId' | 'output' | 'action'>

/** All that came to one iteration of a node, in order. */
export interface Course {
  readonly entries: Entry[]
  /** The first entry that has not been used yet. */
  next: number
}

/** Something that came to the recorded run as a whole. */
export interface Intervention {
  readonly seq: number
  readonly time: number
  readonly fact: Fact
}

/** What came to a recorded run from outside its engine: all that a run of another blueprint may take from it. */
export class Script {
  /** By the first of the events that tell of them. */
  readonly entryAt: Map<number, Entry> = new Map()
  /** Cancellations and forks, in order. */
  readonly interventions: Intervention[] = []
  /** Somebody let the whole run go on, in order. */
  readonly lifts: Intervention[] = []
  /** What the run was given at its start: nodes that had ended or waited before it. */
  readonly given: readonly Fact[]
  readonly #courses = new Map<string, Map<number, Course>>()
  /** Attempts without an outcome so far. */
  readonly #open = new Map<string, OpenAttempt>()
  #time = -Infinity

  /** @param startNodes Where the recorded run began by its blueprint. */
  constructor(events: readonly FlowcraftEvent[], startNodes: ReadonlySet<string>) {
    this.given = givenIn(events, startNodes)
    for (const event of events) {
      this.#time = Math.max(this.#time, event.timestamp)
      this.#take(event)
    }
  }

  courseOf(nodeId: string, iteration: number): Course | undefined {
    return this.#courses.get(nodeId)?.get(iteration)
  }

  #take(event: FlowcraftEvent): void {
    const { seq, type, payload } = event
    switch (type) {
      case 'node:start': {
        const { nodeId, iteration } = payload
        const made = this.#open.get(nodeId)
        const isRetry = made?.iteration === iteration && payload.attempt > 1
        this.#open.set(nodeId, {
          iteration,
          made: isRetry ? made.made : 1,
          isOver: false,
          writes: [],
          first: undefined,
        })
        return this.#add(nodeId, iteration, seq, { kind: 'begin' })
      }
      case 'context:change': {
        const attempt = this.#open.get(payload.sourceNode)
        if (attempt === undefined || attempt.isOver || attempt.iteration !== payload.iteration) return
        attempt.first ??= seq
        attempt.writes.push(writeOf(payload))
        return
      }
      case 'node:finish':
        return this.#end(event.payload, seq, { result: payload.result }, payload.durationMs)
      case 'node:wait':
        return this.#end(event.payload, seq, { wait: waitOf(payload) }, 0)
      case 'node:retry':
        return this.#end(event.payload, seq, { error: payload.error, isLast: false }, 0)
      case 'node:error':
        return this.#end(event.payload, seq, { error: payload.error, isLast: true }, 0)
      case 'workflow:resume':
        this.#dropWrites()
        return this.#resume(payload, seq)
      case 'workflow:cancel':
      case 'workflow:fork':
        this.#dropWrites()
        this.interventions.push({ seq, time: this.#time, fact: factOf(event) })
        return
      default:
    }
  }

  #end(
    { nodeId, iteration }: Pick<EventPayloads['node:wait'], 'nodeId' | 'iteration'>,
    seq: number,
    outcome: Exclude<RecordedOutcome, { error: unknown }> | Failed,
    durationMs: number,
  ): void {
    const attempt = this.#open.get(nodeId)
    if (attempt === undefined || attempt.isOver || attempt.iteration !== iteration) {
      return
    }
    const { first = seq, writes, made } = attempt
    this.#add(nodeId, iteration, first, {
      kind: 'ended',
      outcome: 'error' in outcome ? { ...outcome, made } : outcome,
      writes,
      durationMs,
    })
    attempt.writes = []
    attempt.first = undefined
    // A node that waits is still to end.
    attempt.isOver = !('wait' in outcome)
    if ('error' in outcome) attempt.made += 1
  }

  /** Writes come with their outcome at once, or the log was cut behind them. */
  #dropWrites(): void {
    for (const attempt of this.#open.values()) {
      if (attempt.first === undefined) continue
      attempt.writes = []
      attempt.first = undefined
    }
  }

  #resume({ nodeId, reason, output, action }: EventPayloads['workflow:resume'], seq: number): void {
    const payload = {
      reason,
      ...(nodeId !== undefined && { nodeId }),
      ...(output !== undefined && { output }),
      ...(action !== undefined && { action }),
    }
    if (nodeId === undefined) {
      if (reason === 'recovery') return
      this.lifts.push({ seq, time: this.#time, fact: { type: 'workflow:resume', payload } })
      return
    }
    const attempt = this.#open.get(nodeId)
    if (attempt !== undefined) this.#add(nodeId, attempt.iteration, seq, { kind: 'answered', payload })
  }

  #add(nodeId: string, iteration: number, seq: number, part: PartOf<Begin> | PartOf<Ended> | PartOf<Answered>): void {
    const ofNode = this.#courses.get(nodeId) ?? new Map<number, Course>()
    const course = ofNode.get(iteration) ?? { entries: [], next: 0 }
    this.#courses.set(nodeId, ofNode.set(iteration, course))
    const place = { seq, time: this.#time, nodeId, iteration, course, nth: course.entries.length }
    // A part of one kind with its place is an entry of that kind; the union does not show that.
    const entry = { ...part, ...place } as Entry
    course.entries.push(entry)
    this.entryAt.set(seq, entry)
  }
}

/** A run that goes on with a context without its history says of each node how it stands, before any edge is decided. */
function givenIn(events: readonly FlowcraftEvent[], startNodes: ReadonlySet<string>): readonly Fact[] {
  const given: Fact[] = []
  let isGiven = false
  for (let seq = 1; ; seq += 2) {
    const [start, end] = [events[seq], events[seq + 1]]
    if (start?.type !== 'node:start' || (end?.type !== 'node:finish' && end?.type !== 'node:wait')) break
    if (start.payload.nodeId !== end.payload.nodeId) break
    given.push(factOf(start), factOf(end))
    isGiven ||= !startNodes.has(start.payload.nodeId)
  }
  return isGiven ? given : []
}

/** The first entry of a kind that has not been used. */
export function nextOf<K extends Entry['kind']>(
  course: Course | undefined,
  kind: K,
): Extract<Entry, { kind: K }> | undefined {
  for (let nth = course?.next ?? 0; nth < (course?.entries.length ?? 0); nth += 1) {
    const entry = course!.entries[nth]!
    if (isOf(entry, kind)) return entry
  }
  return undefined
}

/** Takes an entry out of its course, with all before it. */
export function use({ course, nth }: Entry): void {
  course.next = nth + 1
}

/** Takes out the beginnings that come next: of one attempt, and of those before it that were cut off. Gives whether there were any. */
export function useBeginnings(course: Course | undefined): boolean {
  let hasBegun = false
  for (let entry = course?.entries[course.next]; entry?.kind === 'begin'; entry = course?.entries[course.next]) {
    use(entry)
    hasBegun = true
  }
  return hasBegun
}

/** What a simulated run takes over of a recorded event: all but what it says of ids and blueprints. */
export function factOf(event: FlowcraftEvent): Fact {
  const { type, payload } = event
  const skipped = ['executionId', 'blueprintId', 'blueprint', 'blueprintHash', 'blueprintVersion', 'edges']
  const kept = Object.fromEntries(Object.entries(payload).filter(([name]) => !skipped.includes(name)))
  // Everything that is left out is not part of a fact, or optional.
  return { type, payload: Object.freeze(kept) } as unknown as Fact
}

type PartOf<T extends Entry> = Omit<T, keyof Placed>

interface OpenAttempt {
  readonly iteration: number
  made: number
  isOver: boolean
  writes: Write[]
  /** The event of its first write. */
  first: number | undefined
}

type Failed = Omit<Extract<RecordedOutcome, { error: unknown }>, 'made'>

function isOf<K extends Entry['kind']>(entry: Entry, kind: K): entry is Extract<Entry, { kind: K }> {
  return entry.kind === kind
}

function writeOf({ key, op, value }: EventPayloads['context:change']): Write {
  return op === 'set' ? { key, op, value } : { key, op }
}

function waitOf({ reason, wakeUpAt, event }: EventPayloads['node:wait']): WaitFact {
  return { reason, ...(wakeUpAt !== undefined && { wakeUpAt }), ...(event !== undefined && { event }) }
}
