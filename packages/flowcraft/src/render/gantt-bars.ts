import type { Lifeline } from './family.ts'
import type { Weight } from './importance.ts'
import { labelText } from './mermaid-text.ts'
import { markOfSpan, numbersOf, storyOfSpan } from './span-text.ts'
import { weightOfSpan, type Span, type SpanStatus } from './spans.ts'

/** What Mermaid can mark a bar with. */
export type Tags = '' | 'active' | 'done' | 'crit' | 'active, crit' | 'done, crit'

/** A line of a Gantt chart before it is text; `text` is safe for Mermaid. Times are epoch milliseconds. */
export interface Bar {
  readonly section: Lifeline
  readonly text: string
  readonly tags: Tags
  readonly from: number
  readonly to: number
  readonly weight: Weight
}

/** A bar for each of `spans`, in their order. */
export function barsOf(spans: readonly Span[]): readonly Bar[] {
  const numbers = numbersOf(spans)
  return spans.map((span) => barOf(span, numbers(span)))
}

/** The same, where each run of a batch has one bar for all of its workers, and bars only for failures besides. */
export function barsWithCrews(spans: readonly Span[]): readonly Bar[] {
  const numbers = numbersOf(spans)
  const crews = new Map<Lifeline, Map<string, Crew>>()
  const lines = new Map<Lifeline, Map<string, Lifeline>>()
  const items: (Bar | Crew)[] = []
  for (const span of spans) {
    const { node, batchId, iteration } = span
    if (batchId === undefined || node.above === undefined) {
      items.push(barOf(span, numbers(span)))
      continue
    }
    const line = inner(lines, node.above, batchId, () => ({ name: batchId, above: node.above, nodes: new Map() }))
    const crew = inner(crews, line, String(iteration), (): Crew => {
      const made = { line, iteration, from: span.from, to: span.to, workers: new Map() }
      items.push(made)
      return made
    })
    crew.to = Math.max(crew.to, span.to)
    crew.workers.set(node, span.status)
    if (span.status !== 'failed' && span.status !== 'cut-off') continue
    items.push({ ...barOf(span, [labelText(node.name, maxNote), ...numbers(span)]), section: line })
  }
  return items.map((item) => ('workers' in item ? crewBar(item) : item))
}

/** All workers of one run of a batch. */
interface Crew {
  readonly line: Lifeline
  readonly iteration: number
  readonly from: number
  to: number
  /** What each has come to. */
  readonly workers: Map<Lifeline, SpanStatus>
}

const maxNote = 40

function barOf(span: Span, numbers: readonly string[]): Bar {
  const { node: section, from, to } = span
  const parts = [...numbers, ...storyOfSpan(span, (text) => labelText(text, maxNote))]
  return {
    section,
    text: `${markOfSpan(span)} ${parts.join(', ')}`,
    tags: tagsOf(span),
    from,
    to,
    weight: weightOfSpan(span),
  }
}

function tagsOf({ kind, status }: Span): Tags {
  switch (status) {
    case 'running':
    case 'waiting':
      return 'active'
    case 'failed':
      return 'crit'
    case 'cut-off':
      return 'active, crit'
    case 'cancelled':
      return 'done, crit'
    case 'over':
      // What only passed has the look that is left.
      return kind === 'attempt' ? 'done' : ''
    case 'completed':
    case 'skipped':
      return 'done'
  }
}

function crewBar({ line, iteration, from, to, workers }: Crew): Bar {
  const statuses = [...workers.values()]
  const count = (...wanted: readonly SpanStatus[]): number => statuses.filter((each) => wanted.includes(each)).length
  const [failed, open] = [count('failed'), count('running', 'waiting')]
  const parts = [`${count('completed', 'over')} of ${workers.size} workers done`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (open > 0) parts.push(`${open} running`)
  const run = iteration > 0 ? `run ${iteration + 1}, ` : ''
  const mark = failed > 0 ? '✗' : open > 0 ? '▶' : '✓'
  const tags = failed > 0 ? 'crit' : open > 0 ? 'active' : 'done'
  return { section: line, text: `${mark} ${run}${parts.join(', ')}`, tags, from, to, weight: failed > 0 ? 2 : 1 }
}

function inner<K, V>(maps: Map<K, Map<string, V>>, key: K, name: string, make: () => V): V {
  const map = maps.get(key) ?? new Map<string, V>()
  maps.set(key, map)
  const known = map.get(name)
  if (known !== undefined) return known
  const made = make()
  map.set(name, made)
  return made
}
