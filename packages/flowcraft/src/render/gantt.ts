import type { FlowcraftEvent } from '../events/event.ts'
import { familyOf, pathOf, type Family, type Lifeline } from './family.ts'
import { barsOf, barsWithCrews, type Bar } from './gantt-bars.ts'
import { looksOf } from './gantt-legend.ts'
import { byImportance } from './importance.ts'
import { defaultLimits, labelText } from './mermaid-text.ts'
import { titleOf } from './run-title.ts'
import { boundsOf, spansOf } from './spans.ts'

/** How much a Gantt chart may hold. Past it, the chart is collapsed and says what it leaves out. */
export interface MermaidGanttOptions {
  /** The most UTF-16 units of text. Default 50 000, Mermaid's own `maxTextSize`. */
  readonly maxTextSize?: number | undefined
  /** The most bars. Default 500. */
  readonly maxBars?: number | undefined
  /**
   * Whether a last section has a bar for each look that there is, which tells what it means. Default `false`. It is left
   * out where there is no room for it.
   */
  readonly legend?: boolean | undefined
}

/**
 * A run as the text of a Mermaid Gantt chart: a section for each node, and in it a bar for each attempt, wait and
 * back-off. Where `events` has those of subflows too, their nodes have sections of their own.
 */
export function generateMermaidGantt(events: Iterable<FlowcraftEvent>, options: MermaidGanttOptions = {}): string {
  const family = familyOf(events)
  const { maxTextSize = defaultLimits.maxTextSize, maxBars = 500, legend = false } = options
  const print = (bars: readonly Bar[], kept: ReadonlySet<Bar>): string => chartText(family, bars, kept, legend)
  const spans = spansOf(family).filter(({ kind }) => kind !== 'skip')
  const whole = barsOf(spans)
  if (whole.length <= maxBars) {
    const text = print(whole, new Set(whole))
    if (text.length <= maxTextSize) return text
  }
  const bars = barsWithCrews(spans)
  const ordered = byImportance(bars, ({ weight }) => weight)
  for (let size = Math.min(maxBars, bars.length); size > 0; size = Math.floor(size * 0.75)) {
    const text = print(bars, new Set(ordered.slice(0, size)))
    if (text.length <= maxTextSize) return text
  }
  return print(bars, new Set())
}

function chartText(family: Family, bars: readonly Bar[], kept: ReadonlySet<Bar>, hasLegend: boolean): string {
  const bounds = boundsOf(family.happenings)
  // Mermaid draws nothing for a bar without length, and hardly anything for one that is short in a long run.
  const leastMs = Math.max(1, Math.ceil((bounds.to - bounds.from) / 400))
  const barText = ({ text, tags, from, to }: Omit<Bar, 'section' | 'weight'>): string =>
    `${text} :${tags === '' ? '' : `${tags}, `}${from}, ${Math.max(leastMs, to - from)}ms`
  const sections = new Map<Lifeline, Bar[]>()
  for (const bar of bars) {
    const section = sections.get(bar.section)
    if (section === undefined) sections.set(bar.section, [bar])
    else section.push(bar)
  }
  const lines: string[] = []
  const names: string[] = []
  const enter = (name: string): void => {
    names.push(name)
    lines.push(`section ${name}`)
  }
  const left: Bar[][] = []
  for (const [section, all] of sections) {
    if (!all.some((bar) => kept.has(bar))) {
      left.push(all)
      continue
    }
    enter(sectionName(section, family.roots.length > 1))
    const rest = all.filter((bar) => !kept.has(bar))
    for (const bar of all) {
      if (kept.has(bar)) lines.push(barText(bar))
      else if (bar === rest[0]) lines.push(barText(summary(rest, countText(rest.length, 'bar'))))
    }
  }
  if (left.length > 0) {
    enter('… left out')
    const all = left.flat()
    lines.push(barText(summary(all, `${countText(left.length, 'node')}, ${countText(all.length, 'bar')}`)))
  }
  if (bars.length === 0) {
    enter('…')
    lines.push(
      barText({
        text: family.happenings.length === 0 ? 'Empty History' : '… no node has started',
        tags: '',
        ...bounds,
      }),
    )
  }
  const looks = hasLegend ? looksOf(kept) : []
  if (looks.length > 0) {
    enter('Legend')
    const to = bounds.from + Math.ceil((bounds.to - bounds.from) / 8)
    lines.push(...looks.map((look) => barText({ ...look, from: bounds.from, to })))
  }
  const title = family.happenings.length === 0 ? [] : [`title ${titleOf(family, labelText)}${originText(family)}`]
  return ['gantt', paddingText(names), ...title, 'dateFormat x', `axisFormat ${axisOf(bounds)}`, ...lines].join(
    '\n    ',
  )
}

/** Where the run of the title was forked from. */
function originText({ happenings, roots: [root] }: Family): string {
  const fork = happenings.findLast(({ event, run }) => event.type === 'workflow:fork' && run === root)?.event
  if (fork?.type !== 'workflow:fork') return ''
  return `, forked from ${labelText(fork.payload.from)} at event ${labelText(String(fork.payload.seq))}`
}

function summary(bars: readonly Bar[], what: string): Omit<Bar, 'section' | 'weight'> {
  let [from, to] = [Infinity, 0]
  for (const bar of bars) {
    from = Math.min(from, bar.from)
    to = Math.max(to, bar.to)
  }
  const failed = bars.filter(({ weight }) => weight === 2).length
  return { text: `… ${what} left out${failed > 0 ? `, ${failed} failed` : ''}`, tags: '', from, to }
}

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const maxSectionName = 30

function sectionName(section: Lifeline, hasRoots: boolean): string {
  return labelText(pathOf(section, hasRoots).join(' / '), hasRoots ? 2 * maxSectionName : maxSectionName)
}

/** Room for the names of the sections, which Mermaid would else draw under the bars. */
function paddingText(names: readonly string[]): string {
  const lengths = names.map((name) => Array.from(name.replace(/#\d+;/g, 'w')).length)
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0)
  const padding = Math.min(400, Math.max(75, 20 + 7 * longest))
  return `%%{init: {"gantt": {"leftPadding": ${padding}}}}%%`
}

/** Ticks that differ from each other, and are short enough to stand side by side. */
function axisOf({ from, to }: { readonly from: number; readonly to: number }): string {
  const hours = (to - from) / 3_600_000
  if (hours < 10 / 3600) return '%S.%L'
  if (hours < 24) return '%H:%M:%S'
  if (hours < 7 * 24) return '%a %H:%M'
  return hours < 365 * 24 ? '%m-%d' : '%Y-%m'
}
