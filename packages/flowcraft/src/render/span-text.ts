import { durationText } from './duration-text.ts'
import type { Lifeline } from './family.ts'
import type { Span, SpanStatus } from './spans.ts'

/** What stands before the text of a span. */
export function markOfSpan({ kind, status }: Span): string {
  if (status === 'over' || status === 'waiting') return kind === 'back-off' ? '↻' : '◷'
  return spanMarks[status]
}

const spanMarks: Readonly<Record<Exclude<SpanStatus, 'over' | 'waiting'>, string>> = {
  running: '▶',
  completed: '✓',
  failed: '✗',
  'cut-off': '✂',
  cancelled: '⊘',
  skipped: '↷',
}

/** Which of the runs and attempts of its node a span is, as words; none where there is only one. */
export type NumberText = (span: Span) => readonly string[]

/** The numbers of `spans`, as far as they tell spans of one node apart. */
export function numbersOf(spans: readonly Span[]): NumberText {
  const runs = new Map<Lifeline, number>()
  const attempts = new Map<Lifeline, number>()
  for (const { node, iteration, attempt } of spans) {
    runs.set(node, Math.max(runs.get(node) ?? 0, iteration))
    attempts.set(node, Math.max(attempts.get(node) ?? 0, attempt))
  }
  return ({ node, kind, iteration, attempt }) => [
    ...((runs.get(node) ?? 0) > 0 ? [`run ${iteration + 1}`] : []),
    ...((attempts.get(node) ?? 0) > 1 && kind === 'attempt' ? [`attempt ${attempt}`] : []),
  ]
}

/** What became of a span, in a few parts; `escape` makes what users wrote safe. */
export function storyOfSpan(
  { kind, status, from, to, note }: Span,
  escape: (text: string) => string,
): readonly string[] {
  const duration = durationText(to - from)
  const said = note === undefined ? [] : [escape(note)]
  const ended = status === 'cut-off' ? ['cut off'] : status === 'cancelled' || status === 'running' ? [status] : []
  switch (kind) {
    case 'skip':
      return ['skipped', ...said]
    case 'back-off':
      return ['back-off', duration, ...ended]
    case 'wait': {
      if (status === 'failed') return ['waited', duration, ...said]
      return [status === 'waiting' ? waitText('waiting', said) : waitText('waited', said), duration, ...ended]
    }
    case 'attempt':
      return [duration, ...ended, ...said]
  }
}

function waitText(verb: string, [event]: readonly string[]): string {
  return event === undefined ? verb : `${verb} for ${event}`
}
