import { errorKinds, fatalKinds } from '../errors.ts'
import { attemptsOf, type Piece } from './draft.ts'

/** Attempts that throw, something of every kind, or give what cannot be recorded; rarely one that ends the whole run. */
export const failures: Piece = (draw, flow) => {
  const percent = draw.pick([20, 0, 45])
  for (const attempt of attemptsOf(flow)) {
    if (!draw.chance(percent)) continue
    if (draw.chance(10)) attempt.ending = { kind: 'unrecordable' }
    else if (draw.chance(4)) attempt.ending = { kind: 'throw', error: draw.pick(fatalKinds) }
    else attempt.ending = { kind: 'throw', error: draw.pick(errorKinds) }
  }
}
