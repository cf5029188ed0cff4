import type { Bar, Tags } from './gantt-bars.ts'

/** A bar that shows a look and tells what it means. */
export type Look = Pick<Bar, 'text' | 'tags'>

/** The looks of `bars`, each once. */
export function looksOf(bars: Iterable<Bar>): readonly Look[] {
  const drawn = new Set<string>()
  for (const { text, tags } of bars) drawn.add(keyOf(text, tags))
  return looks.filter(({ text, tags }) => drawn.has(keyOf(text, tags)))
}

const looks: readonly Look[] = [
  { text: '✓ completed', tags: 'done' },
  { text: '✗ failed', tags: 'crit' },
  { text: '✂ cut off', tags: 'active, crit' },
  { text: '⊘ cancelled', tags: 'done, crit' },
  { text: '▶ running', tags: 'active' },
  { text: '◷ then it waited', tags: 'done' },
  { text: '◷ waited', tags: '' },
  { text: '◷ waiting', tags: 'active' },
  { text: '↻ back-off', tags: '' },
  { text: '↻ back-off, goes on', tags: 'active' },
]

function keyOf(text: string, tags: Tags): string {
  return `${text.slice(0, 1)} ${tags}`
}
