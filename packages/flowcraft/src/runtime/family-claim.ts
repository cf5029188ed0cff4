import { EventStoreError, isFlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { deferred } from '../history/deferred.ts'
import type { Claim, ClaimedPart } from '../history/claim.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { Ownership } from '../history/ownership.ts'
import { openOutbox, type Outbox } from './outbox.ts'

/** A bus on a store in which one process can take a run over from another. */
export interface ClaimingBus extends IEventBus {
  readonly ownership: Ownership
  claim(claim: Claim): Promise<void>
}

/** Whether runs on this bus are claimed when they are taken over. */
export function isClaiming(bus: IEventBus | undefined): bus is ClaimingBus {
  return bus !== undefined && 'claim' in bus && 'ownership' in bus && bus.ownership !== undefined
}

interface Member {
  readonly executionId: string
  /** The `seq` behind its last stored event. */
  readonly expectedSeq: number
  /** The first event that it wants to store. */
  first: FlowcraftEvent | undefined
}

/**
 * Takes a root and the runs of its subflows over in one go: what they record first is held back until all of it is
 * known, and is stored as a claim; the rest follows.
 */
export class FamilyClaim {
  readonly writer: string
  readonly #bus: ClaimingBus
  readonly #members: Member[] = []
  readonly #claimed = deferred<void>()
  #isMade = false

  constructor(bus: ClaimingBus, writer: string) {
    this.#bus = bus
    this.writer = writer
    this.#claimed.promise.catch(() => {})
  }

  /** The way out for one of the runs, the root's first. */
  outboxFor(executionId: string, expectedSeq: number): Outbox {
    const member: Member = { executionId, expectedSeq, first: undefined }
    this.#members.push(member)
    const outbox = openOutbox(this.#bus, executionId, this.writer)
    let isClaimed = false
    void this.#claimed.promise.then(
      () => (isClaimed = true),
      () => {},
    )
    const push = async (events: readonly FlowcraftEvent[], isAlone: boolean): Promise<void> => {
      const isPart = !this.#isMade && member.first === undefined
      if (isPart) member.first = events[0]
      await this.#claimed.promise
      const rest = isPart ? events.slice(1) : events
      if (rest.length > 0) await outbox.push(rest, isAlone)
    }
    return { ...outbox, push: (events, isAlone) => (isClaimed ? outbox.push(events, isAlone) : push(events, isAlone)) }
  }

  /** A run of a subflow that is still to be begun: whoever has begun it in the meantime was faster. */
  expectNone(executionId: string): void {
    this.#members.push({ executionId, expectedSeq: 0, first: undefined })
  }

  /** Makes the claim. @throws EXECUTION_CONFLICT, CONCURRENCY_CONFLICT, EVENT_STORE_FAILED: then nothing is stored. */
  async make(): Promise<void> {
    this.#isMade = true
    const [root, ...family] = this.#members.map(partOf)
    try {
      // The root is the first to be put together, and goes on whatever goes on.
      if (root?.event === undefined) throw new EventStoreError('A run that does not go on cannot be taken over')
      const { executionId, expectedSeq, event } = root
      const { owner } = this.#bus.ownership
      await this.#bus.claim({ executionId, expectedSeq, event, owner, writer: this.writer, family })
    } catch (cause) {
      const error = isFlowcraftError(cause) ? cause : toStoreError(cause, root?.executionId)
      this.#claimed.reject(error)
      throw error
    }
    this.#claimed.resolve()
  }
}

function partOf({ executionId, expectedSeq, first }: Member): ClaimedPart {
  return { executionId, expectedSeq, event: first }
}

function toStoreError(cause: unknown, executionId: string | undefined): EventStoreError {
  return new EventStoreError(`Execution '${String(executionId)}' could not be taken over; see the cause`, {
    cause,
    executionId,
  })
}
