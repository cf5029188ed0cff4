import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { isBuiltInKind } from '../blueprint/built-in.ts'
import { isPlan, planOf, type Plan } from '../blueprint/plan.ts'
import { named, shown } from '../blueprint/shown.ts'
import { findShapeFaults } from '../blueprint/validate.ts'
import { BlueprintError, FlowcraftError } from '../errors.ts'
import type { EventOf, FlowcraftEvent } from '../events/event.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'
import { recordingFrom } from './open.ts'
import { RecordedPlan } from './recorded-plan.ts'
import { checkEnd, checkPark } from './verify-ends.ts'
import * as outcomes from './verify-outcomes.ts'
import { settle } from './verify-routes.ts'
import { checkSkip, checkStart } from './verify-starts.ts'
import { divergenceAt } from './verify-text.ts'
import type { VerificationDivergence, Verification } from './verification.ts'
import { atPlace, Walk } from './walk.ts'

/** How a recording is verified. */
export interface VerifyOptions {
  /** Reads conditions and transforms that are not those of the recorded run. Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined
  /** Kinds of the engine's own, as `'wait'`, that the runtime has an implementation for. Default none. */
  readonly overridden?: readonly string[] | undefined
}

/** What of a run is verified: a `Recording` has all of it. */
export interface RecordedRun {
  /** In order. */
  readonly events: readonly FlowcraftEvent[]
  /** Of the run as it was at the end, if it is known. */
  readonly blueprint?: WorkflowBlueprint | undefined
}

/**
 * Whether a blueprint would take the decisions that a recording holds: which nodes start and with what input, which edges
 * are taken and what they deliver, who is skipped, tried again or replaced, how loops and batches go on, when the run parks
 * and ends. The first one that it would not take is told, with its node or edge.
 *
 * What comes from outside is taken as it is: what nodes finish with, write and throw, what they create, answers, pauses,
 * cancellation, crashes, forks. So are times and numbers of slots: delays, timeouts, `concurrency`. Nor does it matter
 * what code a node `uses`, as long as the engine's own kinds stay what they are. Another order of what is independent, in
 * the blueprint or in the recording, is no divergence; neither is what the recorded run does not know and nothing in it
 * depends on: a node that comes last, another branch. An edge that was not taken and a node that was skipped may go.
 * The runs of subflows are recordings of their own. Linear in the events.
 * @param recording A recording; or the events of one run, in any order; or these in order, and what blueprint the run was
 * one of. Where that is not known, less can be compared: not what a subflow runs, nor how often what failed was to be tried.
 * @throws BLUEPRINT_INVALID for a blueprint that cannot run; INPUT_INVALID for what holds no events; what `recordingFrom`
 * throws.
 */
export function verifyRecording(
  blueprint: WorkflowBlueprint,
  recording: RecordedRun | Iterable<FlowcraftEvent>,
  { evaluator = new ExpressionEvaluator(), overridden = [] }: VerifyOptions = {},
): Verification {
  requireBlueprint(blueprint)
  const plan = planOf(blueprint, overridden.filter(isBuiltInKind))
  if (!isPlan(plan)) throw new BlueprintError(blueprint.id, plan)
  return verifyEvents(plan, runOf(recording), evaluator)
}

function requireBlueprint(blueprint: unknown): void {
  const misshapen = findShapeFaults(blueprint)
  if (misshapen.length === 0) return
  const { id, toBlueprint } = Object(blueprint) as Record<string, unknown>
  const isFlow = typeof toBlueprint === 'function'
  throw new BlueprintError(
    named(id),
    isFlow ? ['it is a flow; its blueprint is what its toBlueprint() gives'] : misshapen,
  )
}

function runOf(recording: RecordedRun | Iterable<FlowcraftEvent>): RecordedRun {
  const given: unknown = recording
  const isObject = typeof given === 'object' && given !== null
  if (isObject && !('events' in given) && Symbol.iterator in given)
    return recordingFrom(recording as Iterable<FlowcraftEvent>)
  if (isObject && 'events' in given && Array.isArray(given.events)) return recording as RecordedRun
  throw new FlowcraftError(
    `A blueprint is verified with a recording, the events of a run, or an object with 'events'; found ${shown(given)}`,
    { code: 'INPUT_INVALID' },
  )
}

function verifyEvents(plan: Plan, { events, blueprint }: RecordedRun, evaluator: IEvaluator): Verification {
  const recorded = new RecordedPlan(plan.blueprint, events, blueprint)
  const walk = new Walk({ plan, events, recorded, evaluator })
  for (const [at, event] of events.entries()) {
    walk.moveTo(at, event)
    const kept = walk.events[at]
    if (kept === undefined) {
      walk.pass(event)
      continue
    }
    const divergence = check(walk, kept)
    if (divergence !== undefined) return { ok: false, divergence }
    const taken = inPlan(walk, kept)
    if (taken !== undefined) walk.take(taken, event)
  }
  return { ok: true }
}

function check(walk: Walk, event: FlowcraftEvent): VerificationDivergence | undefined {
  switch (event.type) {
    case 'workflow:start':
    case 'workflow:resume':
    case 'workflow:fork':
    case 'workflow:cancel':
      return undefined
    default:
      // Of what ends there, nothing follows any more.
      if (walk.isEnding) return checkDecision(walk, event)
      return checkCalls(walk, event) ?? settle(walk) ?? checkDecision(walk, event)
  }
}

/** A node that failed has its fallback called before anything else. */
function checkCalls(walk: Walk, event: FlowcraftEvent): VerificationDivergence | undefined {
  const failing = walk.frontier.failing.first()
  if (failing === undefined || event.type === 'node:fallback') return undefined
  const { id, definition } = walk.nodeAt(failing)
  const fallback = String(definition.config?.fallback)
  const reason = `Node '${id}' failed without a fallback, and by the blueprint it has '${fallback}'`
  return divergenceAt(event, { actual: { type: 'node:fallback', nodeId: id, fallback }, reason, nodeId: id })
}

function checkDecision(walk: Walk, event: FlowcraftEvent): VerificationDivergence | undefined {
  switch (event.type) {
    case 'node:start':
      return checkStart(walk, event)
    case 'node:finish':
      return outcomes.checkFinish(walk, event)
    case 'node:error':
      return outcomes.checkError(walk, event)
    case 'node:retry':
      return outcomes.checkRetry(walk, event)
    case 'node:wait':
      return outcomes.checkWait(walk, event)
    case 'node:fallback':
      return outcomes.checkFallback(walk, event)
    case 'node:skipped':
      return checkSkip(walk, event)
    case 'edge:evaluate':
      return checkEdge(walk, event)
    case 'batch:start':
    case 'batch:finish':
      return outcomes.checkBatch(walk, event)
    case 'context:change':
      return outcomes.checkWrite(walk, event)
    case 'workflow:stall':
    case 'workflow:pause':
      return checkPark(walk, event)
    case 'workflow:finish':
      return checkEnd(walk, event)
    default:
      return undefined
  }
}

/** What edges come to is looked at when their node finishes: what is left are those that nothing would be decided about. */
function checkEdge(walk: Walk, event: EventOf<'edge:evaluate'>): VerificationDivergence | undefined {
  const { source, target, result } = event.payload
  const place = walk.recorded.placeOf(walk.frontier.plan, event.payload)
  if (place < 0 && !result) return undefined
  if (place >= 0 && walk.frontier.decided[place] === true) {
    if (walk.state.edges.get(place)?.taken === result) return undefined
  } else if (place >= 0 && walk.frontier.routing.has(walk.frontier.plan.edges[place]!.source)) return undefined
  const reason =
    place < 0
      ? `The recorded run took edge '${source}' → '${target}', and the blueprint has no such edge`
      : `Edge '${source}' → '${target}' was decided here, and by the blueprint it would not be`
  return divergenceAt(event, { actual: { type: 'nothing' }, reason, nodeId: source, edge: { source, target } })
}

/** An event as one of the plan; `undefined` for what is nothing there. */
function inPlan(walk: Walk, event: FlowcraftEvent): FlowcraftEvent | undefined {
  switch (event.type) {
    case 'edge:evaluate': {
      const place = walk.recorded.placeOf(walk.frontier.plan, event.payload)
      return place < 0 || walk.frontier.decided[place] === true ? undefined : atPlace(event, place)
    }
    case 'node:skipped': {
      const place = walk.placeOf(event.payload.nodeId)
      return place === undefined || !walk.frontier.skips.has(place) ? undefined : event
    }
    case 'node:finish':
      if (event.payload.result.dynamicNodes !== undefined) walk.recorded.create(event.payload.result.dynamicNodes)
      return event
    default:
      return event
  }
}
