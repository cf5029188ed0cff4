import type { Piece } from './draft.ts'

/** Runs that are stepped through, turn by turn. */
export const turns: Piece = (draw, flow) => {
  flow.isByTurns = draw.chance(15)
  if (flow.isByTurns) flow.pausesAt = []
}
