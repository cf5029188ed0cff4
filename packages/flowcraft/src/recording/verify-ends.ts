import type { EventOf } from '../events/event.ts'
import { isIdle } from '../scheduler/frontier.ts'
import { toSkip } from '../scheduler/decide.ts'
import { parkFact } from '../scheduler/park.ts'
import { startSummary } from './verify-starts.ts'
import { divergenceAt } from './verify-text.ts'
import { nothing, summaryOf, type VerificationDivergence, type DecisionSummary, type OneOf } from './verification.ts'
import type { Walk } from './walk.ts'

/** Whether the plan would park here, or has more to do of what the recording knows nothing of. */
export function checkPark(
  walk: Walk,
  event: OneOf<'workflow:stall' | 'workflow:pause'>,
): VerificationDivergence | undefined {
  // Somebody asked for it.
  if (event.payload.waiting.some(({ reason }) => reason === 'user_pause')) return undefined
  const divergence = checkRest(walk, event, 'parked')
  if (divergence !== undefined || !isIdle(walk.frontier)) return divergence
  if (parkFact(walk.frontier, walk.state) !== undefined) return undefined
  const status = walk.state.errors.size > 0 ? 'failed' : 'completed'
  const reason = 'The recorded run parked here, and by the blueprint nothing would be left to do'
  return divergenceAt(event, { actual: { type: 'workflow:finish', status }, reason })
}

/** Whether the plan would end here, or has more to do of what the recording knows nothing of. */
export function checkEnd(walk: Walk, event: EventOf<'workflow:finish'>): VerificationDivergence | undefined {
  const { frontier, state } = walk
  const { status, errors = [] } = event.payload
  if (status === 'cancelled' || walk.isEnding) return undefined
  // It had as many executions as it may have.
  if (errors.some(({ nodeId }) => nodeId === undefined)) return undefined
  const divergence = checkRest(walk, event, 'ended')
  if (divergence !== undefined || !isIdle(frontier)) return divergence
  const park = parkFact(frontier, state)
  if (park === undefined) return undefined
  const [waiting] = park.type === 'workflow:pause' || park.type === 'workflow:stall' ? park.payload.waiting : []
  const reason = 'The recorded run ended here, and by the blueprint it would park'
  return divergenceAt(event, { actual: summaryOf(park), reason, nodeId: waiting?.nodeId })
}

/** What of the nodes that the recording tells of would still be done. */
function checkRest(
  walk: Walk,
  event: OneOf<'workflow:stall' | 'workflow:pause' | 'workflow:finish'>,
  what: string,
): VerificationDivergence | undefined {
  const { frontier, state } = walk
  const isKnown = (place: number): boolean => walk.isMentioned(place) && !walk.isAbsent(place)
  const would = (place: number, verb: string, actual: DecisionSummary): VerificationDivergence => {
    const nodeId = walk.nodeAt(place).id
    const reason = `The recorded run ${what} here, and the blueprint would ${verb} node '${nodeId}'`
    return divergenceAt(event, { actual, reason, nodeId })
  }
  const skipped = frontier.skips.members().find(isKnown)
  if (skipped !== undefined) return would(skipped, 'skip', summaryOf(toSkip(frontier, state, skipped)))
  const ready = frontier.ready.members().find(isKnown)
  if (ready !== undefined) return would(ready, 'start', startSummary(walk, ready))
  const open = frontier.engine.first()
  return open === undefined ? undefined : would(open, 'go on with', nothing)
}
