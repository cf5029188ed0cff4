import type { EventType, RunStatus } from '../events/event.ts'
import type { Recording } from '../recording/recording.ts'
import type { SimulationDivergence } from './simulation-divergence.ts'
import type { Simulation } from './simulate.ts'

/** What many recorded runs would have been under another blueprint, as plain JSON data but for the errors. */
export interface SimulationSummary {
  readonly total: number
  /** How many would have taken the same decisions. */
  readonly same: number
  /** How many would not. */
  readonly diverged: number
  /** How many could not be opened or simulated. */
  readonly failed: number
  /** The runs that diverged, by where they did so first; the most frequent place first. */
  readonly divergences: readonly DivergenceGroup[]
  /** How many runs had which status, and would have had which; the most frequent first. */
  readonly statuses: readonly StatusChange[]
  /** In how many simulations which nodes ran or waited without anything recorded of them; the most frequent first. */
  readonly missing: readonly MissingNode[]
  /** Why recordings could not be simulated: the first of them. */
  readonly failures: readonly SimulationFailure[]
}

/** Runs that diverged first at the same place. */
export interface DivergenceGroup extends Pick<SimulationDivergence, 'nodeId' | 'edge'> {
  /** What differs there. */
  readonly type: EventType
  readonly count: number
  /** Ids of the first of the executions. */
  readonly executionIds: readonly string[]
}

/** How often a status came of another one, or stayed. */
export interface StatusChange {
  readonly before: RunStatus
  readonly after: RunStatus
  readonly count: number
}

/** A node of whose runs nothing is recorded. */
export interface MissingNode {
  readonly nodeId: string
  readonly count: number
  /** Ids of the first of the executions. */
  readonly executionIds: readonly string[]
}

/** A recording that could not be simulated. */
export interface SimulationFailure {
  /** Its number in the stream, from 0. */
  readonly nth: number
  /** Absent for a recording that could not be opened. */
  readonly executionId?: string
  readonly error: unknown
}

/** Counts simulations. What it gives does not depend on the order in which they come. */
export class Tally {
  readonly #maxExamples: number
  #same = 0
  #diverged = 0
  #failed = 0
  readonly #divergences = new Map<string, Group<Pick<DivergenceGroup, 'type' | 'nodeId' | 'edge'>>>()
  readonly #missing = new Map<string, Group<Pick<MissingNode, 'nodeId'>>>()
  readonly #statuses = new Map<string, Group<Pick<StatusChange, 'before' | 'after'>>>()
  #failures: SimulationFailure[] = []

  constructor(maxExamples: number) {
    this.#maxExamples = maxExamples
  }

  count(nth: number, recording: Recording, { divergence, missing, result }: Simulation): void {
    const example = { nth, executionId: recording.executionId }
    const statuses = { before: recording.status, after: result.status }
    this.#add(this.#statuses, `${statuses.before} ${statuses.after}`, statuses, example)
    for (const nodeId of missing) this.#add(this.#missing, nodeId, { nodeId }, example)
    if (divergence === undefined) {
      this.#same += 1
      return
    }
    this.#diverged += 1
    const { type, nodeId, edge } = divergence
    const place = { type, ...(nodeId !== undefined && { nodeId }), ...(edge && { edge }) }
    this.#add(
      this.#divergences,
      JSON.stringify([type, nodeId, edge?.source, edge?.target, edge?.action]),
      place,
      example,
    )
  }

  countFailure(nth: number, recording: Recording | undefined, error: unknown): void {
    this.#failed += 1
    const executionId: unknown = recording?.executionId
    const failure = { nth, ...(typeof executionId === 'string' && { executionId }), error }
    this.#failures = [...this.#failures, failure].sort((a, b) => a.nth - b.nth).slice(0, this.#maxExamples)
  }

  summary(): SimulationSummary {
    const withExamples = <T>({
      place,
      count,
      examples,
    }: Group<T>): T & Pick<MissingNode, 'count' | 'executionIds'> => ({
      ...place,
      count,
      executionIds: examples.map(({ executionId }) => executionId),
    })
    return {
      total: this.#same + this.#diverged + this.#failed,
      same: this.#same,
      diverged: this.#diverged,
      failed: this.#failed,
      divergences: byCount(this.#divergences).map(withExamples),
      statuses: byCount(this.#statuses).map(({ place, count }) => ({ ...place, count })),
      missing: byCount(this.#missing).map(withExamples),
      failures: this.#failures,
    }
  }

  #add<T>(groups: Map<string, Group<T>>, key: string, place: T, example: Example): void {
    const group = groups.get(key) ?? { place, count: 0, examples: [] }
    const examples = [...group.examples, example].sort((a, b) => a.nth - b.nth).slice(0, this.#maxExamples)
    groups.set(key, { place, count: group.count + 1, examples })
  }
}

interface Example {
  readonly nth: number
  readonly executionId: string
}

interface Group<T> {
  readonly place: T
  readonly count: number
  /** The first in the stream. */
  readonly examples: readonly Example[]
}

/** The most frequent first; of those that are as frequent, the one that came first. */
function byCount<T>(groups: ReadonlyMap<string, Group<T>>): Group<T>[] {
  const firstOf = ({ examples }: Group<T>): number => examples[0]?.nth ?? 0
  return [...groups.values()].sort((a, b) => b.count - a.count || firstOf(a) - firstOf(b))
}
