import type { EventPayloads } from '../../src/events/event.ts'
import type { RandomFlow } from './generator/draft.ts'

/** What a run must look like at some moment, by what its user code noted and only the skeleton of its log. */
export interface Testimony {
  status: string
  /** Portraits by key. */
  readonly context: Record<string, string>
  readonly nodeStatuses: Record<string, string>
  /** As `describeError` describes them. */
  readonly errors: readonly string[]
  /** What went wrong last in nodes that have not finished since. */
  readonly nodeErrors: Record<string, string>
  readonly cancelReason: string | undefined
}

/** Whether the engine runs a node itself, so that no user code could know of it. */
export function isOfEngine({ blueprint, programs }: RandomFlow, nodeId: string): boolean {
  return blueprint.nodes.some(({ id, uses }) => id === nodeId && !programs.has(uses))
}

/** What is told of a waiting node while the run is parked. */
export function detailsOf({ reason, wakeUpAt, event }: EventPayloads['node:wait']): object {
  return { reason, ...(wakeUpAt !== undefined && { wakeUpAt }), ...(event !== undefined && { event }) }
}
