import type { Piece } from './draft.ts'

/** A cancellation at a random moment. */
export const cancellation: Piece = (draw, flow) => {
  if (!draw.chance(20)) return
  const reason = draw.pick(['enough', undefined, { by: 'a test' }])
  const kind = draw.pick(['seq', 'time', 'time', 'before'] as const)
  if (kind === 'before') flow.cancellation = { moment: { kind }, reason }
  else if (kind === 'time') flow.cancellation = { moment: { kind, ms: draw.int(0, 40) }, reason }
  else flow.cancellation = { moment: { kind, seq: draw.int(0, 30) }, reason }
}
