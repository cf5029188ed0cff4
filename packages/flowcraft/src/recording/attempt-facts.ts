import type { AttemptFacts } from './explanation.ts'
import type { Visit } from './visits.ts'

type Draft = { -readonly [K in keyof AttemptFacts]: AttemptFacts[K] }

/** The attempts of a visit. `cancelled` is the event that ended the run while the last of them was open. */
export function attemptsIn(
  { events }: Visit,
  cancelled: { readonly seq: number; readonly timestamp: number } | undefined,
): AttemptFacts[] {
  const attempts: Draft[] = []
  for (const { seq, timestamp, type, payload } of events) {
    const last = attempts.at(-1)
    const open = last?.outcome === 'running' || last?.outcome === 'waiting' ? last : undefined
    switch (type) {
      case 'node:start':
        if (open?.outcome === 'running') open.outcome = 'cut-off'
        attempts.push({ ...begun, attempt: payload.attempt, seq, startedAt: timestamp })
        break
      case 'node:finish':
        if (open !== undefined) Object.assign(open, { outcome: 'completed', endSeq: seq, endedAt: timestamp })
        break
      case 'node:wait':
        if (open !== undefined) Object.assign(open, { outcome: 'waiting', endSeq: seq, endedAt: timestamp })
        break
      case 'node:retry':
      case 'node:error': {
        const { attempt, error } = payload
        const ending = { outcome: 'failed', endSeq: seq, endedAt: timestamp, error } as const
        const delay = type === 'node:retry' ? payload.delayMs : undefined
        if (open !== undefined) Object.assign(open, ending, { retryDelayMs: delay })
        // A transform failed before the node could start.
        else attempts.push({ ...begun, attempt, seq, ...ending, retryDelayMs: delay })
        break
      }
      default:
    }
  }
  const last = attempts.at(-1)
  if (cancelled !== undefined && (last?.outcome === 'running' || last?.outcome === 'waiting')) {
    Object.assign(last, { outcome: 'cancelled', endSeq: cancelled.seq, endedAt: cancelled.timestamp })
  }
  return attempts
}

const begun: Omit<AttemptFacts, 'attempt' | 'seq'> = {
  startedAt: undefined,
  outcome: 'running',
  endSeq: undefined,
  endedAt: undefined,
  error: undefined,
  retryDelayMs: undefined,
}
