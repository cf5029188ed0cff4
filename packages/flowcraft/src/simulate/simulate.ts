import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { WorkflowResult } from '../blueprint/flow-runner.ts'
import { isPlan, planOf, type Plan } from '../blueprint/plan.ts'
import { HistoryCorruptError } from '../errors.ts'
import type { EventOf, FlowcraftEvent, RecordedRunOptions, RunStatus } from '../events/event.ts'
import { JsonSerializer } from '../extensions/serializer.ts'
import { diffRecordings, type RecordingDiff } from '../recording/diff.ts'
import { recordingFrom } from '../recording/open.ts'
import type { Recording } from '../recording/recording.ts'
import { giverOf, serializerOf, valuesOf } from '../runtime/values.ts'
import { hasTurned } from '../scheduler/past-frontier.ts'
import { fold } from '../state/fold.ts'
import { LazyResult } from '../state/result.ts'
import type { RunState } from '../state/run-state.ts'
import { simulationDivergence, type SimulationDivergence } from './simulation-divergence.ts'
import { executorOf } from './execute-missing.ts'
import { requireRecording, settle, type SettledOptions, type SimulateOptions } from './options.ts'
import { Original } from './original.ts'
import { Script } from './script.ts'
import { maxAttemptsIn, SimulatedRun } from './simulated-run.ts'
import { Stage } from './stage.ts'

/** What a run would have been under another blueprint. */
export interface Simulation {
  /** What the run would have given. Its status is `'running'` where the recorded run was cut off and has nothing more to say. */
  readonly result: SimulationResult
  /** Of the simulated run, in memory only; under the id of the recorded one, whose subflows' runs stand in for its own. */
  readonly recording: Recording
  /** In what the simulated run (`b`) differs from the recorded one (`a`). Made when it is first read. */
  readonly diff: RecordingDiff
  /**
   * The first decision that is another one: the edge that is taken or not, the node that starts or does not; absent when
   * every decision is the same. Made when it is first read.
   */
  readonly divergence: SimulationDivergence | undefined
  /** Ids of nodes that ran or waited in the simulation, and of whose run nothing is recorded, in that order. */
  readonly missing: readonly string[]
}

/** What a simulated run gives. `context` and `serializedContext` are made when they are first read. */
export interface SimulationResult extends Omit<WorkflowResult, 'status'> {
  readonly status: RunStatus
}

/**
 * What a recorded run would have been under `blueprint`: its decisions are taken anew, and what nodes did is what they did
 * then, in the same order. Nothing is executed, stored or sent, and no time passes; only `onMissing: 'run'` executes nodes.
 * Linear in the events.
 * @throws BLUEPRINT_INVALID for a blueprint that cannot run; INPUT_INVALID for what is no recording, or a bad option;
 * HISTORY_CORRUPT for a recording without a start; SERIALIZATION_FAILED for an output that cannot be recorded.
 */
export async function simulate(
  blueprint: WorkflowBlueprint,
  recording: Recording,
  options: SimulateOptions = {},
): Promise<Simulation> {
  return await simulateWith(settle(blueprint, options), recording)
}

/** How many node executions a simulated run may have: a change may have made a loop endless. */
function enoughFor(events: readonly FlowcraftEvent[], { maxIterations }: RecordedRunOptions): number {
  const recorded = events.filter(({ type, payload }) => type === 'node:start' && payload.attempt === 1).length
  return Math.min(maxIterations, 1000 + 10 * recorded)
}

/** The same with options that have been looked at. */
export async function simulateWith(settled: SettledOptions, recording: Recording): Promise<Simulation> {
  requireRecording(recording)
  const { events, executionId } = recording
  const start = requireStart(events[0], executionId)
  const end = fold(events)
  const { prepared, blueprint, blueprintHash, valueTypes, maxIterations } = settled
  const stage = new Stage({
    prepared,
    executionId,
    evaluator: settled.evaluator,
    limits: { ...start.payload.options, maxIterations: maxIterations ?? enoughFor(events, start.payload.options) },
    values: valuesOf({
      isolation: 'clone',
      isRecorded: true,
      executionId,
      blueprintId: blueprint.id,
      valueTypes,
      warned: new WeakSet(),
      onWarning() {},
    }),
  })
  const recorded = planOfRecording(recording)
  const hasOneBlueprint = start.payload.blueprintHash === end.blueprintHash
  const run = new SimulatedRun({
    stage,
    events,
    script: new Script(events, startNodesOf(recorded ?? prepared.plan)),
    end,
    standIns: { outputs: settled.outputs, maxAttemptsOf: maxAttemptsIn(recorded, end) },
    onMissing: settled.onMissing,
    blueprint,
    blueprintHash,
    isRecordedBlueprint: hasOneBlueprint && end.blueprintHash === blueprintHash,
    original:
      hasOneBlueprint && recorded !== undefined && !hasTurned(events) ? new Original(recorded, events) : undefined,
    execute: executorOf(stage, settled),
  })
  await run.play(start)
  return new LazySimulation(recording, recordingFrom(stage.events, { executionId }), [...run.missing], settled)
}

class LazySimulation implements Simulation {
  readonly result: SimulationResult
  readonly recording: Recording
  readonly missing: readonly string[]
  readonly #original: Recording
  #diff: RecordingDiff | undefined
  #divergence: { readonly found: SimulationDivergence | undefined } | undefined

  constructor(original: Recording, recording: Recording, missing: readonly string[], { valueTypes }: SettledOptions) {
    this.#original = original
    this.recording = recording
    this.missing = missing
    const state: RunState = fold(recording.events)
    const serializer = serializerOf(new JsonSerializer(), valueTypes)
    const { status } = state
    const rest = { status, executionId: recording.executionId }
    // The state of a run has its execution id, and so has its context.
    this.result = new LazyResult(
      state,
      giverOf(valueTypes),
      (context) => serializer.serialize(context),
      rest,
    ) as unknown as SimulationResult
  }

  get diff(): RecordingDiff {
    this.#diff ??= diffRecordings(this.#original, this.recording)
    return this.#diff
  }

  get divergence(): SimulationDivergence | undefined {
    this.#divergence ??= { found: simulationDivergence(this.#original.events, this.recording.events) }
    return this.#divergence.found
  }
}

function planOfRecording({ blueprint }: Recording): Plan | undefined {
  const plan = blueprint && planOf(blueprint)
  return plan && isPlan(plan) ? plan : undefined
}

function startNodesOf({ startNodes, nodes }: Plan): ReadonlySet<string> {
  return new Set(startNodes.map((node) => nodes[node]!.id))
}

function requireStart(event: FlowcraftEvent | undefined, executionId: string): EventOf<'workflow:start'> {
  if (event?.type === 'workflow:start') return event
  const found = event === undefined ? 'has no events' : `begins with '${event.type}'`
  throw new HistoryCorruptError(
    `The recording of execution '${executionId}' ${found}; to be simulated it needs its 'workflow:start'`,
    { executionId },
  )
}
