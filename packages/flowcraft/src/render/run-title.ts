import { fold } from '../state/fold.ts'
import { durationText } from './duration-text.ts'
import type { Family } from './family.ts'

/** What run a story is about, and how it ended; `escape` makes what users wrote safe. */
export function titleOf({ happenings, roots: [root, ...others] }: Family, escape: (text: string) => string): string {
  const own = happenings.filter(({ run }) => run === root)
  const { blueprintId, status } = fold(own.map(({ event }) => event))
  const duration = durationText((own.at(-1)?.time ?? 0) - (own[0]?.time ?? 0))
  const name = escape(String(blueprintId ?? root?.name ?? ''))
  const more = others.length === 0 ? '' : `, and ${others.length} more ${others.length === 1 ? 'run' : 'runs'}`
  return `${name}, ${escape(status)} ${status === 'completed' ? 'in' : 'after'} ${duration}${more}`
}
