import type { EventOf, Fact, FlowcraftEvent } from '../events/event.ts'
import { endBackOff } from '../scheduler/advance.ts'
import type { Decision } from '../scheduler/decision.ts'
import { factOfAnswer, factsOfOutcome, type StandIns } from './deliver.ts'
import { factOf, use, type Entry, type Script } from './script.ts'
import type { Stage } from './stage.ts'

/**
 * What comes next in a run that has gone as the recorded one so far, in which `event` came next; `undefined` where that
 * cannot come. What held nodes back there does so here: turns, a pause, a delay, a process that was gone.
 */
export function followed(
  event: FlowcraftEvent,
  stage: Stage,
  script: Script,
  standIns: StandIns,
): readonly Fact[] | undefined {
  const entry = script.entryAt.get(event.seq)
  switch (event.type) {
    case 'workflow:cancel':
    case 'workflow:fork':
      return [factOf(event)]
    case 'workflow:resume':
      return resumption(event, entry, stage, standIns)
    case 'node:start':
      return consequence(stage) ?? start(event.payload.nodeId, stage)
    case 'workflow:pause':
      return consequence(stage) ?? factsOf(stage, stage.decide({ isPausing: true }))
    case 'workflow:finish':
      return consequence(stage) ?? exhausted(stage)
    case 'context:change':
      return consequence(stage) ?? outcome(entry, stage, standIns) ?? copied(event, event.payload.sourceNode, stage)
    case 'node:error':
      return consequence(stage) ?? outcome(entry, stage, standIns) ?? failure(event, entry, stage)
    default:
      return consequence(stage) ?? outcome(entry, stage, standIns)
  }
}

/** What follows by itself, without anything that starts. */
function consequence(stage: Stage): readonly Fact[] | undefined {
  return factsOf(stage, stage.decide(nothingStarts))
}

const nothingStarts = Object.freeze({ limits: Object.freeze({ concurrency: 0, maxIterations: 0 }) })

function factsOf(stage: Stage, decision: Decision): readonly Fact[] | undefined {
  return decision.kind === 'wait' ? undefined : stage.factsOf(decision)
}

/** Somebody let the run or a node go on, or took the run over, whatever else was going on. */
function resumption(
  event: EventOf<'workflow:resume'>,
  entry: Entry | undefined,
  stage: Stage,
  standIns: StandIns,
): readonly Fact[] | undefined {
  const { nodeId } = event.payload
  if (nodeId === undefined) return [factOf(event)]
  const index = stage.indexOf(nodeId)
  if (index === undefined || stage.frontier.waiting?.has(index) !== true) return undefined
  if (entry?.kind !== 'answered') return [factOf(event)]
  use(entry)
  return [factOfAnswer(entry, standIns)]
}

function start(nodeId: string, stage: Stage): readonly Fact[] | undefined {
  const index = stage.indexOf(nodeId)
  if (index === undefined) return undefined
  const { frontier } = stage
  endBackOff(frontier, index)
  givePlace(stage, index)
  if (!frontier.ready.has(index)) return undefined
  return factsOf(stage, startOnly(stage, index))
}

function startOnly(stage: Stage, index: number): Decision {
  const limits = { ...stage.limits, concurrency: Infinity }
  return stage.decide({ limits, mayStart: (node) => node === index })
}

/** When the delay before its attempt was over is not recorded: a worker may have had its place before others. */
function givePlace({ frontier }: Stage, index: number): void {
  const { worker } = frontier.plan.nodes[index]!
  const batch = worker && frontier.batches?.get(worker.scatter)
  if (batch === undefined || !batch.queue.has(index)) return
  batch.queue.remove(index)
  batch.active += 1
  frontier.ready.add(index)
}

function exhausted(stage: Stage): readonly Fact[] | undefined {
  if (stage.frontier.executions < stage.limits.maxIterations) return undefined
  return stage.factsOf({ kind: 'exhausted' })
}

function outcome(entry: Entry | undefined, stage: Stage, standIns: StandIns): readonly Fact[] | undefined {
  if (entry?.kind !== 'ended') return undefined
  const index = stage.indexOf(entry.nodeId)
  if (index === undefined || !stage.isRunning(index)) return undefined
  if (stage.at(index).state?.iteration !== entry.iteration) return undefined
  use(entry)
  return factsOfOutcome(stage, index, entry, standIns)
}

/** A node that crashed too often, or did not start because a transform failed. */
function failure(event: EventOf<'node:error'>, entry: Entry | undefined, stage: Stage): readonly Fact[] | undefined {
  if (entry !== undefined) return copied(event, event.payload.nodeId, stage)
  const index = stage.indexOf(event.payload.nodeId)
  return index === undefined ? undefined : factsOf(stage, startOnly(stage, index))
}

/** What nobody knows more of than the log. */
function copied(event: FlowcraftEvent, nodeId: string, stage: Stage): readonly Fact[] | undefined {
  return stage.indexOf(nodeId) === undefined ? undefined : [factOf(event)]
}
