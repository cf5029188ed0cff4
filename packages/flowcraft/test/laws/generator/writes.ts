import type { ProgramWrite } from '../program.ts'
import type { Draw } from './draw.ts'
import { attemptsOf, type Piece } from './draft.ts'

/** Writes and deletions, of keys that are shared or called like a node too, and outputs that depend on a shared key. */
export const writes: Piece = (draw, flow) => {
  const percent = draw.pick([0, 20, 50])
  const keys = ['shared', 'rich', 'other', ...flow.nodes.map((node) => node.id)]
  for (const attempt of attemptsOf(flow)) {
    if (draw.chance(percent)) attempt.writes = randomWrites(draw, keys)
    if (draw.chance(percent)) attempt.lateWrites = randomWrites(draw, keys)
    if (draw.chance(percent / 4) && attempt.ending.kind === 'return') {
      attempt.ending = { ...attempt.ending, output: { kind: 'shared', key: 'shared' } }
    }
  }
}

function randomWrites(draw: Draw, keys: readonly string[]): ProgramWrite[] {
  return Array.from({ length: draw.int(1, 2) }, (): ProgramWrite => {
    const key = draw.pick(keys)
    if (draw.chance(30)) return { op: 'delete', key }
    return { op: 'set', key, value: draw.chance(30) ? draw.value() : draw.int(0, 9) }
  })
}
