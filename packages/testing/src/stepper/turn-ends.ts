import type { EventOf, FlowcraftEvent, Recording } from 'flowcraft'
import { Causes } from './causes.ts'

/**
 * The events of a recorded run at which turns ended, and its start. A turn is what was ready at one moment and ran from
 * there on until nothing was running; a log tells of it what can be told by starts, ends and decided edges.
 */
export function turnEnds(recording: Recording): number[] {
  const search = new TurnSearch(new Causes(recording.blueprint))
  for (const event of recording) search.take(event)
  return search.ends()
}

class TurnSearch {
  readonly #causes: Causes
  readonly #ends: number[] = []
  /** What is running, between two attempts, or a subflow whose run goes on. */
  readonly #open = new Set<string>()
  readonly #subflows = new Set<string>()
  /** The last events before the first starts of the present turn and of the one before it. */
  #base = -1
  #baseBefore = -1
  /** The place in the blueprint of the node of the present turn that started last. */
  #lastPlace = -1
  /** Nodes of the present turn that failed before they started: their registry fallbacks belong to it. */
  readonly #unstarted = new Set<string>()
  #hasStarted = false
  #last: FlowcraftEvent | undefined

  constructor(causes: Causes) {
    this.#causes = causes
  }

  take(event: FlowcraftEvent): void {
    const last = this.#last
    if (last === undefined) this.#ends.push(event.seq)
    else if (last.seq > this.#ends.at(-1)! && this.#open.size === 0 && this.#beginsTurn(event, last))
      this.#end(last.seq)
    this.#note(event)
    this.#causes.note(event)
    this.#last = event
  }

  ends(): number[] {
    if (this.#last !== undefined && this.#last.seq > this.#ends.at(-1)!) this.#ends.push(this.#last.seq)
    return this.#ends
  }

  #end(seq: number): void {
    this.#ends.push(seq)
    this.#hasStarted = false
    this.#lastPlace = -1
    this.#unstarted.clear()
  }

  /** Whether a turn has ended before an event at which nothing is running. */
  #beginsTurn(event: FlowcraftEvent, last: FlowcraftEvent): boolean {
    if (last.type === 'workflow:pause' || last.type === 'workflow:stall') return true
    if (!this.#hasStarted) return false
    switch (event.type) {
      case 'workflow:resume':
      case 'workflow:cancel':
        return true
      case 'workflow:finish':
        // Otherwise it follows from the end of the turn.
        return event.payload.errors?.at(-1)?.code === 'MAX_ITERATIONS_EXCEEDED'
      case 'node:start':
      case 'node:error':
        // What follows from one event has its time.
        return event.timestamp !== last.timestamp || !this.#wasReady(event)
      default:
        return false
    }
  }

  /** Whether a node that comes up now was ready when the present turn began: nodes of a turn start in blueprint order. */
  #wasReady(event: EventOf<'node:start'> | EventOf<'node:error'>): boolean {
    const { nodeId, attempt } = event.payload
    if (event.type === 'node:start' && attempt > 1) {
      const isRegistryFallback = event.payload.fallbackFor === nodeId
      if (!isRegistryFallback || this.#unstarted.has(nodeId)) return true
    }
    if (this.#causes.placeOf(nodeId) <= this.#lastPlace) return false
    return this.#causes.makeReady(nodeId, this.#baseBefore, this.#base)
  }

  #note(event: FlowcraftEvent): void {
    switch (event.type) {
      case 'node:start':
        this.#begin(event)
        this.#open.add(event.payload.nodeId)
        if (event.payload.childExecutionId === undefined) this.#subflows.delete(event.payload.nodeId)
        else this.#subflows.add(event.payload.nodeId)
        return
      case 'node:error':
        // A transform that fails is no start, and takes the place of one.
        if (this.#open.delete(event.payload.nodeId)) return
        this.#begin(event)
        this.#unstarted.add(event.payload.nodeId)
        return
      case 'node:finish':
      case 'node:wait':
        this.#open.delete(event.payload.nodeId)
        return
      case 'batch:start':
        // A scatter waits for its workers.
        this.#open.delete(event.payload.scatterNodeId)
        return
      case 'workflow:pause':
      case 'workflow:stall':
      // What goes on starts again.
      case 'workflow:fork':
        return this.#open.clear()
      case 'workflow:resume':
        return this.#resume(event)
      default:
    }
  }

  #begin({ seq, payload }: EventOf<'node:start'> | EventOf<'node:error'>): void {
    if (!this.#hasStarted) this.#startTurn(seq - 1)
    this.#lastPlace = Math.max(this.#lastPlace, this.#causes.placeOf(payload.nodeId, this.#lastPlace))
  }

  #resume({ seq, payload: { nodeId, reason } }: EventOf<'workflow:resume'>): void {
    if (nodeId === undefined) {
      // Attempts that a crash has cut off are made again.
      if (reason === 'recovery') this.#open.clear()
    } else if (this.#subflows.has(nodeId)) {
      this.#open.add(nodeId)
      if (!this.#hasStarted) this.#startTurn(seq)
    }
  }

  #startTurn(base: number): void {
    this.#hasStarted = true
    this.#baseBefore = this.#base
    this.#base = base
  }
}
