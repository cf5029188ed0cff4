import { shown } from '../blueprint/shown.ts'
import { FlowcraftError } from '../errors.ts'
import type { ContextDifference, NodeDifference, RecordingDiff } from './diff.ts'
import type { Divergence, Sides } from './divergence.ts'
import type { PathDifference, PathStep } from './path-difference.ts'
import type { ValueDifference } from './value-differences.ts'

/** How a diff is printed. */
export interface FormatDiffOptions {
  /** Whether there are ANSI colours in it: red for what only `a` has, green for `b`. Default `false`. */
  readonly color?: boolean | undefined
}

/**
 * A diff as text for a terminal: the two runs, where they part, and below that the path, the nodes and the context, `-` for
 * what `a` has and `+` for what `b` has. Of more than 20 differences of one thing, the rest is only counted.
 * @throws INPUT_INVALID for what is no diff.
 */
export function formatDiff(diff: RecordingDiff, options: FormatDiffOptions = {}): string {
  requireDiff(diff)
  const { color = false } = options
  const lines: Line[] = [...titleLines(diff)]
  if (diff.isSame) lines.push({ text: 'The runs are the same, but for ids and times.' })
  if (diff.firstDivergence !== undefined) lines.push(...divergenceLines(diff.firstDivergence))
  if (diff.path !== undefined) lines.push(...pathLines(diff.path))
  const nodes = diff.isSame ? [] : diff.nodes
  if (nodes.length > 0) lines.push({ text: 'Nodes' }, ...limited(nodes, nodeLines))
  if (diff.context.length > 0) lines.push({ text: 'Context' }, ...limited(diff.context, contextLines))
  return lines.map((line) => lineText(line, color)).join('\n')
}

function requireDiff(diff: unknown): void {
  const parts = ['executionIds', 'statuses', 'durationMs', 'nodes', 'context']
  const isDiff = typeof diff === 'object' && diff !== null
  if (isDiff && parts.every((part) => typeof Reflect.get(diff, part) === 'object')) return
  throw new FlowcraftError(`formatDiff takes what diffRecordings gives; found ${shown(diff)}`, {
    code: 'INPUT_INVALID',
  })
}

interface Line {
  readonly text: string
  /** `undefined` for what is about both. */
  readonly side?: 'a' | 'b'
  /** Default 0. */
  readonly depth?: number
}

const limit = 20

function lineText({ text, side, depth = 0 }: Line, color: boolean): string {
  const sign = side === undefined ? '' : side === 'a' ? '- ' : '+ '
  const line = `${'  '.repeat(depth)}${sign}${text.replace(unprintable, escaped)}`
  return color && side !== undefined ? `\u001b[${side === 'a' ? 31 : 32}m${line}\u001b[0m` : line
}

// What controls a terminal is shown, not done.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}

function titleLines({ executionIds, statuses, durationMs }: RecordingDiff): Line[] {
  return (['a', 'b'] as const).map((side) => {
    const ms = durationMs[side]
    const length = ms === undefined ? '' : ` in ${ms} ms`
    return { side, text: `${executionIds[side]}: ${statuses[side]}${length}` }
  })
}

function divergenceLines({ what, seq, event, differences }: Divergence): Line[] {
  const title = { event: 'another event', payload: 'other data', end: 'the end of one history' }[what]
  return [
    { text: `First divergence: ${title}` },
    ...(['a', 'b'] as const).map((side) => {
      const at = seq[side]
      return { side, depth: 1, text: at === undefined ? 'has no more events' : `${at} ${event[side] ?? ''}` }
    }),
    ...limited(differences, (difference) => valueLines(difference, 'payload', 1)),
  ]
}

function pathLines({ inCommon, steps, edges }: PathDifference): Line[] {
  const lines: Line[] = [
    {
      text: `Path: ${inCommon === 1 ? 'the first start of a node is' : `the first ${inCommon} starts of nodes are`} the same`,
    },
  ]
  for (const side of ['a', 'b'] as const) {
    if (steps.a.length + steps.b.length > 0) lines.push({ side, depth: 1, text: stepsText(steps[side]) })
  }
  return [
    ...lines,
    ...limited(edges, ({ source, target, taken }) => [
      { depth: 1, text: `the edge from '${source}' to '${target}' was taken ${times(taken.a)} and ${times(taken.b)}` },
    ]),
  ]
}

function stepsText(steps: readonly PathStep[]): string {
  if (steps.length === 0) return 'nothing more'
  const names = steps
    .slice(0, limit)
    .map(({ nodeId, iteration }) => `${nodeId}${iteration > 0 ? ` #${iteration}` : ''}`)
  return `${names.join(', ')}${steps.length > limit ? `, and ${steps.length - limit} more` : ''}`
}

function nodeLines({ nodeId, onlyIn, output = [], ...fields }: NodeDifference): Line[] {
  if (onlyIn !== undefined) return [{ side: onlyIn, depth: 1, text: nodeId }]
  const { status, iteration, attempts, action, error, durationMs } = fields
  return [
    { depth: 1, text: nodeId },
    ...sideLines('status', status),
    ...sideLines('iteration', iteration),
    ...sideLines('attempts', attempts),
    ...limited(output, (difference) => valueLines(difference, 'output', 2)),
    ...sideLines('action', action),
    ...sideLines('error', error),
    ...sideLines('durationMs', durationMs),
  ]
}

function contextLines({ key, differences }: ContextDifference): Line[] {
  return limited(differences, (difference) => valueLines(difference, key, 1))
}

function sideLines(name: string, sides: Sides<string | number> | undefined): Line[] {
  if (sides === undefined) return []
  return (['a', 'b'] as const).flatMap((side) => {
    const value = sides[side]
    return value === undefined ? [] : [{ side, depth: 2, text: `${name}: ${value}` }]
  })
}

function valueLines({ path, a, b }: ValueDifference, name: string, depth: number): Line[] {
  const place = [name, ...path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))].join('')
  return [
    ...(a === undefined ? [] : [{ side: 'a' as const, depth, text: `${place}: ${a}` }]),
    ...(b === undefined ? [] : [{ side: 'b' as const, depth, text: `${place}: ${b}` }]),
  ]
}

/** The lines of the first items, and how many more there are. */
function limited<T>(items: readonly T[], linesOf: (item: T) => readonly Line[]): Line[] {
  const lines = items.slice(0, limit).flatMap(linesOf)
  return items.length > limit ? [...lines, { depth: 1, text: `… and ${items.length - limit} more` }] : lines
}

function times(count: number | undefined): string {
  return count === 1 ? 'once' : count === undefined || count === 0 ? 'never' : `${count} times`
}
