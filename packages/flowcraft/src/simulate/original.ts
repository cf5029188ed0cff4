import type { Plan } from '../blueprint/plan.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { advance } from '../scheduler/advance.ts'
import { frontierOf, type Frontier } from '../scheduler/frontier.ts'
import { draftOf, initialState, type RunDraft } from '../state/draft.ts'
import { apply } from '../state/fold.ts'

/** A recorded run under its own blueprint, event by event. */
export class Original {
  readonly #frontier: Frontier
  readonly #state: RunDraft = draftOf(initialState)
  readonly #events: readonly FlowcraftEvent[]

  constructor(plan: Plan, events: readonly FlowcraftEvent[]) {
    this.#frontier = frontierOf(plan)
    this.#events = events
  }

  /** Whether the node might have started after event `seq`. Asked for places one after the other. */
  mightStart(nodeId: string, seq: number): boolean {
    while (this.#state.seq < seq) {
      const event = this.#events[this.#state.seq + 1]!
      apply(this.#state, event)
      advance(this.#frontier, this.#state, event)
    }
    const { plan, ready, backingOff, withheld, batches } = this.#frontier
    const index = plan.indexOf.get(nodeId)
    if (index === undefined) return false
    const scatter = plan.nodes[index]!.worker?.scatter
    const isQueued = scatter !== undefined && batches?.get(scatter)?.queue.has(index) === true
    return ready.has(index) || backingOff.has(index) || withheld?.has(index) === true || isQueued
  }
}
