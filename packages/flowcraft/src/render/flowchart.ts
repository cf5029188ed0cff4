import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import { fold } from '../state/fold.ts'
import { chartOf } from './assemble.ts'
import { printWithin } from './collapse.ts'
import { growthOf } from './growth.ts'
import { withLegend } from './legend.ts'
import type { MermaidLimits } from './mermaid-text.ts'

/** What a drawing shows, and the limits of the Mermaid that will read it. Past them a drawing is collapsed. */
export interface MermaidOptions extends MermaidLimits {
  /** Whether the `params` of nodes are shown in their labels. Default `false`. */
  readonly params?: boolean | undefined
  /**
   * Whether a frame below the drawing tells what the marks, outlines and edges in it mean. Default `false`. It is left
   * out where the limits leave no room for it.
   */
  readonly legend?: boolean | undefined
}

/** What a drawing of a run shows. */
export interface MermaidRunOptions extends MermaidOptions {
  /** The `seq` of the last event that counts. Default: all events count. */
  readonly at?: number | undefined
}

/** A blueprint as the text of a Mermaid flowchart. */
export function generateMermaid(blueprint: WorkflowBlueprint, options: MermaidOptions = {}): string {
  return draw(blueprint, undefined, [], options)
}

/**
 * A run as the text of a Mermaid flowchart: what became of each node, and the edges that were taken.
 * @throws FlowcraftError `POSITION_NOT_FOUND` if no event has the `seq` in `options.at`.
 */
export function generateMermaidForRun(
  blueprint: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
  options: MermaidRunOptions = {},
): string {
  const past = eventsUntil(events, options.at)
  return draw(blueprint, fold(past), past, options)
}

/** A state of a run, live or replayed, as the text of a Mermaid flowchart; without the nodes that the run added. */
export function drawRun(blueprint: WorkflowBlueprint, state: RunState, options: MermaidOptions = {}): string {
  return draw(blueprint, state, [], options)
}

function eventsUntil(events: readonly FlowcraftEvent[], at: number | undefined): readonly FlowcraftEvent[] {
  if (at === undefined) return events
  const index = events.findIndex((event) => event.seq === at)
  if (index >= 0) return events.slice(0, index + 1)
  const known = events.length === 0 ? 'none' : `${events[0]!.seq} to ${events.at(-1)!.seq}`
  throw new FlowcraftError(`No event has the seq ${at} given as 'at': the seqs of these events are ${known}`, {
    code: 'POSITION_NOT_FOUND',
    executionId: events[0]?.executionId,
  })
}

function draw(
  blueprint: WorkflowBlueprint,
  state: RunState | undefined,
  events: readonly FlowcraftEvent[],
  options: MermaidOptions,
): string {
  const growth = growthOf(blueprint, events)
  if (growth.nodes.size === 0) return 'flowchart TD\n    empty[Empty Blueprint]'
  const chart = chartOf({ blueprint, growth, state, showsParams: options.params === true })
  return options.legend === true ? printWithin(chart, options, withLegend) : printWithin(chart, options)
}
