import type { FlowcraftEvent, IEventBus } from 'flowcraft'

/** A bus that keeps what it is given, once the bus behind it, if there is one, has taken it. */
export interface TeeBus extends Required<Pick<IEventBus, 'emit' | 'emitBatch'>> {
  /** In the order in which they came. */
  readonly events: readonly FlowcraftEvent[]
}

/** A {@link TeeBus} before `next`. */
export function teeBus(next: IEventBus | undefined): TeeBus {
  const events: FlowcraftEvent[] = []
  const emitBatch = async (batch: readonly FlowcraftEvent[]): Promise<void> => {
    if (next?.emitBatch !== undefined) await next.emitBatch(batch)
    else for (const event of batch) await next?.emit(event)
    events.push(...batch)
  }
  return { events, emitBatch, emit: (event) => emitBatch([event]) }
}
