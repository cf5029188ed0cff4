/** What a Mermaid drawing may hold before Mermaid refuses it. */
export interface MermaidLimits {
  /** The most edges. Default 500, Mermaid's own `maxEdges`. */
  readonly maxEdges?: number | undefined
  /** The most UTF-16 units of text. Default 50 000, Mermaid's own `maxTextSize`. */
  readonly maxTextSize?: number | undefined
}

/** The limits of a Mermaid 11 that was not configured otherwise. */
export const defaultLimits: Required<Record<keyof MermaidLimits, number>> = { maxEdges: 500, maxTextSize: 50_000 }

/**
 * `text` for a quoted Mermaid label, cut after `maxLength` characters. Letters, digits, spaces and punctuation inside
 * words stay; all else becomes `#<codepoint>;`. Blank text gives `(empty)`.
 */
export function labelText(text: string, maxLength = 60): string {
  if (text.trim() === '') return '(empty)'
  const characters = Array.from(text.slice(0, 2 * maxLength + 2))
  if (characters.length <= maxLength) return escape(text)
  return `${escape(characters.slice(0, maxLength - 1).join(''))}…`
}

// Punctuation at the edge of a word could be a list or emphasis to a Mermaid that reads labels as Markdown, and
// Mermaid takes a whole line that holds `direction TB` for a statement, even inside quotes.
const unsafeCharacters = /(?<![A-Za-z0-9])[.,_-]|[.,_-](?![A-Za-z0-9])|[^A-Za-z0-9 .,_-]|(?<=direction) /gu

function escape(text: string): string {
  return text.replace(unsafeCharacters, (character) => `#${character.codePointAt(0)};`)
}

/** The Mermaid id of each name, in order: a safe name is its own id, any other gets a free one made from its letters. */
export function mermaidIds(names: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...names]
  const allocate = idAllocator(all.filter(isSafeId))
  return new Map(all.map((name) => [name, isSafeId(name) ? name : allocate(`n_${slugOf(name)}`)]))
}

/** Gives ids that begin with a safe `base` and are neither in `taken` nor given before. Linear over all calls. */
export function idAllocator(taken: Iterable<string>): (base: string) => string {
  const used = new Set(taken)
  const counts = new Map<string, number>()
  return (base) => {
    let count = counts.get(base) ?? 0
    let id: string
    do id = ++count === 1 ? base : `${base}_${count}`
    while (used.has(id))
    counts.set(base, count)
    used.add(id)
    return id
  }
}

/** The letters and digits of the beginning of `name`, as part of an id. */
export function slugOf(name: string): string {
  const found: readonly string[] = name.slice(0, 40).match(/[A-Za-z0-9]+/g) ?? ['x']
  return found.join('_').replace(/direction$/, 'directed')
}

const maxIdLength = 64
const words = /^[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/

// Mermaid's lexer takes these for a keyword also where a dash follows.
const keywords = new Set(
  (
    'graph flowchart swimlane subgraph end direction style linkstyle class classdef default interpolate click href call ' +
    'acctitle accdescr v lr rl tb bt td br _self _blank _parent _top'
  ).split(' '),
)

function isSafeId(name: string): boolean {
  if (name.length > maxIdLength || !words.test(name)) return false
  // `x direction` before a line that begins with `TB` is a statement, and Mermaid names its edges `L_<source>_<target>`.
  if (name.endsWith('direction') || name.startsWith('L_')) return false
  // Layouts keep ids as keys of plain objects.
  if (name in Object.prototype) return false
  return !keywords.has(name.replace(/-.*/, '').toLowerCase())
}
