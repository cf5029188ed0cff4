import type { FlowcraftEvent } from '../events/event.ts'
import { familyOf } from './family.ts'
import { byImportance } from './importance.ts'
import { meaningsIn } from './mark-meanings.ts'
import { titleOf } from './run-title.ts'
import { boundsOf } from './spans.ts'
import { columnsOf, cutTo, padTo, printable } from './terminal-text.ts'
import { rowsOf, type Row } from './timeline-rows.ts'

/** How a timeline is printed. */
export interface TimelineOptions {
  /** The columns of the terminal. Default 80, at least 40. */
  readonly width?: number | undefined
  /** Whether there are ANSI colours in it. Default `false`. */
  readonly color?: boolean | undefined
  /** Whether decisions about edges have lines too. Default `false`. */
  readonly showEdges?: boolean | undefined
  /** The most lines below the title. Past it, what matters least is left out, and it is said how much. Default 500. */
  readonly maxLines?: number | undefined
  /** Whether lines at the end tell what the bars and marks mean. Default `false`. */
  readonly legend?: boolean | undefined
}

/**
 * A run as text for a terminal: a title, then a line for each attempt, wait, back-off and skipped node in the order in
 * which they began, each with its place in time as a bar. Where `events` has those of subflows too, they are among them.
 */
export function formatTimeline(events: Iterable<FlowcraftEvent>, options: TimelineOptions = {}): string {
  const { color = false, showEdges = false, maxLines = 500, legend = false } = options
  const width = widthFrom(options.width)
  const family = familyOf(events)
  if (family.happenings.length === 0) return '(empty history)'
  const rows = rowsOf(family, showEdges)
  const kept = new Set(byImportance(rows, ({ weight }) => weight).slice(0, Math.max(0, maxLines)))
  const shown = rows.filter((row) => kept.has(row))
  const sizes = sizesOf(shown, width)
  const bounds = boundsOf(family.happenings)
  const lines = [cutTo(titleOf(family, printable), width)]
  let left: Row[] = []
  const tellLeft = (): void => {
    if (left.length > 0) lines.push(cutTo(leftText(left), width))
    left = []
  }
  for (const row of rows) {
    if (kept.has(row)) {
      tellLeft()
      lines.push(lineOf(row, sizes, bounds, color))
    } else left.push(row)
  }
  tellLeft()
  if (legend) lines.push(...legendLines(shown, shown.length < rows.length, width))
  return lines.join('\n')
}

const leastWidth = 40
const usualWidth = 80

function widthFrom(width: number = usualWidth): number {
  return Number.isNaN(width) ? usualWidth : Math.floor(Math.min(Math.max(width, leastWidth), 10_000))
}

interface Sizes {
  readonly label: number
  readonly bar: number
  readonly text: number
}

/** The bar has what labels and texts leave, and no less than a quarter. */
function sizesOf(rows: readonly Row[], width: number): Sizes {
  const longest = (textOf: (row: Row) => string): number =>
    rows.reduce((most, row) => Math.max(most, columnsOf(textOf(row))), 0)
  const room = width - 4
  const wanted = { label: longest(({ label }) => label), text: longest(({ text }) => text) }
  const label = Math.min(wanted.label, Math.max(Math.floor(room * 0.35), Math.floor(room * 0.75) - wanted.text))
  const text = Math.min(wanted.text, Math.floor(room * 0.75) - label)
  return { label, text, bar: Math.min(room - label - text, maxBar) }
}

/** What the eye can follow. */
const maxBar = 120

function lineOf(
  row: Row,
  sizes: Sizes,
  bounds: { readonly from: number; readonly to: number },
  color: boolean,
): string {
  const lengthMs = Math.max(1, bounds.to - bounds.from)
  const columnOf = (time: number): number => ((time - bounds.from) / lengthMs) * sizes.bar
  const begin = Math.min(sizes.bar - 1, Math.floor(columnOf(row.time)))
  const end = Math.max(begin + 1, Math.min(sizes.bar, Math.round(columnOf(row.span?.to ?? row.time))))
  const paint = (text: string): string => (color ? painted(text, row) : text)
  const bar = signOf(row).repeat(row.span === undefined || row.span.kind === 'skip' ? 1 : end - begin)
  const filled = ' '.repeat(Math.max(0, sizes.bar - begin - bar.length))
  const middle = `${' '.repeat(begin)}${paint(bar)}${filled}`
  const text = cutTo(row.text, sizes.text)
  return `${paint(padTo(row.label, sizes.label))}  ${middle}${text === '' ? '' : `  ${text}`}`
}

function signOf({ span }: Row): string {
  switch (span?.kind) {
    case 'attempt':
      return '█'
    case 'wait':
      return '░'
    case 'back-off':
      return '╌'
    default:
      return '·'
  }
}

function painted(text: string, { span }: Row): string {
  const status = span?.status ?? 'skipped'
  const code = status === 'failed' || status === 'cut-off' ? 31 : status === 'completed' ? 32 : 33
  const own = status === 'skipped' ? 90 : span?.kind === 'wait' ? 36 : status === 'cancelled' ? 35 : code
  return `\u001b[${own}m${text}\u001b[0m`
}

const signTexts: readonly (readonly [string, string])[] = [
  ['█', 'attempt'],
  ['░', 'wait'],
  ['╌', 'back-off'],
  ['·', 'moment'],
]

/** What is to be told of `rows`, in as few lines as have room for it. */
function legendLines(rows: readonly Row[], hasLeftOut: boolean, width: number): readonly string[] {
  const labels = [...rows.map(({ label }) => label), ...(hasLeftOut ? ['… '] : [])]
  const signs = new Set(rows.map(signOf))
  const bars = signTexts.flatMap(([sign, text]) => (signs.has(sign) ? [`${sign} ${text}`] : []))
  const told: string[] = []
  for (const part of [...bars, ...meaningsIn(labels)]) {
    const longer = `${told.at(-1) ?? ''}  ${part}`
    if (told.length === 0 || columnsOf(longer) > width) told.push(part)
    else told[told.length - 1] = longer
  }
  return told.length === 0 ? [] : ['', ...told]
}

function leftText(rows: readonly Row[]): string {
  const failed = rows.filter(({ weight }) => weight === 2).length
  return `… ${rows.length} ${rows.length === 1 ? 'line' : 'lines'} left out${failed > 0 ? `, ${failed} failed` : ''}`
}
