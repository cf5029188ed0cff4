import type { FlowcraftEvent } from '../events/event.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { EventBatch } from '../history/event-store.ts'
import type { Durability } from '../history/persistent-event-bus.ts'

/** The way of one execution's events out of the process. */
export interface Outbox {
  readonly durability: Durability
  /** Sends consecutive events on. Resolves when they are durable; rejects when they never will be. */
  push(events: readonly FlowcraftEvent[], isAlone: boolean): Promise<void>
  /** Resolves when there is room for more events. Only where a run does not wait for durability. */
  room?(): Promise<void>
  /** Ends the bus's memory of this execution. */
  close(): void
}

/** An outbox on `bus` for one incarnation of a run. `writer` is that of its whole family. */
export function openOutbox(bus: IEventBus, executionId: string, writer: string): Outbox {
  return isCommitting(bus) ? committing(bus, executionId, writer) : inOrder(bus)
}

/** A bus that groups the commits of all runs of the process. */
interface CommittingBus extends IEventBus {
  readonly durability: Durability
  readonly ownership?: { readonly owner: string; held(): Promise<void> | undefined } | undefined
  commit(batch: EventBatch, hint: { readonly alone: boolean }): Promise<void>
  drained(): Promise<void>
  release(executionId: string, writer: string): void
}

const isAlone = Object.freeze({ alone: true })
const isInCompany = Object.freeze({ alone: false })

function isCommitting(bus: IEventBus): bus is CommittingBus {
  return 'commit' in bus && typeof bus.commit === 'function' && 'durability' in bus
}

function committing(bus: CommittingBus, executionId: string, writer: string): Outbox {
  const { ownership } = bus
  const owner = ownership?.owner
  let renewal: Promise<void> | undefined
  return {
    durability: bus.durability,
    push(events, alone) {
      const commit = (): Promise<void> => {
        renewal = undefined
        const batch = { executionId, writer, owner, events, expectedSeq: events[0]?.seq ?? 0 }
        return bus.commit(batch, alone ? isAlone : isInCompany)
      }
      // Whoever goes on after a long rest says that it is alive first, or others would take it for dead. In order.
      renewal ??= ownership?.held()
      return renewal === undefined ? commit() : renewal.then(commit)
    },
    ...(bus.durability === 'relaxed' && { room: () => bus.drained() }),
    close: () => bus.release(executionId, writer),
  }
}

/** A plain bus is given one step at a time. */
function inOrder(bus: IEventBus): Outbox {
  let last: Promise<void> = Promise.resolve()
  const send = async (events: readonly FlowcraftEvent[]): Promise<void> => {
    await last
    if (bus.emitBatch !== undefined) await bus.emitBatch(events)
    else for (const event of events) await bus.emit(event)
  }
  return {
    durability: 'step',
    push(events) {
      last = send(events)
      return last
    },
    close() {},
  }
}
