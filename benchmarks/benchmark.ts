/** What is run: nodes that each give `1`, and the edges between them. */
export interface Graph {
  readonly id: string
  readonly nodes: readonly string[]
  readonly edges: readonly (readonly [source: string, target: string])[]
  /** What is run instead of nodes and edges. */
  readonly pattern?: Pattern
}

/** One loop, one batch, or subflows in a row. */
export type Pattern =
  /** A counter, and a controller that asks whether to go on. */
  | { readonly kind: 'loop'; readonly turns: number }
  | { readonly kind: 'batch'; readonly items: number; readonly chunkSize: number }
  /** Each of them a chain of five nodes. */
  | { readonly kind: 'subflows'; readonly count: number }

/** Where an engine records its runs: nowhere, in the memory of the process, or in a new SQLite file. */
export type Storage = 'none' | 'memory' | 'sqlite NORMAL' | 'sqlite FULL'

/** An engine that can be measured, by the name of its file in `engines/`. */
export type EngineName = 'ours' | 'flowcraft-peer' | 'raw'

/** How many runs of a graph to make. */
export interface Load {
  readonly runs: number
  /** How many of them are open at a time. */
  readonly concurrency: number
}

/** An engine on one storage. */
export interface Session {
  /**
   * Makes the workflow; what it gives runs it. That resolves when every run has completed and is durable, and rejects when
   * one did not complete.
   */
  prepare(graph: Graph): (load: Load) => Promise<void>
  /**
   * Records one run of the graph. What it gives replays that run from its events, as stored, up to the final context, and
   * gives the number of events. Absent where nothing of the kind exists.
   */
  recording?(graph: Graph): Promise<() => Promise<number>>
  close(): Promise<void>
}

/** The one export of a file in `engines/`. `folder` is empty, and removed after the measurement. */
export type OpenSession = (storage: Storage, folder: string) => Promise<Session>

/** One row for each engine: the same work on the same storage. */
export interface Case {
  readonly title: string
  readonly storage: Storage
  readonly engines: readonly EngineName[]
  /** Whether the graph is run, or one recording of it is replayed `load.runs` times. */
  readonly kind: 'run' | 'replay'
  readonly graph: Graph
  readonly load: Load
  /** Cases with the same name differ in size only: their cost for each unit is compared. */
  readonly series?: string
}

/** A group of cases, by the name of its file in `scenarios/`. */
export interface Scenario {
  readonly name: string
  /** What is counted: the costs in the table are for one of these. */
  readonly unit: 'node' | 'event' | 'run'
  readonly cases: readonly Case[]
}

/** One measurement in a process of its own. */
export interface Sample {
  readonly wallMs: number
  readonly cpuMs: number
  readonly units: number
  /** Peak memory of the process, warm-up and recording included. */
  readonly peakMb: number
}
