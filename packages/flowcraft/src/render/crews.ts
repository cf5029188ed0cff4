import type { EventPayloads } from '../events/event.ts'
import { nodeIn, type Lifeline } from './family.ts'

/** What the workers of one run of a batch have come to. */
export interface Crew {
  /** Stands for all of them. */
  readonly line: Lifeline
  readonly run: Lifeline
  readonly batchId: string
  iteration: number
  total: number
  completed: number
  failed: number
  retries: number
  /** Whether it has been told what they came to. */
  isTold: boolean
}

/** The crews of the batches of a story. */
export class Crews {
  readonly #byRun = new Map<Lifeline, Map<string, Crew>>()
  readonly #byWorker = new Map<Lifeline, Crew>()
  readonly #shown = new Map<Lifeline, Lifeline>()

  /** The crew of `batchId`, if any of its workers have come into being. */
  of(run: Lifeline, batchId: string): Crew | undefined {
    return this.#byRun.get(run)?.get(batchId)
  }

  /** The crew that `node` works in. */
  workedBy(node: Lifeline): Crew | undefined {
    return this.#byWorker.get(node)
  }

  /** More workers come into being; a crew of an earlier iteration starts anew. */
  deal(run: Lifeline, { batchId, iteration, workerNodeIds }: EventPayloads['batch:start']): Crew {
    const crews = this.#byRun.get(run) ?? new Map<string, Crew>()
    this.#byRun.set(run, crews)
    const known = crews.get(batchId)
    const none = { iteration, total: 0, completed: 0, failed: 0, retries: 0, isTold: false }
    const line = { name: batchId, above: run, nodes: new Map() }
    const crew = known ?? { line, run, batchId, ...none }
    if (crew.iteration !== iteration) Object.assign(crew, none)
    crews.set(batchId, crew)
    crew.total += workerNodeIds.length
    crew.isTold = false
    for (const nodeId of workerNodeIds) this.#byWorker.set(nodeIn(run, nodeId), crew)
    return crew
  }

  /** Whoever comes into being from here on is of a new crew. */
  dismiss(crew: Crew): void {
    crew.iteration = NaN
  }

  /** What stands for `line`: the crew of a worker, and what one of a crew runs, once for all of them. */
  shown(line: Lifeline): Lifeline {
    const known = this.#byWorker.get(line)?.line ?? this.#shown.get(line)
    if (known !== undefined) return known
    const above = line.above && this.shown(line.above)
    const shown = above === undefined || above === line.above ? line : nodeIn(above, line.name)
    this.#shown.set(line, shown)
    return shown
  }

  /** Those of which it has not been told what they came to. */
  *untold(): Generator<Crew> {
    for (const crews of this.#byRun.values()) for (const crew of crews.values()) if (!crew.isTold) yield crew
  }
}
