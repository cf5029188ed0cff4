import type { Case } from './benchmark.ts'
import type { Row } from './measure.ts'

/** Where and with what the figures came about. */
export interface Circumstances {
  readonly machine: string
  readonly versions: string
  readonly rounds: number
}

const columns = [
  'case',
  'recorded',
  'engine',
  'wall ms',
  'min–max',
  'CPU ms',
  'CPU µs/unit',
  'units/s',
  'growth',
  'peak MB',
  'CPU ratio',
  'wall ratio',
]

/** A Markdown document with a table for each scenario. */
export function toMarkdown(rows: readonly Row[], { machine, versions, rounds }: Circumstances): string {
  const parts = [
    '# Benchmarks',
    `${machine}. ${versions}. Medians of ${rounds} rounds, the engines in turn, a fresh process for each measurement.`,
    'Ratios are against ours in the same row: above 1, ours is faster. Growth is the CPU time for one unit against that ' +
      'of the same series at about 1 000 nodes: 1 is linear. `raw` is the bare driver with the same rows, not an engine.',
  ]
  for (const scenario of new Set(rows.map((row) => row.scenario))) {
    const own = rows.filter((row) => row.scenario === scenario)
    parts.push(`## ${scenario.name} (unit: ${scenario.unit})`, toTable(own))
  }
  return `${parts.join('\n\n')}\n`
}

/** The table of one scenario's rows. */
export function toTable(rows: readonly Row[]): string {
  const cells = [columns, ...rows.map((row) => toCells(row, rows))]
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) => `| ${line.map((cell, column) => pad(cell, widths[column]!, column)).join(' | ')} |`)
  const rule = `| ${widths.map((width, column) => (column < 3 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

function pad(cell: string, width: number, column: number): string {
  return column < 3 ? cell.padEnd(width) : cell.padStart(width)
}

function toCells(row: Row, rows: readonly Row[]): string[] {
  const { title, storage } = caseOf(row)
  const named = [title, storage, row.engine]
  const ours = rows.find((other) => other.engine === 'ours' && other.caseIndex === row.caseIndex)
  if (row.samples.length === 0) return [...named, `not measured (${row.fault})`, ...columns.slice(4).map(() => '')]
  const walls = row.samples.map((sample) => sample.wallMs)
  return [
    ...named,
    short(median(walls)),
    `${short(Math.min(...walls))}–${short(Math.max(...walls))}`,
    short(median(row.samples.map((sample) => sample.cpuMs))),
    short(costOf(row, 'cpuMs') * 1000),
    Math.round(1000 / costOf(row, 'wallMs')).toLocaleString('en'),
    growthOf(row, rows),
    short(median(row.samples.map((sample) => sample.peakMb))),
    ...(['cpuMs', 'wallMs'] as const).map((time) => ratioOf(row, ours, time)),
  ]
}

function growthOf(row: Row, rows: readonly Row[]): string {
  const { series } = caseOf(row)
  const distance = (other: Row): number => Math.abs(Math.log(caseOf(other).graph.nodes.length / 1000))
  const [base] = rows
    .filter((other) => other.engine === row.engine && caseOf(other).series === series)
    .sort((a, b) => distance(a) - distance(b))
  if (series === undefined || base === undefined || base.samples.length === 0) return ''
  return short(costOf(row, 'cpuMs') / costOf(base, 'cpuMs'))
}

function ratioOf(row: Row, ours: Row | undefined, time: 'cpuMs' | 'wallMs'): string {
  if (ours === undefined || ours.samples.length === 0) return ''
  return `${short(costOf(row, time) / costOf(ours, time))}×`
}

function caseOf({ scenario, caseIndex }: Row): Case {
  return scenario.cases[caseIndex]!
}

/** Milliseconds for one unit. */
function costOf({ samples }: Row, time: 'cpuMs' | 'wallMs'): number {
  return median(samples.map((sample) => sample[time] / sample.units))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Three digits that count. */
function short(value: number): string {
  return value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString()
}
