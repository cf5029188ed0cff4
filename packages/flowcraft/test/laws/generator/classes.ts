import type { Piece } from './draft.ts'

/** Some nodes are classes instead of functions. */
export const classes: Piece = (draw, flow) => {
  for (const key of flow.programs.keys()) if (draw.chance(20)) flow.classes.add(key)
}
