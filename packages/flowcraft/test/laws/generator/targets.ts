import type { Piece } from './draft.ts'

/** Runs that go to some nodes only, until they are resumed. */
export const targets: Piece = (draw, flow) => {
  if (!draw.chance(10)) return
  flow.targets = [...new Set(Array.from({ length: draw.int(1, 2) }, () => draw.pick(flow.nodes).id))]
  if (flow.answers.length === 0) flow.answers = [{ nth: 0, isElsewhere: draw.chance(30), output: 1, action: undefined }]
}
