import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { isBuiltInKind } from '../blueprint/built-in.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import type { NodeImplementation, NodeRegistry } from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'
import { snapshot } from '../events/snapshot.ts'
import { valueTypesOf, type ValueType, type ValueTypes } from '../events/value-type.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Recording } from '../recording/recording.ts'
import { wholeNumber } from '../runtime/options.ts'
import { prepareChild, type PreparedPlan } from '../runtime/prepare.ts'
import { isServable } from '../scheduler/served.ts'
import type { OnMissing } from './simulated-run.ts'

/** Options of a simulation. */
export interface SimulateOptions {
  /**
   * By node id: what the node gives each time that it runs, whatever is recorded of it; a failure becomes a success. A node
   * that waits is answered with it.
   */
  readonly outputs?: Readonly<Record<string, unknown>> | undefined
  /**
   * What becomes of a node that runs, and of whose run nothing is recorded: `'fail'`: it fails with `SIMULATION_MISSING`;
   * `'skip'`: it finishes without an output; `'run'`: its code in `functionRegistry` is executed, with all that it does.
   * Default `'fail'`.
   */
  readonly onMissing?: OnMissing | undefined
  /** Code for `onMissing: 'run'`. Nothing else is executed. */
  readonly functionRegistry?: NodeRegistry | undefined
  /** What nodes that are executed get besides the engine's own. Default none. */
  readonly dependencies?: (Readonly<Record<string, unknown>> & { readonly logger?: ILogger | undefined }) | undefined
  /**
   * How many node executions the simulated run may have. Default as many as the recorded one, but no more than ten for each
   * that it had, and a thousand: a loop that a change has made endless does not take all the memory.
   */
  readonly maxIterations?: number | undefined
  /** What evaluates conditions and transforms: that of the runtime. Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined
  /** Those of the runtime. Default none. */
  readonly valueTypes?: readonly ValueType[] | undefined
}

/** Options that have been looked at, with the blueprint that they are for. */
export interface SettledOptions {
  readonly prepared: PreparedPlan
  /** As it is recorded. */
  readonly blueprint: WorkflowBlueprint
  readonly blueprintHash: string
  /** Recorded values. */
  readonly outputs: ReadonlyMap<string, unknown>
  readonly onMissing: OnMissing
  readonly functionRegistry: NodeRegistry | undefined
  readonly dependencies: NonNullable<SimulateOptions['dependencies']>
  /** Default that of the recorded run. */
  readonly maxIterations: number | undefined
  readonly evaluator: IEvaluator
  readonly valueTypes: ValueTypes | undefined
}

/** @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED. */
export function settle(blueprint: WorkflowBlueprint, options: SimulateOptions): SettledOptions {
  requireObject('The options', options)
  const { outputs = {}, onMissing = 'fail', functionRegistry, dependencies = {}, maxIterations } = options
  requireObject(`'outputs'`, outputs)
  if (!ways.includes(onMissing)) {
    throw invalid(`'onMissing' is ${JSON.stringify(onMissing)}; expected one of 'fail', 'skip' and 'run'`)
  }
  const valueTypes = valueTypesOf(options.valueTypes)
  const evaluator = options.evaluator ?? new ExpressionEvaluator()
  const registries: NodeRegistry[] = functionRegistry === undefined ? [anything] : [anything, functionRegistry]
  // The runs of subflows are not made again, so that nobody has to know their blueprints.
  const prepared = prepareChild(blueprint, { registries, evaluator, blueprintOf: () => blueprint })
  requireServable(prepared, outputs)
  // A copy of a blueprint is one.
  const copy = snapshot(blueprint, {
    where: `blueprint '${blueprint.id}'`,
    blueprintId: blueprint.id,
  }) as WorkflowBlueprint
  const take = (value: unknown, id: string): unknown =>
    snapshot(value, {
      where: `the output given for node '${id}'`,
      nodeId: id,
      blueprintId: blueprint.id,
      types: valueTypes,
    })
  return {
    prepared,
    blueprint: copy,
    blueprintHash: fingerprint(blueprint),
    outputs: new Map(Object.entries(outputs).map(([id, value]) => [id, take(value, id)])),
    onMissing,
    functionRegistry,
    dependencies,
    maxIterations: maxIterations === undefined ? undefined : wholeNumber('maxIterations', maxIterations),
    evaluator,
    valueTypes,
  }
}

/** @throws INPUT_INVALID. */
export function requireRecording(recording: Recording): void {
  const found: unknown = recording
  const isRecording =
    typeof found === 'object' &&
    found !== null &&
    'events' in found &&
    Array.isArray(found.events) &&
    'executionId' in found
  if (!isRecording) throw invalid('What is simulated is a recording, such as openRecording gives; found something else')
}

const ways: readonly unknown[] = ['fail', 'skip', 'run'] satisfies OnMissing[]

/** A registry that has everything but the engine's own kinds: what nodes are made of does not matter. */
class Anything extends Map<string, NodeImplementation> {
  override get(key: string): NodeImplementation | undefined {
    return isBuiltInKind(key) ? undefined : nothing
  }
}

const nothing: NodeImplementation = () => ({})
const anything = new Anything()

function requireServable({ plan }: PreparedPlan, outputs: object): void {
  for (const id of Object.keys(outputs)) {
    const node = plan.nodes[plan.indexOf.get(id) ?? -1]
    if (node === undefined || isServable(node)) continue
    throw invalid(`'outputs' names node '${id}', a ${node.kind}: what the engine itself decides by cannot be replaced`)
  }
}

function requireObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw invalid(
    `${name} must be an object; found ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`,
  )
}

function invalid(message: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}
