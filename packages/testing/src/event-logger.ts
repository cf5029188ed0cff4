import type { EventOf, EventType, FlowcraftEvent, IEventBus } from 'flowcraft'
import { printTrace } from './trace-text.ts'

/** An event bus that keeps every event in memory, for a test to look at. It is no store: nothing can be resumed from it. */
export class InMemoryEventLogger implements IEventBus {
  #events: FlowcraftEvent[] = []

  /** In the order in which they came, those of subflows' runs included. A copy. */
  get events(): readonly FlowcraftEvent[] {
    return [...this.#events]
  }

  emit(event: FlowcraftEvent): void {
    this.#events.push(event)
  }

  /** Forgets all events. */
  clear(): void {
    this.#events = []
  }

  /** The first event of a type; `undefined` when there is none. */
  find<T extends EventType>(type: T): EventOf<T> | undefined {
    return this.#events.find((event): event is FlowcraftEvent & EventOf<T> => event.type === type)
  }

  /** All events of a type. */
  filter<T extends EventType>(type: T): EventOf<T>[] {
    return this.#events.filter((event): event is FlowcraftEvent & EventOf<T> => event.type === type)
  }

  /** Prints the events with `console.log`: a title, then a line for each, with the time since the first one. */
  printLog(title: string = 'Workflow Execution Trace'): void {
    printTrace(this.#events, title)
  }
}
