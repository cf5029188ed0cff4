import { EventEmitter } from 'eventemitter3'
import type { EventOf, EventType, FlowcraftEvent } from '../events/event.ts'

/** Where a runtime sends what happens. Durable means that `emitBatch`, or each `emit` in `seq` order, has resolved. */
export interface IEventBus {
  emit(event: FlowcraftEvent): void | Promise<void>
  /** Events that belong together, in order. Without it, they are emitted one by one. */
  emitBatch?(events: readonly FlowcraftEvent[]): Promise<void>
  /** Resolves when everything emitted so far has been dealt with. */
  flush?(): Promise<void>
}

/** Is told of events of one type, or of every event (`'*'`). What it returns is not used; a promise may reject. */
export type FlowEventListener<T extends EventType | '*'> = (
  event: T extends EventType ? EventOf<T> : FlowcraftEvent,
) => unknown

/** Options of a {@link FlowEventBus}. */
export interface FlowEventBusOptions {
  /** Is told what a listener threw or rejected with. Default `console.error`. */
  readonly onListenerError?: ((error: unknown, event: FlowcraftEvent) => void) | undefined
}

type AnyListener = (event: never) => unknown
type GuardedListener = (event: FlowcraftEvent) => void

/** Tells listeners in this process what happens. A listener that fails is reported and breaks nothing. */
export class FlowEventBus implements IEventBus {
  readonly #emitter = new EventEmitter()
  readonly #guarded = new WeakMap<AnyListener, GuardedListener>()
  readonly #onListenerError: (error: unknown, event: FlowcraftEvent) => void

  constructor(options: FlowEventBusOptions = {}) {
    this.#onListenerError = options.onListenerError ?? logListenerError
  }

  /** Calls `listener` at every event of `type`; `'*'` stands for every type. */
  on<T extends EventType | '*'>(type: T, listener: FlowEventListener<T>): this {
    this.#emitter.on(type, this.#guard(listener))
    return this
  }

  /** Calls `listener` at the next event of `type` only. */
  once<T extends EventType | '*'>(type: T, listener: FlowEventListener<T>): this {
    this.#emitter.once(type, this.#guard(listener))
    return this
  }

  /** Forgets a listener that was given to `on` or `once` for this `type`. */
  off<T extends EventType | '*'>(type: T, listener: FlowEventListener<T>): this {
    this.#emitter.off(type, this.#guard(listener))
    return this
  }

  /** Calls the listeners of the event's type, then those of `'*'`, each in the order in which they came. */
  emit(event: FlowcraftEvent): void {
    this.#emitter.emit(event.type, event)
    this.#emitter.emit('*', event)
  }

  /** Emits one by one. */
  async emitBatch(events: readonly FlowcraftEvent[]): Promise<void> {
    for (const event of events) this.emit(event)
  }

  #guard(listener: AnyListener): GuardedListener {
    const known = this.#guarded.get(listener)
    if (known !== undefined) return known
    // The emitter calls it only for the type that it was registered for, which is what its parameter asks for.
    const call = listener as (event: FlowcraftEvent) => unknown
    const guarded: GuardedListener = (event) => {
      try {
        const returned = call(event)
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#report(error, event))
      } catch (error) {
        this.#report(error, event)
      }
    }
    this.#guarded.set(listener, guarded)
    return guarded
  }

  #report(error: unknown, event: FlowcraftEvent): void {
    try {
      this.#onListenerError(error, event)
    } catch (reportError) {
      logListenerError(reportError, event)
    }
  }
}

function logListenerError(error: unknown, event: FlowcraftEvent): void {
  console.error(`A listener for the event ${event.id} (${event.type}) failed:`, error)
}
