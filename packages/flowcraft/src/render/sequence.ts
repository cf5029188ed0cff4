import type { FlowcraftEvent } from '../events/event.ts'
import { familyOf, pathOf, type Family, type Lifeline } from './family.ts'
import { byImportance, type Weight } from './importance.ts'
import { meaningsIn } from './mark-meanings.ts'
import { defaultLimits, idAllocator, labelText, slugOf } from './mermaid-text.ts'
import { outside, type Step } from './sequence-step.ts'
import { stepsOf } from './sequence-steps.ts'

/** How much a sequence diagram may hold. Past it, the diagram is collapsed and says what it leaves out. */
export interface MermaidSequenceOptions {
  /** The most UTF-16 units of text. Default 50 000, Mermaid's own `maxTextSize`. */
  readonly maxTextSize?: number | undefined
  /** The most nodes that have a lifeline. Default 100. */
  readonly maxNodes?: number | undefined
  /** The most arrows and notes. Default 500. */
  readonly maxSteps?: number | undefined
  /** Whether a note at the end tells what the marks mean. Default `false`. It is left out where there is no room for it. */
  readonly legend?: boolean | undefined
}

/**
 * A run as the text of a Mermaid sequence diagram: what was started, and what became of it, in order. Where `events`
 * has those of subflows too, their nodes are told of under the node that runs them.
 */
export function generateMermaidSequence(
  events: Iterable<FlowcraftEvent>,
  options: MermaidSequenceOptions = {},
): string {
  const family = familyOf(events)
  if (family.happenings.length === 0) return `${header}    participant empty as Empty History`
  const { maxTextSize = defaultLimits.maxTextSize, maxNodes = 100, maxSteps = 500, legend = false } = options
  const fits = (steps: readonly Step[]): boolean => steps.length <= maxSteps && nodeCountOf(steps) <= maxNodes
  const print = (steps: readonly Step[], kept: ReadonlySet<Step>): string => {
    const text = diagramText(family, steps, kept, legend)
    return legend && text.length > maxTextSize && kept.size === 0 ? diagramText(family, steps, kept, false) : text
  }
  let steps = stepsOf(family, false)
  for (const mergesWorkers of [false, true]) {
    if (mergesWorkers) steps = stepsOf(family, true)
    const text = fits(steps) ? print(steps, new Set(steps)) : undefined
    if (text !== undefined && text.length <= maxTextSize) return text
  }
  const kept = mostImportant(steps, maxNodes)
  for (let size = Math.min(maxSteps, kept.length); size > 0; size = Math.floor(size * 0.75)) {
    const text = print(steps, new Set(kept.slice(0, size)))
    if (text.length <= maxTextSize) return text
  }
  return print(steps, new Set())
}

const header = 'sequenceDiagram\n'

function nodeCountOf(steps: readonly Step[]): number {
  return linesOf(steps).filter(({ above }) => above !== undefined).length
}

/** Who takes part, in the order of their first step. */
function linesOf(steps: Iterable<Step>): readonly Lifeline[] {
  const lines = new Set<Lifeline>()
  for (const { from, to } of steps) {
    if (to !== undefined && from.above !== undefined) lines.add(to)
    lines.add(from)
    if (to !== undefined) lines.add(to)
  }
  return [...lines]
}

/** The steps of the `maxNodes` most important nodes, by importance. */
function mostImportant(steps: readonly Step[], maxNodes: number): readonly Step[] {
  const weights = new Map<Lifeline, Weight>()
  for (const { from, to = from, weight } of steps) {
    for (const line of [from, to]) if (weight >= (weights.get(line) ?? 0)) weights.set(line, weight)
  }
  const nodes = linesOf(steps).filter(({ above }) => above !== undefined)
  const left = new Set(byImportance(nodes, (node) => weights.get(node) ?? 0).slice(maxNodes))
  const shown = steps.filter(({ from, to = from }) => !left.has(from) && !left.has(to))
  return byImportance(shown, ({ weight }) => weight)
}

const arrows = { start: '->>', finish: '-->>', failure: '--x', signal: '-)' }

function diagramText(family: Family, steps: readonly Step[], kept: ReadonlySet<Step>, hasLegend: boolean): string {
  const shown = steps.filter((step) => kept.has(step))
  const first = family.roots.slice(0, 1)
  const lines = new Set([...(shown.some(({ from }) => from === outside) ? [outside] : []), ...first, ...linesOf(shown)])
  const ids = idsOf([...lines])
  const opened = new Set(shown.flatMap(({ opens }) => opens ?? []))
  const closed = new Set(shown.flatMap(({ closes }) => closes ?? []))
  const isDrawn = (attempt: number | undefined): boolean =>
    attempt !== undefined && opened.has(attempt) && closed.has(attempt)
  const text = [...lines].map((line) => participantText(line, ids, family.roots.length > 1))
  const gaps = new Gap()
  const told = shown.map((step) => step.text)
  const over = (line: Lifeline, note: string): string => `Note over ${ids.get(line)}: ${note}`
  const tellGap = (): void => {
    const note = gaps.take()
    if (note === undefined) return
    told.push(note)
    for (const root of first) text.push(over(root, note))
  }
  for (const step of steps) {
    if (!kept.has(step)) {
      gaps.add(step)
      continue
    }
    tellGap()
    const { kind, from, to, opens, closes } = step
    if (kind === 'note' || to === undefined) {
      text.push(over(from, step.text))
      if (isDrawn(closes)) text.push(`deactivate ${ids.get(from)}`)
      continue
    }
    const activation = isDrawn(opens) ? '+' : isDrawn(closes) ? '-' : ''
    text.push(`${ids.get(from)}${arrows[kind]}${activation}${ids.get(to)}: ${step.text}`)
  }
  tellGap()
  const meanings = hasLegend ? meaningsIn(told) : []
  if (meanings.length > 0) for (const root of first) text.push(over(root, ['Legend', ...meanings].join('<br/>')))
  return header + text.map((line) => `    ${line}`).join('\n')
}

/** Steps in a row that are left out. */
class Gap {
  #steps = 0
  #failures = 0
  #least = Infinity
  #most = 0

  add({ weight, iteration = 0 }: Step): void {
    this.#steps += 1
    if (weight === 2) this.#failures += 1
    this.#least = Math.min(this.#least, iteration)
    this.#most = Math.max(this.#most, iteration)
  }

  /** What is to be said about them, if there are any; the next one begins a new row. */
  take(): string | undefined {
    if (this.#steps === 0) return undefined
    const parts = [`… ${this.#steps} ${this.#steps === 1 ? 'step' : 'steps'} left out`]
    if (this.#most > 0) parts.push(`runs ${this.#least + 1} to ${this.#most + 1}`)
    if (this.#failures > 0) parts.push(`${this.#failures} failed`)
    this.#steps = 0
    this.#failures = 0
    this.#least = Infinity
    this.#most = 0
    return parts.join(', ')
  }
}

function participantText(line: Lifeline, ids: ReadonlyMap<Lifeline, string>, hasRoots: boolean): string {
  const id = ids.get(line) ?? ''
  if (line === outside) return id === 'outside' ? 'actor outside' : `actor ${id} as outside`
  const isRun = line.above === undefined
  const label = [isRun ? 'runtime' : labelText(line.name)]
  const place = pathOf(line, hasRoots).slice(0, isRun ? undefined : -1)
  if (place.length > 0) label.push(`${isRun ? 'run' : 'in'} ${labelText(place.join(' / '))}`)
  const alias = label.join('<br/>')
  return alias === id ? `participant ${id}` : `participant ${id} as ${alias}`
}

// What Mermaid's lexer takes for something else where a line or a name may begin.
const keywords = new Set(
  (
    'box participant actor create destroy as loop rect opt alt else par par_over and critical option break end left right ' +
    'links link properties details over note activate deactivate title acctitle accdescr sequencediagram autonumber off ' +
    'wrap nowrap un x'
  ).split(' '),
)

function isSafeId(name: string): boolean {
  return /^[A-Za-z_]\w{0,63}$/.test(name) && !keywords.has(name.toLowerCase()) && !(name in Object.prototype)
}

/** A safe name is its own id; any other line gets a free one made from its letters. */
function idsOf(lines: readonly Lifeline[]): ReadonlyMap<Lifeline, string> {
  const owners = new Map<string, Lifeline>()
  for (const line of lines) {
    if (line.above !== undefined && isSafeId(line.name) && !owners.has(line.name)) owners.set(line.name, line)
  }
  const allocate = idAllocator(owners.keys())
  const baseOf = (line: Lifeline): string =>
    line === outside ? 'outside' : line.above === undefined ? 'runtime' : `n_${slugOf(line.name)}`
  return new Map(lines.map((line) => [line, owners.get(line.name) === line ? line.name : allocate(baseOf(line))]))
}
