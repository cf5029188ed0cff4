import type { WorkflowBlueprint } from 'flowcraft'
import type { MatcherResult, MatcherState } from 'vitest'
import type { GoldenFile } from './golden-files.ts'

/** The two nodes of an edge, and its action where there are several between them. */
export interface EdgeEnds {
  readonly source: string
  readonly target: string
  readonly action?: string | undefined
}

/**
 * What importing `flowcraft/testing/vitest` adds to `expect`. Each takes a recording, a list of events, or what keeps one,
 * such as an `InMemoryEventLogger` or a `Stepper`; the first two also the result of a run.
 */
export interface FlowcraftMatchers {
  /** The run has ended, and well. */
  toHaveCompleted(): void
  /** The run has failed, by this node among others. */
  toHaveFailedAt(nodeId: string): void
  /** These nodes have started, in this order; others may have come between them. */
  toHaveRun(...nodeIds: string[]): void
  /** The node was skipped, at least once. */
  toHaveSkipped(nodeId: string): void
  /** An edge between these nodes was taken, at least once. */
  toHaveTaken(edge: EdgeEnds): void
  /** Replay of the events gives this context, such as `result.context`. Takes asymmetric matchers. */
  toReplayTo(context: object): void
  /**
   * The events are those of a golden history, whatever the order of parallel ones, and the blueprint (default that of the
   * run) would take every decision of it. A path is taken from the folder of the test. With `vitest -u` or UPDATE_GOLDEN=1
   * the history is recorded anew, as it is where it is missing and `CI` is not set. To be awaited.
   */
  toMatchGolden(file: GoldenFile, blueprint?: WorkflowBlueprint): Promise<void>
}

/** What a matcher finds. */
export type Verdict = Extract<MatcherResult, { readonly pass: boolean }>

/** The matchers as `expect.extend` takes them. */
export type MatcherFunctions = {
  readonly [K in keyof FlowcraftMatchers]: (
    this: MatcherState,
    received: unknown,
    ...expected: Parameters<FlowcraftMatchers[K]>
  ) => ReturnType<FlowcraftMatchers[K]> extends Promise<void> ? Promise<Verdict> : Verdict
}
