import type { EventOf, EventPayloads, TerminalStatus } from '../events/event.ts'
import type { Crew } from './crews.ts'
import { durationText } from './duration-text.ts'
import { labelText } from './mermaid-text.ts'
import { marks, timeText } from './node-look.ts'

// Everything here is safe for Mermaid.

/** What is said of the start of a run. */
export function runStartText({ executionId, payload }: EventOf<'workflow:start'>): string {
  return `▶ ${labelText(String(payload.blueprintId))} starts<br/>run ${labelText(executionId, maxIdText)}`
}

/** What is said of the end of a run. */
export function runEndText({ status, durationMs }: EventPayloads['workflow:finish']): string {
  return `${endMark(status)}${labelText(status)}, ${durationText(durationMs)}`
}

/** What is said of where a forked run goes on apart from the other one. */
export function forkText({ from, seq }: EventPayloads['workflow:fork']): string {
  return `↱ forked from ${labelText(from, maxIdText)}<br/>at event ${labelText(String(seq))}`
}

/** The mark of a run that has ended. */
function endMark(status: TerminalStatus): string {
  return status in marks ? marks[status] : ''
}

/** What is said of a run that goes to rest. */
export function parkedText(payload: EventPayloads['workflow:pause'] | EventPayloads['workflow:stall']): string {
  const { waiting } = payload
  const stuck = 'stuck' in payload ? (payload.stuck ?? []) : []
  const lines = [stuck.length > 0 ? '‖ parked, stalled' : '‖ parked, awaiting']
  if (waiting.some(({ reason }) => reason === 'user_pause')) lines.push('paused on request')
  if (stuck.length > 0) lines.push(`${stuck.length} held back`)
  const wakeUps = waiting.flatMap(({ wakeUpAt }) => (wakeUpAt === undefined ? [] : [wakeUpAt]))
  if (wakeUps.length > 0) lines.push(`wakes up at ${timeText(wakeUps.reduce((a, b) => Math.min(a, b)))}`)
  return lines.join('<br/>')
}

/** What is said of a run that goes on. */
export function resumeText({ reason, nodeId }: EventPayloads['workflow:resume']): string {
  const to = nodeId === undefined ? '' : ` to ${labelText(nodeId)}`
  switch (reason) {
    case 'external':
      return `answer${to}`
    case 'timer':
      return nodeId === undefined ? '◷ time has come' : `◷ time has come for ${labelText(nodeId)}`
    case 'recovery':
      return '✂ cut off, recovered'
    default:
      return `resume${to}`
  }
}

/** What a node is told that waited. */
export function answerText({ reason, action }: EventPayloads['workflow:resume']): string {
  return `${reason === 'timer' ? 'time' : 'answer'}${actionText(action)}`
}

/** What is said to outsiders' wish to end the run. */
export function cancelText(reason: unknown): string {
  const said = thrownText(reason)
  return said === undefined ? '⊘ cancel' : `⊘ cancel, ${labelText(said)}`
}

/** What is said of the start of an attempt. */
export function startText({ nodeId, iteration, attempt, fallbackFor }: EventPayloads['node:start']): string {
  const parts = ['start']
  if (iteration > 0) parts.push(`run ${iteration + 1}`)
  if (attempt > 1) parts.push(`attempt ${attempt}`)
  if (fallbackFor === nodeId) parts.push('fallback')
  else if (fallbackFor !== undefined) parts.push(`in place of ${labelText(fallbackFor)}`)
  return parts.join(', ')
}

/** What is said of a result. */
export function finishText({ result, durationMs }: EventPayloads['node:finish']): string {
  const added = result.dynamicNodes?.length ?? 0
  const growth = added === 0 ? '' : `, adds ${added} ${added === 1 ? 'node' : 'nodes'}`
  return `✓ ${durationText(durationMs)}${actionText(result.action)}${growth}`
}

/** What is said of an attempt that failed. */
export function failureText(reason: string | undefined): string {
  return `✗ ${labelText(reason || 'failed')}`
}

/** What is said of a node that begins to wait. */
export function waitText({ event, wakeUpAt }: EventPayloads['node:wait']): string {
  const forWhat = event === undefined ? '◷ waits' : `◷ waits for ${labelText(event)}`
  return wakeUpAt === undefined ? forWhat : `${forWhat}<br/>until ${timeText(wakeUpAt)}`
}

/** What is said of all workers of a batch. */
export function crewText({ total, completed, failed, retries }: Crew): string {
  const parts = [`${completed} of ${total} done`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (retries > 0) parts.push(`↻ ${retries} ${retries === 1 ? 'retry' : 'retries'}`)
  return `${failed > 0 ? '✗' : completed < total ? '▶' : '✓'} ${parts.join(', ')}`
}

/** Long enough for a run inside a run inside a run. */
const maxIdText = 160

function actionText(action: string | undefined): string {
  return action === undefined ? '' : `, action ${labelText(action)}`
}

/** What a recorded reason says, if it says anything. */
function thrownText(reason: unknown): string | undefined {
  if (typeof reason === 'string') return reason
  if (typeof reason !== 'object' || reason === null || !('message' in reason)) return undefined
  return typeof reason.message === 'string' ? reason.message : undefined
}
