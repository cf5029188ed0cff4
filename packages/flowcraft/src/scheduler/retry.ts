import type { NodeConfig } from '../blueprint/blueprint.ts'

/** Milliseconds to wait after failed attempt number `attempt` (from 1). */
export function retryDelayMs(config: NodeConfig | undefined, attempt: number): number {
  const { retryDelay = 0, retryBackoff = 'fixed', retryMaxDelay = Number.POSITIVE_INFINITY } = config ?? {}
  if (retryDelay === 0) return 0
  const delay = retryBackoff === 'exponential' ? retryDelay * 2 ** (attempt - 1) : retryDelay
  return Math.min(delay, retryMaxDelay)
}
