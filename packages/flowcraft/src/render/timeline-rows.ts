import type { EventPayloads } from '../events/event.ts'
import { pathOf, type Family, type Happening, type Lifeline } from './family.ts'
import type { Weight } from './importance.ts'
import { markOfSpan, numbersOf, storyOfSpan } from './span-text.ts'
import { spansOf, weightOfSpan, type Span } from './spans.ts'
import { printable } from './terminal-text.ts'

/** A line before it is cut to its columns; all text is printable. */
export interface Row {
  readonly position: number
  readonly label: string
  readonly text: string
  readonly weight: Weight
  /** Absent for a line that is of a moment only. */
  readonly span?: Span
  readonly time: number
}

/** The rows of a story in its order: of each span, of each fork and, if asked, of each decision about an edge. */
export function rowsOf(family: Family, showEdges: boolean): readonly Row[] {
  const spans = spansOf(family)
  const numbers = numbersOf(spans)
  const hasRoots = family.roots.length > 1
  const rows = spans.map((span): Row => {
    const { node, position, from } = span
    const label = [markOfSpan(span), nameOf(node, hasRoots), ...numbers(span)].join(' ')
    const text = storyOfSpan(span, printable).join(', ')
    return { position, label, text, weight: weightOfSpan(span), span, time: from }
  })
  const moments = family.happenings.flatMap((happening, position) => [
    ...forkRow(happening, position, hasRoots),
    ...(showEdges ? edgeRow(happening, position, hasRoots) : []),
  ])
  if (moments.length === 0) return rows
  return [...rows, ...moments].sort((a, b) => a.position - b.position)
}

function forkRow({ event, run, time }: Happening, position: number, hasRoots: boolean): Row[] {
  if (event.type !== 'workflow:fork') return []
  const { from, seq } = event.payload
  const path = hasRoots || run.above !== undefined ? ` ${nameOf(run, hasRoots)}` : ''
  return [{ position, label: `↱ forked${path}`, text: `from ${printable(from)} at event ${seq}`, weight: 1, time }]
}

function edgeRow({ event, run, time }: Happening, position: number, hasRoots: boolean): Row[] {
  if (event.type !== 'edge:evaluate') return []
  const { source, target, error } = event.payload
  const path = [...(hasRoots || run.above !== undefined ? [nameOf(run, hasRoots)] : []), printable(source)].join('/')
  const label = `${event.payload.result ? '→' : '⇥'} ${path} → ${printable(target)}`
  const weight = error === undefined ? 0 : 2
  return [{ position, label, text: edgeText(event.payload), weight, time }]
}

function edgeText({ result, reason, action, condition, error }: EventPayloads['edge:evaluate']): string {
  const parts = [result ? 'taken' : `not taken${reason === undefined ? '' : `, ${reason.replaceAll('-', ' ')}`}`]
  if (action !== undefined) parts.push(`action ${action}`)
  if (condition !== undefined) parts.push(`if ${condition}`)
  if (error !== undefined) parts.push(error.message)
  return parts.map(printable).join(', ')
}

function nameOf(node: Lifeline, hasRoots: boolean): string {
  return pathOf(node, hasRoots).map(printable).join('/')
}
