import type { Limits } from '../scheduler/decision.ts'

/** What one turn of a run by turns may start. */
export interface Turn {
  readonly allowed: Set<number>
  readonly concurrency: number
  end(): void
}

/** What a run by turns may start now: outside a turn, nothing. */
export function limitsIn(
  turn: Turn | undefined,
  { maxIterations, concurrency }: Limits,
): { readonly limits: Limits; readonly mayStart: (node: number) => boolean } {
  const limits = { maxIterations, concurrency: Math.min(concurrency, turn?.concurrency ?? 1) }
  return { limits, mayStart: (node) => turn?.allowed.has(node) === true }
}
