import { hasProgram, plainAttempt, type Piece } from './draft.ts'

/** Nodes with several attempts, at once or after delays of every kind. */
export const retries: Piece = (draw, flow) => {
  for (const node of flow.nodes) {
    if (!hasProgram(flow, node) || !draw.chance(30)) continue
    const maxRetries = draw.pick([2, 3, 0, 1])
    node.config = { ...node.config, maxRetries, retryDelay: draw.pick([0, 7, 20]) }
    if (draw.chance(40)) node.config.retryBackoff = draw.pick(['exponential', 'fixed'])
    if (draw.chance(30)) node.config.retryMaxDelay = 9
    for (const turn of flow.programs.get(node.uses)!) {
      while (turn.length < maxRetries) turn.push({ ...plainAttempt(), ending: turn[0]!.ending })
    }
  }
}
