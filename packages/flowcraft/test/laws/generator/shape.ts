import { plainAttempt, type Piece } from './draft.ts'

/** Nodes, and edges from earlier to later ones: chains, diamonds, islands, also two edges between the same two nodes. */
export const shape: Piece = (draw, flow) => {
  const size = draw.int(1, 9)
  for (let index = 0; index < size; index += 1) {
    const id = `n${index}`
    flow.nodes.push({ id, uses: id })
    flow.programs.set(id, [[plainAttempt()]])
  }
  for (let target = 1; target < size; target += 1) {
    const count = draw.pick([1, 1, 2, 2, 3, 0])
    for (let nth = 0; nth < count; nth += 1) {
      flow.edges.push({ source: `n${draw.int(0, target - 1)}`, target: `n${target}` })
    }
  }
  // The order of a blueprint need not be the order of its graph.
  if (draw.chance(30)) flow.nodes.reverse()
  flow.concurrency = draw.pick([64, 1, 2])
}
