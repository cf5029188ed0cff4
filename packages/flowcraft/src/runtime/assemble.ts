import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { WorkflowResult } from '../blueprint/flow-runner.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import { FlowcraftError } from '../errors.ts'
import type { EventPayloads, Fact } from '../events/event.ts'
import type { StartFact } from '../scheduler/decision.ts'
import { fold } from '../state/fold.ts'
import { LazyResult } from '../state/result.ts'
import { begin, recordingOf, type BlueprintRecording } from './blueprint-recording.ts'
import type { LaunchOptions } from './launch-options.ts'
import { paramsOf } from './node-params.ts'
import { openOutbox, type Outbox } from './outbox.ts'
import { prepareChild, type PreparedPlan, type Surroundings } from './prepare.ts'
import { Run } from './run.ts'
import type { Past } from './run-options.ts'
import { runToText } from './run-text.ts'
import { storeOf } from './store-of.ts'
import { childBeginning, deepestSubflow } from './subflow.ts'
import { valuesOf, type Values } from './values.ts'

/** What tells one run of a runtime from another. */
export interface RunParts {
  readonly prepared: PreparedPlan
  readonly executionId: string
  readonly values: Values
  /** How many runs it is nested in, itself included. */
  readonly depth: number
  readonly byTurns: boolean
  /** A random id of this incarnation of the run's whole family. */
  readonly writer: string
  /** Default one on the runtime's event bus. */
  readonly outbox?: Outbox | undefined
  readonly beginning: Beginning
  readonly past?: Past | undefined
  /** What is recorded with the start. */
  readonly facts?: readonly Fact[] | undefined
}

/** What the start of a run records besides its blueprint. */
export type Beginning = Pick<
  EventPayloads['workflow:start'],
  'initialContext' | 'input' | 'options' | 'parent' | 'tags'
>

/** A run that has not begun. */
export interface Assembled {
  readonly run: Run
  readonly recording: BlueprintRecording | undefined
}

/** Puts a run together of what its runtime has and what is its own. @throws BLUEPRINT_INVALID for what is not plain data. */
export function assemble(runtime: LaunchOptions, surroundings: Surroundings, parts: RunParts): Assembled {
  const { eventBus, evaluator, clock, runs } = runtime
  const { prepared, executionId, values, byTurns, beginning, past } = parts
  const { plan, implementationOf, hasImplementation } = prepared
  const { blueprint } = plan
  const recording = eventBus === undefined ? undefined : recordingOf(eventBus, blueprint)
  const run: Run = new Run({
    plan,
    executionId,
    values,
    evaluator,
    clock,
    dependencies: runtime.dependencies,
    getBlueprint: surroundings.blueprintOf,
    logger: runtime.logger,
    middleware: runtime.middleware,
    implementationOf,
    hasImplementation,
    paramsOf,
    outbox: parts.outbox ?? (eventBus && openOutbox(eventBus, executionId, parts.writer)),
    isAlone: () => runs.liveCount <= 1,
    maxRecoveries: runtime.maxRecoveries,
    start: {
      ...(blueprint.metadata?.version !== undefined && { blueprintVersion: blueprint.metadata.version }),
      blueprintHash: recording?.hash ?? '',
      ...(recording?.embedded && { blueprint: recording.embedded }),
      ...beginning,
    },
    past,
    facts: parts.facts ?? [],
    toResult: (status) => toResult(runtime, run, values, status),
    byTurns,
    startChild: (node, start) => startChild(runtime, surroundings, parts, run, { node, start }),
    onMove: (to) => runs.move(run, to),
  })
  return { run, recording }
}

function toResult(
  { eventBus, serializer }: LaunchOptions,
  run: Run,
  values: Values,
  status: WorkflowResult['status'],
): WorkflowResult {
  // A run that goes on changes its state; a result does not.
  const isParked = status === 'stalled' || status === 'awaiting'
  const state = isParked ? fold([], run.state) : run.state
  const text = run.isParked && storeOf(eventBus) === undefined ? runToText(run) : undefined
  const serialize = (context: Record<string, unknown>): string =>
    serializer.serialize(text === undefined ? context : { ...context, _run: text() })
  const { executionId } = run
  // The state of a run has its execution id, and so has its context.
  return new LazyResult(state, values.give, serialize, { status, executionId }) as unknown as WorkflowResult
}

/** The way of a run with values. */
export function valuesFor(runtime: LaunchOptions, { id }: Pick<WorkflowBlueprint, 'id'>, executionId: string): Values {
  return valuesOf({
    isolation: runtime.isolation,
    isRecorded: runtime.eventBus !== undefined,
    executionId,
    blueprintId: id,
    valueTypes: runtime.valueTypes,
    warned: runtime.warned,
    onWarning: (message) => runtime.logger.warn(message),
  })
}

/** Where a run of this runtime finds code and blueprints. */
export function surroundingsOf(runtime: LaunchOptions, given: NodeRegistry | undefined): Surroundings {
  const { flowRegistry, registry, evaluator, blueprints } = runtime
  return {
    registries: given === undefined ? [flowRegistry, registry] : [flowRegistry, registry, given],
    evaluator,
    blueprintOf: (id) => blueprints.get(id),
  }
}

function startChild(
  runtime: LaunchOptions,
  surroundings: Surroundings,
  { depth, beginning, executionId: root, writer }: RunParts,
  parent: Run,
  { node, start }: { readonly node: PlanNode; readonly start: StartFact },
): Run {
  const { childExecutionId, input, iteration } = start.payload
  // Only what has one is started in this way.
  const executionId = childExecutionId!
  const where = { nodeId: node.id, executionId: root }
  if (depth >= deepestSubflow) {
    throw new FlowcraftError(
      `Subflow '${node.id}' (execution '${root}') would be run ${depth + 1} of runs nested in each other; at most ${deepestSubflow} may be`,
      { ...where, code: 'SUBFLOW_TOO_DEEP' },
    )
  }
  const blueprintId = String(node.definition.params?.['blueprintId'])
  const blueprint = surroundings.blueprintOf(blueprintId)
  if (blueprint === undefined) {
    throw new FlowcraftError(
      `Subflow '${node.id}' (execution '${root}') runs blueprint '${blueprintId}', which the runtime does not know; give it in 'blueprints' or 'flows'`,
      { ...where, code: 'BLUEPRINT_INVALID' },
    )
  }
  const { concurrency, maxIterations, strict } = beginning.options
  const values = valuesFor(runtime, blueprint, executionId)
  const child = assemble(runtime, surroundings, {
    prepared: prepareChild(blueprint, surroundings),
    executionId,
    values,
    depth: depth + 1,
    byTurns: false,
    writer,
    beginning: {
      ...childBeginning(node, parent.state, input, values),
      options: Object.freeze({ concurrency, maxIterations, strict }),
      parent: Object.freeze({ executionId: root, nodeId: node.id, iteration }),
    },
  })
  runtime.runs.enter(child.run, parent)
  begin(child.run, child.recording).catch(() => {})
  return child.run
}
