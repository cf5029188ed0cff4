import type { WorkflowError } from '../errors.ts'
import type { EdgeReason } from '../events/event.ts'
import type { AttemptFacts, Because, Explanation } from './explanation.ts'

/** An explanation in one sentence. */
export function sentenceOf(explained: Omit<Explanation, 'sentence'>): string {
  const { nodeId, iteration, outcome } = explained
  const subject = iteration === undefined || iteration === 0 ? `'${nodeId}'` : `'${nodeId}', in iteration ${iteration},`
  if (outcome === 'skipped') return `${subject} was skipped: ${listed(explained.because.flatMap(skipPhrase))}.`
  if (outcome === 'pending' && explained.attempts.length === 0) return pendingSentence(subject, explained)
  const causes = explained.because.flatMap(causePhrase)
  const why = causes.length === 0 ? 'ran' : `ran because ${listed(causes)}`
  return `${subject} ${why}, and ${endPhrase(explained)}.`
}

function pendingSentence(subject: string, { because }: Omit<Explanation, 'sentence'>): string {
  const reasons = because.flatMap((fact) => {
    const phrase = pendingPhrase(fact)
    return phrase === undefined ? [] : [phrase]
  })
  if (reasons.length === 0) return `${subject} has not come up yet.`
  return `${subject} has not come up: ${listed(reasons)}.`
}

function causePhrase(fact: Because): string[] {
  switch (fact.kind) {
    case 'start-node':
      return ['the run begins there']
    case 'edge-taken':
      return [edgePhrase(fact)]
    case 'edge-not-taken':
      return [`nothing else ends the turn of its loop: ${edgePhrase(fact)}`]
    case 'upstream-skipped':
      return [`nothing else ends the turn of its loop: '${fact.nodeId}' was skipped (event ${fact.seq})`]
    case 'next-turn':
      return [`the edge from '${fact.source}' began the next turn of its loop (event ${fact.seq})`]
    case 'fallback-for':
      return [`it stands in for '${fact.nodeId}', which failed (event ${fact.seq})`]
    case 'created':
      return [`'${fact.by}' created it (event ${fact.seq})`]
    case 'worker':
      return [`it is a worker of the batch '${fact.batchId}' (event ${fact.seq})`]
    default:
      return []
  }
}

function edgePhrase(fact: Extract<Because, { kind: 'edge-taken' | 'edge-not-taken' }>): string {
  if (fact.kind === 'edge-taken') return `the edge from '${fact.source}' was taken (event ${fact.seq})`
  return `the edge from '${fact.source}' was not taken, for ${reasonPhrase[fact.reason]} (event ${fact.seq})`
}

const reasonPhrase: Readonly<Record<EdgeReason, string>> = {
  'action-mismatch': 'the action was another one',
  'condition-false': 'its condition did not hold',
  'condition-error': 'its condition threw',
  'default-not-needed': 'an edge of the action was taken',
}

function skipPhrase(fact: Because): string[] {
  switch (fact.kind) {
    case 'edge-not-taken':
      return [edgePhrase(fact)]
    case 'upstream-skipped':
      return [`'${fact.nodeId}' was skipped (event ${fact.seq})`]
    case 'upstream-failed':
      return [`'${fact.nodeId}' failed with ${errorPhrase(fact.error)} (event ${fact.seq})`]
    case 'fallback-not-called':
      return [`no node needed it as a fallback`]
    case 'skipped':
      if (fact.reason === 'upstream-failed') return [`what leads to it failed (event ${fact.seq})`]
      if (fact.reason === 'not-chosen') return [`nothing that leads to it was chosen (event ${fact.seq})`]
      return []
    default:
      return []
  }
}

function pendingPhrase(fact: Because): string | undefined {
  switch (fact.kind) {
    case 'edge-open':
      return `nothing is decided about the edge from '${fact.source}' (${fact.sourceStatus})`
    case 'edge-taken':
    case 'edge-not-taken':
      return edgePhrase(fact)
    case 'ready':
      return 'nothing keeps it from starting, but it had not started by then'
    case 'fallback-not-called':
      return `no failure of ${listed(fact.for.map((id) => `'${id}'`))} called for it`
    case 'targets':
      return `the run was to go no further than ${listed(fact.targets.map((id) => `'${id}'`))}`
    case 'stuck':
      return `it cannot start (${oneLine(fact.reason)})`
    case 'parked':
      return `the run is ${fact.status} (event ${fact.seq})`
    case 'run-cancelled':
      return `the run was cancelled (event ${fact.seq})`
    case 'run-ended':
      return endedPhrase(fact)
    case 'created':
      return `'${fact.by}' created it (event ${fact.seq})`
    case 'worker':
      return `it is a worker of the batch '${fact.batchId}' (event ${fact.seq})`
    default:
      return undefined
  }
}

function endPhrase({ outcome, because, attempts }: Omit<Explanation, 'sentence'>): string {
  const last = attempts.at(-1)
  const count = attempts.length === 1 ? 'at the first attempt' : `after ${attempts.length} attempts`
  const replaced = because.findLast((fact) => fact.kind === 'replaced-by')
  const event = last?.endSeq === undefined ? '' : ` (event ${last.endSeq})`
  switch (outcome) {
    case 'completed':
      if (last?.outcome !== 'failed') return `completed ${count}${event}`
      return `failed ${count}${event}, but its fallback '${replaced?.fallback ?? ''}' completed in its place`
    case 'failed': {
      const failed = `failed ${count} with ${errorPhrase(last?.error)}${event}`
      return replaced === undefined ? failed : `${failed}, and '${replaced.fallback}' was called in its place`
    }
    case 'waiting':
      return waitPhrase(because.findLast((fact) => fact.kind === 'waits'))
    case 'cancelled': {
      const ended = because.findLast((fact) => fact.kind === 'run-ended')
      return `was cut short when the run ended${ended === undefined ? '' : ` as ${ended.status} (event ${ended.seq})`}`
    }
    default:
      return runningPhrase(last)
  }
}

function runningPhrase(last: AttemptFacts | undefined): string {
  if (last?.outcome !== 'failed') return `has no outcome yet: it is running, or was cut off`
  const delay = last.retryDelayMs === undefined ? '' : ` ${last.retryDelayMs} ms later`
  return `failed attempt ${last.attempt} with ${errorPhrase(last.error)} (event ${last.endSeq}), another one is due${delay}`
}

function waitPhrase(wait: Extract<Because, { kind: 'waits' }> | undefined): string {
  if (wait === undefined) return 'waits'
  const what = wait.reason === 'timer' ? 'its time' : wait.event === undefined ? 'an answer' : `'${wait.event}'`
  return `waits for ${what}${wait.wakeUpAt === undefined ? '' : `, until ${timeText(wait.wakeUpAt)}`} (event ${wait.seq})`
}

function endedPhrase({ status, error, seq }: Extract<Because, { kind: 'run-ended' }>): string {
  const why = error === undefined ? '' : ` with ${errorPhrase(error)}`
  return `the run ended before as ${status}${why} (event ${seq})`
}

function timeText(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time)
}

/** What a failure says: its cause is more telling than the words that the engine puts round it. */
function errorPhrase(error: WorkflowError | undefined): string {
  return error === undefined ? 'an error' : `"${oneLine(error.cause?.message ?? error.message)}"`
}

function oneLine(text: string): string {
  const line = String(text).replaceAll(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

function listed(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? 'of nothing that is recorded'
  const shown = parts.length > 6 ? [...parts.slice(0, 5), `${parts.length - 5} more facts`] : parts
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
