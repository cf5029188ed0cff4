import type { Limits } from '../scheduler/decision.ts'

/** What one turn of a run by turns may start. */
export interface Turn {
  readonly allowed: Set<number>
  readonly concurrency: number
  end(): void
}

/** What a run may do within a turn. */
export function limited({ maxIterations, concurrency }: Limits, turn: Turn): Limits {
  return { maxIterations, concurrency: Math.min(concurrency, turn.concurrency) }
}

/** A turn in which nothing may start. */
export const noTurn: Turn = { allowed: new Set(), concurrency: 1, end() {} }
