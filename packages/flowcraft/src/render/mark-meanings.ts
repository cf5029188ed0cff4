const meanings: ReadonlyMap<string, string> = new Map([
  ['✓', 'completed'],
  ['✗', 'failed'],
  ['✂', 'cut off'],
  ['⊘', 'cancelled'],
  ['▶', 'started, goes on'],
  ['◷', 'waits'],
  ['↻', 'tried again'],
  ['↪', 'its fallback stands in'],
  ['↷', 'skipped'],
  ['‖', 'the run is parked'],
  ['↱', 'the run is forked'],
  ['→', 'edge taken'],
  ['⇥', 'edge not taken'],
  ['…', 'left out'],
])

/** The marks that begin any of `texts`, each with what it means, in the same order for the same marks. */
export function meaningsIn(texts: Iterable<string>): readonly string[] {
  const found = new Set<string>()
  for (const text of texts) found.add(text.slice(0, text.indexOf(' ')))
  return [...meanings].flatMap(([mark, meaning]) => (found.has(mark) ? [`${mark} ${meaning}`] : []))
}
