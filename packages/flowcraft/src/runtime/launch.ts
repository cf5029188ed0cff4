import { checkForCycles } from '../blueprint/analysis.ts'
import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { RunCallOptions } from '../blueprint/flow-runner.ts'
import { BlueprintError, ExecutionConflictError } from '../errors.ts'
import { randomId } from '../ports.ts'
import { assemble, surroundingsOf, valuesFor } from './assemble.ts'
import { begin } from './blueprint-recording.ts'
import { cancelOn } from './cancel-on.ts'
import type { Launched } from './execution-handle.ts'
import { initialContextOf } from './initial-context.ts'
import type { LaunchOptions } from './launch-options.ts'
import { wholeNumber } from './options.ts'
import { prepare, type PreparedPlan } from './prepare.ts'

/** Options of a run that is started. */
export interface StartOptions extends RunCallOptions {
  /** Whether nodes start only by `turn()`. Default `false`. */
  readonly byTurns?: boolean | undefined
}

const defaultConcurrency = 64
const defaultMaxIterations = 1_000_000

/** Puts a run together and sets it going. Throws before anything is recorded. */
export function launch(
  runtime: LaunchOptions,
  blueprint: WorkflowBlueprint,
  initialState: object | string,
  options: StartOptions,
): Launched {
  const surroundings = surroundingsOf(runtime, options.functionRegistry)
  const prepared = prepare(blueprint, surroundings)
  const strict = options.strict ?? runtime.strict
  judgeCycles(runtime, prepared, strict)
  const executionId = options.executionId ?? runtime.idGenerator()
  if (runtime.runs.has(executionId)) {
    const message = `Execution '${executionId}' is live already; the id generator gave its id again`
    throw new ExecutionConflictError(message, { executionId })
  }
  const values = valuesFor(runtime, blueprint, executionId)
  const { context, targets } = initialContextOf(initialState, runtime.serializer, values, executionId)
  requireTargets(targets, prepared)
  const recordedOptions = Object.freeze({
    concurrency: wholeNumber('concurrency', options.concurrency ?? defaultConcurrency),
    maxIterations: wholeNumber('maxIterations', options.maxIterations ?? defaultMaxIterations),
    strict,
    ...(targets && { targets }),
  })
  const launched = assemble(runtime, surroundings, {
    prepared,
    executionId,
    values,
    depth: 1,
    byTurns: options.byTurns ?? false,
    writer: randomId(),
    beginning: {
      initialContext: context,
      options: recordedOptions,
      ...(options.tags && { tags: Object.freeze(options.tags.map(String)) }),
    },
  })
  const { run } = launched
  runtime.runs.enter(run)
  if (options.signal !== undefined) cancelOn(options.signal, run)
  return { run, begun: begin(run, launched.recording) }
}

/** @throws BLUEPRINT_INVALID for a cycle under `strict`; otherwise one that no loop controller closes is warned about once. */
function judgeCycles({ logger, warnedCycles }: LaunchOptions, { plan }: PreparedPlan, strict: boolean): void {
  if (plan.loops.length === 0) return
  const { blueprint, loops, nodes, edges } = plan
  if (strict) {
    const cycles = checkForCycles(blueprint).map(
      (cycle) => `the cycle ${cycle.join(' → ')} is not allowed under 'strict'`,
    )
    throw new BlueprintError(blueprint.id, cycles)
  }
  if (warnedCycles.has(blueprint)) return
  const isDriven = (edge: number): boolean =>
    [edges[edge]!.source, edges[edge]!.target].some((node) => nodes[node]!.kind === 'loop-controller')
  const raw = loops.filter(({ backEdges }) => !backEdges.every(isDriven))
  if (raw.length === 0) return
  warnedCycles.add(blueprint)
  const heads = raw.map(({ head }) => `'${nodes[head]!.id}'`).join(', ')
  logger.warn(
    `Blueprint '${blueprint.id}' has cycles without a loop controller, which begin at ${heads}; they run until no edge leads back`,
    { blueprintId: blueprint.id },
  )
}

function requireTargets(targets: readonly string[] | undefined, { plan }: PreparedPlan): void {
  const unknown = targets?.filter((id) => !plan.indexOf.has(id)) ?? []
  if (unknown.length === 0) return
  const names = unknown.map((id) => `'${id}'`).join(', ')
  throw new BlueprintError(plan.blueprint.id, [`_targetNode names ${names}, which is no node of it`])
}
