import {
  InMemoryEventStore,
  openRecording,
  recordingFrom,
  type FlowcraftEvent,
  type IEventBus,
  type Recording,
} from 'flowcraft'
import { teeBus, type TeeBus } from '../tee-bus.ts'

/** Events that are about to be recorded, and how to let them go. */
interface Held {
  readonly batch: readonly FlowcraftEvent[]
  release(): void
}

/**
 * The bus of one live run and those of its subflows, before another one. It keeps the run's recording, and can hold the
 * start of a node back: a node runs once its start is recorded.
 */
export class LiveLog implements Required<Pick<IEventBus, 'emit' | 'emitBatch'>> {
  readonly #tee: TeeBus
  readonly #store = new InMemoryEventStore()
  /** Of the run that the first event belongs to. */
  #executionId: string | undefined
  #recording: Recording | undefined
  #breakpoint: string | undefined
  #held: Held | undefined
  #tellHeld = (): void => {}

  constructor(next: IEventBus | undefined) {
    this.#tee = teeBus(next)
  }

  /** In the order in which they came, with those of subflows' runs. */
  get events(): readonly FlowcraftEvent[] {
    return this.#tee.events
  }

  /** That of the run; `undefined` before its start. */
  get recording(): Recording | undefined {
    return this.#recording
  }

  async emit(event: FlowcraftEvent): Promise<void> {
    await this.emitBatch([event])
  }

  async emitBatch(batch: readonly FlowcraftEvent[]): Promise<void> {
    this.#executionId ??= batch[0]?.executionId
    if (this.#breakpoint !== undefined && this.#starts(batch, this.#breakpoint)) await this.#hold(batch)
    await this.#tee.emitBatch(batch)
    for (const event of batch) await this.#store.store(event, event.executionId)
    const executionId = this.#executionId
    if (executionId === undefined || batch[0]?.executionId !== executionId) return
    // Before anybody is told that the events are there.
    if (this.#recording === undefined) this.#recording = await openRecording(this.#store, executionId)
    else await this.#recording.refresh()
  }

  /** Lets go of what it holds. Resolves when it holds the start of the node `until`, which may never be. */
  goOn(until: string | undefined): Promise<void> {
    const held = this.#held
    this.#held = undefined
    this.#breakpoint = until
    const told = new Promise<void>((resolve) => (this.#tellHeld = resolve))
    held?.release()
    return told
  }

  /** Whether the start of a node is held. */
  holds(nodeId: string): boolean {
    return this.#held !== undefined && this.#starts(this.#held.batch, nodeId)
  }

  #starts(batch: readonly FlowcraftEvent[], nodeId: string): boolean {
    return batch.some((event) => event.executionId === this.#executionId && isStartOf(event, nodeId))
  }

  async #hold(batch: readonly FlowcraftEvent[]): Promise<void> {
    const released = new Promise<void>((release) => (this.#held = { batch, release }))
    this.#tellHeld()
    await released
  }
}

/** Whether an event is the start of an attempt of a node. */
export function isStartOf(event: FlowcraftEvent | undefined, nodeId: string): boolean {
  return event?.type === 'node:start' && event.payload.nodeId === nodeId
}

/** A recording that is empty until `current` gives one, and is that one from then on. */
export function upcomingRecording(executionId: string, current: () => Recording | undefined): Recording {
  const empty = recordingFrom([], { executionId })
  return new Proxy(empty, {
    get(_, name) {
      const recording = current() ?? empty
      const value: unknown = Reflect.get(recording, name, recording)
      return typeof value === 'function' ? value.bind(recording) : value
    },
  })
}
