import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { RunCallOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import { ExecutionConflictError } from '../errors.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { Clock, IdGenerator } from '../ports.ts'
import { fold } from '../state/fold.ts'
import { LazyResult } from '../state/result.ts'
import { begin, recordingOf } from './blueprint-recording.ts'
import { cancelOn } from './cancel-on.ts'
import type { Launched } from './execution-handle.ts'
import { initialContextOf } from './initial-context.ts'
import { paramsOf } from './node-params.ts'
import { wholeNumber } from './options.ts'
import { openOutbox } from './outbox.ts'
import { prepare } from './prepare.ts'
import { Run, type RunOptions } from './run.ts'
import { valuesOf, type Isolation } from './values.ts'

/** What a runtime brings to every run. */
export interface LaunchOptions {
  readonly registry: NodeRegistry
  readonly dependencies: RunOptions['dependencies']
  readonly logger: ILogger
  readonly eventBus: IEventBus | undefined
  readonly evaluator: IEvaluator
  readonly serializer: ISerializer
  readonly isolation: Isolation
  readonly strict: boolean
  readonly clock: Clock
  readonly idGenerator: IdGenerator
  /** Classes whose instances have been warned about. */
  readonly warned: WeakSet<object>
  readonly live: Map<string, Run>
}

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
  const { eventBus, evaluator, clock, idGenerator, live, serializer } = runtime
  const registries = options.functionRegistry ? [runtime.registry, options.functionRegistry] : [runtime.registry]
  const { plan, implementationOf } = prepare(blueprint, registries, evaluator)
  const executionId = idGenerator()
  const values = valuesOf({
    isolation: runtime.isolation,
    isRecorded: eventBus !== undefined,
    executionId,
    blueprintId: blueprint.id,
    warned: runtime.warned,
    onWarning: (message) => runtime.logger.warn(message),
  })
  const recording = eventBus === undefined ? undefined : recordingOf(eventBus, blueprint)
  if (live.has(executionId)) {
    const message = `Execution '${executionId}' is live already; the id generator gave its id again`
    throw new ExecutionConflictError(message, { executionId })
  }
  const run = new Run({
    plan,
    executionId,
    values,
    evaluator,
    clock,
    dependencies: runtime.dependencies,
    logger: runtime.logger,
    implementationOf,
    paramsOf,
    outbox: eventBus && openOutbox(eventBus, executionId, idGenerator()),
    isAlone: () => live.size <= 1,
    start: {
      ...(blueprint.metadata?.version !== undefined && { blueprintVersion: blueprint.metadata.version }),
      blueprintHash: recording?.hash ?? '',
      ...(recording?.embedded && { blueprint: recording.embedded }),
      initialContext: initialContextOf(initialState, serializer, values, executionId),
      options: Object.freeze({
        concurrency: wholeNumber('concurrency', options.concurrency ?? defaultConcurrency),
        maxIterations: wholeNumber('maxIterations', options.maxIterations ?? defaultMaxIterations),
        strict: options.strict ?? runtime.strict,
      }),
      ...(options.tags && { tags: Object.freeze(options.tags.map(String)) }),
    },
    byTurns: options.byTurns ?? false,
    onSettled: () => live.delete(executionId),
  })
  live.set(executionId, run)
  if (options.signal !== undefined) cancelOn(options.signal, run)
  return {
    run,
    begun: begin(run, recording),
    toResult: (status) => {
      // A run that goes on changes its state; a result does not.
      const state = status === 'stalled' ? fold([], run.state) : run.state
      const serialize = (context: Record<string, unknown>): string => serializer.serialize(context)
      // The state of a run has its execution id, and so has its context.
      return new LazyResult(state, values.give, serialize, { status, executionId }) as unknown as WorkflowResult
    },
  }
}
