import { attemptsOf, type Piece } from './draft.ts'

/** Attempts that look at the context, and ones that change in place what they were given or have handed over. */
export const mutations: Piece = (draw, flow) => {
  for (const attempt of attemptsOf(flow)) {
    attempt.looks = draw.chance(15)
    attempt.mutatesInput = draw.chance(30)
    if (attempt.ending.kind === 'return') attempt.ending = { ...attempt.ending, mutatesLater: draw.chance(30) }
  }
}
