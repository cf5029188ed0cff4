import { hasProgram, type Piece } from './draft.ts'

/** Some nodes start at the first taken edge. */
export const joins: Piece = (draw, flow) => {
  for (const node of flow.nodes) {
    if (!hasProgram(flow, node)) continue
    if (draw.chance(25)) node.config = { ...node.config, joinStrategy: 'any' }
    else if (draw.chance(10)) node.config = { ...node.config, joinStrategy: 'all' }
  }
}
