import type { NodeDefinition } from '../blueprint/blueprint.ts'
import type { ErrorCause, ErrorCode, WorkflowError } from '../errors.ts'
import type { NodeState, NodeStatus } from '../state/run-state.ts'
import type { ChartNode } from './chart.ts'
import { kindOf } from './kinds.ts'
import { labelText } from './mermaid-text.ts'

/** What is to be said about a node, apart from its name. */
export interface NodeFacts {
  /** Absent for a node that is only named by others. */
  readonly definition: NodeDefinition | undefined
  /** Whether there is a run. */
  readonly isInRun: boolean
  /** Absent for a node that has not come up. */
  readonly state: NodeState | undefined
  /** The node that added this one to the run. */
  readonly creator: string | undefined
  /** Of a loop-controller: how many turns have begun. */
  readonly turns: number | undefined
  /** Why it cannot run, though it should. */
  readonly stuck: string | undefined
  readonly showsParams: boolean
}

/** The node called `name` as it is drawn under the Mermaid id `id`. */
export function nodeLook(id: string, name: string, facts: NodeFacts): ChartNode {
  const { definition, isInRun, state, creator, turns, stuck, showsParams } = facts
  const status = isInRun ? (state?.status ?? 'pending') : undefined
  const kind = definition && kindOf(definition)
  const isStuck = stuck !== undefined
  const lines = [`${isStuck ? '‖ ' : status === undefined ? '' : marks[status]}${labelText(name)}`]
  if (definition === undefined) lines.push('not in the blueprint')
  // What a wait is told to do is what it waits for.
  if (kind !== undefined && !(kind.shape === 'stadium' && status === 'waiting')) lines.push(...kind.lines)
  if (showsParams) lines.push(...paramLines(definition?.params))
  if (creator !== undefined) lines.push(`added by ${labelText(creator)}`)
  if (state !== undefined) lines.push(...historyLines(state, turns))
  if (isStuck) lines.push(`held back, ${labelText(stuck)}`)
  return {
    id,
    label: lines.join('<br/>'),
    shape: kind?.shape,
    status,
    isNotable: isStuck || (state !== undefined && isNotable(state)),
    style: isStuck ? stuckStyle : status && styles[status],
  }
}

/** What stands before the name of a node of each status. */
export const marks: Readonly<Record<NodeStatus, string>> = {
  pending: '',
  running: '▶ ',
  waiting: '◷ ',
  completed: '✓ ',
  failed: '✗ ',
  skipped: '↷ ',
  cancelled: '⊘ ',
}

/** The style of a node of each status. */
export const styles: Readonly<Record<NodeStatus, string | undefined>> = {
  pending: undefined,
  running: 'fill:#fff3cd,stroke:#b8860b,stroke-width:3px',
  waiting: 'fill:#cff4fc,stroke:#087990,stroke-width:3px,stroke-dasharray:10 4',
  completed: 'fill:#d4edda,stroke:#c3e6cb',
  failed: 'fill:#f8d7da,stroke:#f5c6cb',
  skipped: 'fill:#e9ecef,stroke:#868e96,stroke-width:2px,stroke-dasharray:6 4',
  cancelled: 'fill:#e2d9f3,stroke:#6f42c1,stroke-width:2px,stroke-dasharray:2 3',
}

/** The style of a node that is held back. */
export const stuckStyle = 'fill:#ffe5d0,stroke:#ca6510,stroke-width:3px,stroke-dasharray:2 3'

/** A moment in ISO 8601, safe for Mermaid; `time` is in epoch milliseconds. */
export function timeText(time: number): string {
  const date = new Date(time)
  return labelText(Number.isNaN(date.getTime()) ? String(time) : date.toISOString())
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
function historyLines(node: NodeState, turns: number | undefined): readonly string[] {
  const lines: string[] = []
  if (node.status === 'running' || node.status === 'cancelled') lines.push(node.status)
  if (node.status === 'waiting') lines.push(...waitLines(node))
  if (node.status === 'skipped') lines.push(`skipped, ${(node.skipReason ?? 'not-chosen').replaceAll('-', ' ')}`)
  if (node.status === 'failed') lines.push(labelText(reasonOf(node.error) || 'failed'))
  if (node.status !== 'skipped' && node.attempts > 1) lines.push(`↻ ${node.attempts} attempts`)
  if (node.status === 'running' && node.error !== undefined) lines.push('✗ an attempt failed')
  if (turns !== undefined && turns > 0) lines.push(`↺ ${turns} ${turns === 1 ? 'turn' : 'turns'}`)
  else if (node.starts > 1) lines.push(`× ${node.starts} runs`)
  if (node.childExecutionId !== undefined) lines.push(`run ${labelText(node.childExecutionId, maxIdText)}`)
  if (node.fallback !== undefined) lines.push(`fallback ${labelText(node.fallback)}`)
  if (node.fallbackFor !== undefined) lines.push(`in place of ${labelText(node.fallbackFor)}`)
  return lines
}

/** Codes of errors that say no more than what failed; why is in their cause. */
const wrappers: ReadonlySet<unknown> = new Set<ErrorCode>(['NODE_FAILED', 'BATCH_FAILED', 'SUBFLOW_FAILED'])

/** What `error` says of why: the message of what was thrown, where the error itself says no more than what failed. */
export function reasonOf(error: WorkflowError | undefined): string | undefined {
  let reason: WorkflowError | ErrorCause | undefined = error
  while (reason !== undefined && wrappers.has(reason.code) && reason.cause?.message) reason = reason.cause
  return reason?.message
}

/** Long enough for a run inside a run inside a run, so that the id can be copied from the drawing. */
const maxIdText = 160

function waitLines({ wait }: NodeState): readonly string[] {
  const forWhat = wait?.event === undefined ? 'waiting' : `waiting for ${labelText(wait.event)}`
  // On a line of its own, a time is not broken in the middle.
  return wait?.wakeUpAt === undefined ? [forWhat] : [`${forWhat} until`, timeText(wait.wakeUpAt)]
}

function isNotable(node: NodeState): boolean {
  if (node.status === 'running' || node.status === 'waiting' || node.status === 'cancelled') return true
  return node.attempts > 1 || node.fallback !== undefined || node.fallbackFor !== undefined
}
