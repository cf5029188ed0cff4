import type { FlowcraftEvent } from 'flowcraft'

/** Prints events with `console.log`, below a title. */
export function printTrace(events: readonly FlowcraftEvent[], title: string): void {
  console.log([`--- ${title} ---`, ...traceLines(events)].join('\n'))
}

/** A line for each event: place in its log, time since the first event, type, node, and what it says. */
function traceLines(events: readonly FlowcraftEvent[]): readonly string[] {
  const [first] = events
  if (first === undefined) return ['(no events)']
  const hasSeveralRuns = events.some(({ executionId }) => executionId !== first.executionId)
  return events.map((event) => {
    const { seq, timestamp, type, executionId, payload } = event
    const place = `${hasSeveralRuns ? `${executionId} ` : ''}#${seq}`
    const parts = Object.entries(payload).flatMap(([key, value]) => partOf(key, value))
    const node = 'nodeId' in payload ? [String(payload.nodeId)] : []
    return [place.padStart(4), `+${timestamp - first.timestamp} ms`, type, ...node, ...parts].join('  ')
  })
}

/** In every event of a run, or too long for a line. */
const leftOut: readonly string[] = ['executionId', 'blueprintId', 'nodeId', 'blueprint', 'blueprintHash', 'options']

function partOf(key: string, value: unknown): readonly string[] {
  const isFirstRound = key === 'iteration' && value === 0
  if (value === undefined || isFirstRound || leftOut.includes(key)) return []
  if (key === 'error') return [`${key}=${messagesOf(value)}`]
  if (key === 'errors' && Array.isArray(value)) return [`${key}=${value.map(messagesOf).join(' | ')}`]
  return [`${key}=${shorten(textOf(value))}`]
}

/** The message of an error, and those of its causes. */
function messagesOf(error: unknown): string {
  const messages: string[] = []
  let part = error
  while (typeof part === 'object' && part !== null && 'message' in part) {
    messages.push(String(part.message).replaceAll('\n', ' '))
    part = 'cause' in part ? part.cause : undefined
  }
  return messages.join(' <- ')
}

function textOf(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
    return text ?? String(value)
  } catch {
    return '(cyclic)'
  }
}

const longestText = 100

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text
}
