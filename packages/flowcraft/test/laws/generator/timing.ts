import { attemptsOf, hasProgram, type Piece } from './draft.ts'

/** Delays and timeouts of nodes, a store that is slow in its own way, and a clock that jumps. */
export const timing: Piece = (draw, flow) => {
  const isSlow = draw.chance(60)
  if (isSlow) for (const attempt of attemptsOf(flow)) attempt.delayMs = draw.pick([0, 1, 2, 5, 10, 20])
  for (const node of flow.nodes) {
    if (!hasProgram(flow, node)) continue
    const keys = [node.uses, node.config?.fallback ?? '']
    const attempts = keys.flatMap((key) => flow.programs.get(key)?.flat() ?? [])
    // What waits for the store takes as long as the store takes.
    const waits = attempts.some(({ looks, ending, writes, lateWrites }) => {
      const reads = ending.kind === 'return' && ending.output.kind === 'shared'
      return looks || reads || [...writes, ...lateWrites].some((write) => write.op === 'delete')
    })
    if (isSlow && !waits && draw.chance(15)) node.config = { ...node.config, timeout: draw.pick([15, 4]) }
  }
  flow.storeDelaysMs = draw.pick([[], [1], [0, 3, 1], [8, 0]])
  flow.durability = draw.chance(25) ? 'relaxed' : 'step'
  flow.isBareStore = draw.chance(25)
  if (draw.chance(20)) flow.clockJumpsMs = [0, -5000, 3, 60_000, -1]
}
