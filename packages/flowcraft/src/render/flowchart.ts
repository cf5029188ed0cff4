import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { EdgeState, NodeState, NodeStatus, RunState } from '../state/run-state.ts'
import { fold } from '../state/fold.ts'
import type { Chart, ChartEdge, ChartNode } from './chart.ts'
import { printWithin } from './collapse.ts'
import { labelText, mermaidIds } from './mermaid-text.ts'
import type { MermaidLimits } from './mermaid-text.ts'

/** What a drawing shows, and the limits of the Mermaid that will read it. Past them a drawing is collapsed. */
export interface MermaidOptions extends MermaidLimits {
  /** Whether the `params` of nodes are shown in their labels. Default `false`. */
  readonly params?: boolean | undefined
}

/** What a drawing of a run shows. */
export interface MermaidRunOptions extends MermaidOptions {
  /** The `seq` of the last event that counts. Default: all events count. */
  readonly at?: number | undefined
}

/** A blueprint as the text of a Mermaid flowchart. */
export function generateMermaid(blueprint: WorkflowBlueprint, options: MermaidOptions = {}): string {
  return draw(blueprint, undefined, options)
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
  return drawRun(blueprint, fold(eventsUntil(events, options.at)), options)
}

/** A state of a run, live or replayed, as the text of a Mermaid flowchart. */
export function drawRun(blueprint: WorkflowBlueprint, state: RunState, options: MermaidOptions = {}): string {
  return draw(blueprint, state, options)
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

function draw(blueprint: WorkflowBlueprint, state: RunState | undefined, options: MermaidOptions): string {
  if (blueprint.nodes.length === 0) return 'flowchart TD\n    empty[Empty Blueprint]'
  return printWithin(chartOf(blueprint, state, options), options)
}

function chartOf(blueprint: WorkflowBlueprint, state: RunState | undefined, options: MermaidOptions): Chart {
  const definitions = definitionsOf(blueprint)
  const nodes = new Map<string, ChartNode>()
  for (const [name, id] of mermaidIds(definitions.keys())) {
    nodes.set(name, chartNode(id, name, definitions.get(name), state, options))
  }
  const between = (
    source: string,
    target: string,
    rest: Omit<ChartEdge, 'source' | 'target'>,
  ): readonly ChartEdge[] => {
    const ends = [nodes.get(source), nodes.get(target)] as const
    return ends[0] === undefined || ends[1] === undefined ? [] : [{ source: ends[0], target: ends[1], ...rest }]
  }
  // Fallbacks come after the edges of the blueprint, so that these keep their index.
  const edges = blueprint.edges.flatMap((edge, index) =>
    between(edge.source, edge.target, edgeLook(edge, state?.edges.get(index))),
  )
  const fallbacks = [...definitions].flatMap(([name, definition]) => {
    const fallback = definition?.config?.fallback
    if (fallback === undefined || definitions.get(fallback) === undefined) return []
    const isTaken = state?.nodes.get(name)?.fallback === fallback
    return between(name, fallback, { label: 'fallback', isDotted: true, isTaken })
  })
  return {
    nodes: [...nodes.values()],
    edges: [...edges, ...fallbacks],
    // The fills of a run are light in every theme, so its text has to be dark in every theme.
    definitions: state === undefined ? [] : ['classDef default fill:#ffffff,stroke:#6c757d,color:#212529'],
  }
}

/** The nodes to draw by name, in blueprint order; those that only edges name come last, without a definition. */
function definitionsOf(blueprint: WorkflowBlueprint): ReadonlyMap<string, NodeDefinition | undefined> {
  const definitions = new Map<string, NodeDefinition | undefined>()
  for (const node of blueprint.nodes) if (!definitions.has(node.id)) definitions.set(node.id, node)
  for (const { source, target } of blueprint.edges) {
    for (const name of [source, target]) if (!definitions.has(name)) definitions.set(name, undefined)
  }
  return definitions
}

const marks: Readonly<Record<NodeStatus, string>> = {
  pending: '',
  running: '▶ ',
  completed: '✓ ',
  failed: '✗ ',
  skipped: '↷ ',
  cancelled: '⊘ ',
}

const styles: Readonly<Record<NodeStatus, string | undefined>> = {
  pending: undefined,
  running: 'fill:#fff3cd,stroke:#b8860b,stroke-width:3px',
  completed: 'fill:#d4edda,stroke:#c3e6cb',
  failed: 'fill:#f8d7da,stroke:#f5c6cb',
  skipped: 'fill:#e9ecef,stroke:#868e96,stroke-width:2px,stroke-dasharray:6 4',
  cancelled: 'fill:#e2d9f3,stroke:#6f42c1,stroke-width:2px,stroke-dasharray:2 3',
}

function chartNode(
  id: string,
  name: string,
  definition: NodeDefinition | undefined,
  state: RunState | undefined,
  options: MermaidOptions,
): ChartNode {
  const node = state?.nodes.get(name)
  const status = state && (node?.status ?? 'pending')
  const lines = [`${status === undefined ? '' : marks[status]}${labelText(name)}`]
  if (definition === undefined) lines.push('not in the blueprint')
  if (options.params) lines.push(...paramLines(definition?.params))
  if (node !== undefined) lines.push(...historyLines(node))
  return {
    id,
    label: lines.join('<br/>'),
    status,
    isNotable: node !== undefined && isNotable(node),
    style: status && styles[status],
  }
}

const maxParamLines = 5

function paramLines(params: Readonly<Record<string, unknown>> = {}): readonly string[] {
  const entries = Object.entries(params)
  const lines = entries.slice(0, maxParamLines).map(([key, value]) => labelText(`${key}: ${jsonOf(value)}`, 40))
  return entries.length > maxParamLines ? [...lines, `… ${entries.length - maxParamLines} more params`] : lines
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    return typeof value
  }
}

/** What colour cannot say about a node that has a history. */
function historyLines(node: NodeState): readonly string[] {
  const lines: string[] = []
  if (node.status === 'running' || node.status === 'cancelled') lines.push(node.status)
  if (node.status === 'skipped') lines.push(`skipped, ${(node.skipReason ?? 'not-chosen').replaceAll('-', ' ')}`)
  if (node.status === 'failed') lines.push(labelText(node.error?.cause?.message || node.error?.message || 'failed'))
  if (node.status !== 'skipped' && node.attempts > 1) lines.push(`↻ ${node.attempts} attempts`)
  if (node.status === 'running' && node.error !== undefined) lines.push('✗ an attempt failed')
  if (node.starts > 1) lines.push(`× ${node.starts} runs`)
  if (node.fallback !== undefined) lines.push(`fallback ${labelText(node.fallback)}`)
  if (node.fallbackFor !== undefined) lines.push(`in place of ${labelText(node.fallbackFor)}`)
  return lines
}

function isNotable(node: NodeState): boolean {
  if (node.status === 'running' || node.status === 'cancelled') return true
  return node.attempts > 1 || node.fallback !== undefined || node.fallbackFor !== undefined
}

function edgeLook(
  { action, condition, transform }: EdgeDefinition,
  state: EdgeState | undefined,
): Omit<ChartEdge, 'source' | 'target'> {
  const parts = [action, condition, transform].flatMap((part) => (part === undefined ? [] : [labelText(part)]))
  if (state?.error !== undefined) parts.push('⚠ error')
  return { label: parts.length === 0 ? undefined : parts.join(' | '), isDotted: false, isTaken: state?.taken === true }
}
