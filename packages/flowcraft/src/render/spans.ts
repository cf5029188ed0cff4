import { nodeIn, type Family, type Happening, type Lifeline } from './family.ts'
import { reasonOf } from './node-look.ts'
import type { EventPayloads } from '../events/event.ts'
import type { Weight } from './importance.ts'

/** How a stretch of time ended. `'over'` is said of what only had to pass, `'cut-off'` of what a crash ended. */
export type SpanStatus = 'running' | 'waiting' | 'over' | 'completed' | 'failed' | 'cut-off' | 'cancelled' | 'skipped'

/** A stretch of the time of a node. Times are epoch milliseconds. */
export interface Span {
  readonly node: Lifeline
  readonly kind: 'attempt' | 'wait' | 'back-off' | 'skip'
  /** Where it begins in the story. */
  readonly position: number
  readonly iteration: number
  readonly attempt: number
  readonly from: number
  /** Where the story ends, for what has not ended. */
  readonly to: number
  readonly status: SpanStatus
  /** What it waits for, or why it failed or was skipped; as it was recorded. */
  readonly note: string | undefined
  /** The batch of which the node is a worker. */
  readonly batchId: string | undefined
}

type Draft = { -readonly [K in keyof Span]: Span[K] }

/** The spans of all nodes in the order in which they begin. Linear. */
export function spansOf({ happenings }: Family): readonly Span[] {
  const spans: Draft[] = []
  const open = new Map<Lifeline, Map<Lifeline, Draft>>()
  const cuts = new Map<Lifeline, number>()
  const batches = new Map<Lifeline, string>()
  const subflows = new Set<Lifeline>()
  let lastTime = 0
  for (const [position, { event, time, run }] of happenings.entries()) {
    const openHere = open.get(run) ?? new Map<Lifeline, Draft>()
    open.set(run, openHere)
    const begin = (given: Pick<Span, 'kind' | 'iteration'> & Partial<Span> & { nodeId: string }): void => {
      const { nodeId, ...rest } = given
      const node = nodeIn(run, nodeId)
      const times = { position, from: time, to: time, attempt: 1, note: undefined }
      const span: Draft = { node, status: 'running', ...times, ...rest, batchId: batches.get(node) }
      spans.push(span)
      if (span.status === 'running' || span.status === 'waiting') openHere.set(node, span)
    }
    const end = (nodeId: string, status: SpanStatus, note?: string, to = time): Span | undefined => {
      const node = nodeIn(run, nodeId)
      const span = openHere.get(node)
      if (span === undefined) return undefined
      close(span, status, to, note)
      openHere.delete(node)
      return span
    }
    switch (event.type) {
      case 'node:start': {
        const { nodeId, iteration, attempt, childExecutionId } = event.payload
        const before = openHere.get(nodeIn(run, nodeId))
        if (childExecutionId !== undefined) subflows.add(nodeIn(run, nodeId))
        if (before?.kind === 'back-off') end(nodeId, 'over')
        else end(nodeId, 'cut-off', undefined, Math.min(time, cuts.get(run) ?? time))
        begin({ nodeId, kind: 'attempt', iteration, attempt })
        break
      }
      case 'node:wait': {
        const { nodeId, iteration } = event.payload
        const attempt = end(nodeId, 'over')
        // A node that does nothing but wait has no attempt to speak of.
        if (attempt?.kind === 'attempt' && attempt.from === attempt.to && spans.at(-1) === attempt) spans.pop()
        begin({ nodeId, kind: 'wait', iteration, status: 'waiting', note: event.payload.event })
        break
      }
      case 'node:finish':
        end(event.payload.nodeId, 'completed')
        break
      case 'node:retry': {
        const { nodeId, iteration, attempt, error, delayMs } = event.payload
        end(nodeId, 'failed', reasonOf(error))
        if (delayMs > 0) begin({ nodeId, kind: 'back-off', iteration, attempt, status: 'waiting' })
        break
      }
      case 'node:error': {
        const { nodeId, iteration, attempt, error } = event.payload
        const note = reasonOf(error) ?? 'failed'
        if (end(nodeId, 'failed', note) === undefined)
          begin({ nodeId, kind: 'attempt', iteration, attempt, status: 'failed', note })
        break
      }
      case 'node:skipped': {
        const { nodeId, iteration, reason } = event.payload
        begin({ nodeId, kind: 'skip', iteration, status: 'skipped', note: reason.replaceAll('-', ' ') })
        break
      }
      case 'batch:start':
        noteWorkers(batches, run, event.payload)
        break
      case 'workflow:resume':
        if (event.payload.reason === 'recovery' && event.payload.nodeId === undefined) cuts.set(run, lastTime)
        break
      case 'workflow:finish':
        for (const span of openHere.values()) close(span, 'cancelled', time)
        openHere.clear()
        break
      case 'workflow:fork': {
        const again = new Set(event.payload.rerun)
        for (const [node, span] of openHere) {
          const isCut = span.kind === 'attempt' || subflows.has(node) || again.has(node.name)
          if (isCut) end(node.name, 'cut-off', undefined, lastTime)
        }
        break
      }
      case 'workflow:start':
      case 'workflow:stall':
      case 'workflow:pause':
      case 'workflow:cancel':
      case 'node:fallback':
      case 'edge:evaluate':
      case 'context:change':
      case 'batch:finish':
        break
      default:
        event satisfies never
    }
    lastTime = time
  }
  for (const openHere of open.values()) for (const span of openHere.values()) span.to = Math.max(span.from, lastTime)
  return spans
}

/** The first and the last moment of the story. */
export function boundsOf(happenings: readonly Happening[]): { readonly from: number; readonly to: number } {
  return { from: happenings[0]?.time ?? 0, to: happenings.at(-1)?.time ?? 0 }
}

/** How much a drawing needs `span`. */
export function weightOfSpan({ kind, status, attempt }: Span): Weight {
  if (status === 'failed' || status === 'cut-off') return 2
  return status === 'completed' && attempt === 1 && kind === 'attempt' ? 0 : status === 'skipped' ? 0 : 1
}

function close(span: Draft, status: SpanStatus, time: number, note = span.note): void {
  span.status = span.kind === 'attempt' || status !== 'completed' ? status : 'over'
  span.to = Math.max(span.from, time)
  span.note = note
}

function noteWorkers(
  batches: Map<Lifeline, string>,
  run: Lifeline,
  { batchId, workerNodeIds }: EventPayloads['batch:start'],
): void {
  for (const nodeId of workerNodeIds) batches.set(nodeIn(run, nodeId), batchId)
}
