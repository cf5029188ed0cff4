import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { RunCallOptions } from '../blueprint/flow-runner.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import { EventStoreError, FlowcraftError, isFlowcraftError } from '../errors.ts'
import { snapshot } from '../events/snapshot.ts'
import { put } from '../events/own-property.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { EventStore } from '../history/event-store.ts'
import type { Clock, IdGenerator } from '../ports.ts'
import { fold } from '../state/fold.ts'
import { resultOf } from '../state/result.ts'
import { isReservedKey } from '../state/select.ts'
import type { Launched } from './execution-handle.ts'
import { openOutbox } from './outbox.ts'
import { prepare } from './prepare.ts'
import { Run, type RunOptions } from './run.ts'
import { valuesOf, type Isolation, type Values } from './values.ts'

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
  let release: (() => void) | undefined
  const run = new Run({
    plan,
    executionId,
    values,
    evaluator,
    clock,
    dependencies: runtime.dependencies,
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
        concurrency: count('concurrency', options.concurrency ?? defaultConcurrency),
        maxIterations: count('maxIterations', options.maxIterations ?? defaultMaxIterations),
        strict: options.strict ?? runtime.strict,
      }),
      ...(options.tags && { tags: Object.freeze([...options.tags]) }),
    },
    byTurns: options.byTurns ?? false,
    onSettled: () => {
      live.delete(executionId)
      release?.()
    },
  })
  live.set(executionId, run)
  release = cancelOn(options.signal, run)
  return {
    run,
    begun: begin(run, recording),
    toResult: (status) => {
      // A run that goes on changes its state; a result does not.
      const state = status === 'stalled' ? fold([], run.state) : run.state
      const body = resultOf(state, values.give, (context) => serializer.serialize(context))
      // The state of a run has its execution id, and so has its context.
      return Object.assign(body, { status, executionId }) as ReturnType<Launched['toResult']>
    },
  }
}

/** How a run's blueprint gets into its history. */
interface BlueprintRecording {
  readonly hash: string
  /** Present when no store keeps it by its hash. */
  readonly embedded: WorkflowBlueprint | undefined
  save(): Promise<void> | undefined
}

function recordingOf(eventBus: IEventBus, blueprint: WorkflowBlueprint): BlueprintRecording {
  const known = recorded.get(blueprint) ?? {
    hash: fingerprint(blueprint),
    // A snapshot of a blueprint has the shape of a blueprint.
    copy: snapshot(blueprint, { where: `blueprint '${blueprint.id}'`, blueprintId: blueprint.id }) as WorkflowBlueprint,
  }
  recorded.set(blueprint, known)
  const { hash, copy } = known
  const store = 'store' in eventBus ? (eventBus.store as EventStore | undefined) : undefined
  if (store?.saveBlueprint === undefined) return { hash, embedded: copy, save: () => undefined }
  return { hash, embedded: undefined, save: () => store.saveBlueprint?.(hash, copy) }
}

const recorded = new WeakMap<WorkflowBlueprint, { readonly hash: string; readonly copy: WorkflowBlueprint }>()

/** A blueprint is in its store before any event refers to it. */
function begin(run: Run, recording: BlueprintRecording | undefined): Promise<void> {
  if (recording === undefined) run.begin()
  else void saveThenBegin(run, recording)
  run.begun.catch(() => {})
  return run.begun
}

async function saveThenBegin(run: Run, recording: BlueprintRecording): Promise<void> {
  try {
    await recording.save()
  } catch (cause) {
    const { executionId } = run
    run.fail(
      isFlowcraftError(cause)
        ? cause
        : new EventStoreError(`The blueprint of execution '${executionId}' could not be stored; see the cause`, {
            cause,
            executionId,
          }),
    )
    return
  }
  run.begin()
}

/** Cancels the run when the signal aborts. Gives what ends that. */
function cancelOn(signal: AbortSignal | undefined, run: Run): (() => void) | undefined {
  if (signal === undefined) return undefined
  const cancel = (): void => run.cancel(signal.reason)
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  return () => signal.removeEventListener('abort', cancel)
}

function initialContextOf(
  initialState: object | string,
  serializer: ISerializer,
  values: Values,
  executionId: string,
): Readonly<Record<string, unknown>> {
  const state: unknown = typeof initialState === 'string' ? serializer.deserialize(initialState) : initialState
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    throw new FlowcraftError(
      `The initial state of a run is an object with a value for each context key, or its text; found ${Array.isArray(state) ? 'an array' : String(state)}`,
      { code: 'INPUT_INVALID', executionId },
    )
  }
  const context: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(state)) {
    if (isReservedKey(key)) {
      throw new FlowcraftError(
        `The initial state has the key '${key}', which belongs to the engine (as does every key that begins with '_outputs.', '_inputs.', '_executionId', '_awaiting' or '_run'). Choose another name`,
        { code: 'CONTEXT_KEY_RESERVED', executionId },
      )
    }
    put(context, key, values.take(value, `key '${key}' of the initial state (execution '${executionId}')`))
  }
  return Object.freeze(context)
}

function count(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new FlowcraftError(`'${name}' is ${value}; expected a whole number of at least 1`, { code: 'INPUT_INVALID' })
}

const noParams: Readonly<Record<string, unknown>> = Object.freeze({})
const paramsOfNode = new WeakMap<PlanNode, Readonly<Record<string, unknown>>>()

/** A blueprint's parameters are the caller's: nodes get a frozen copy, or, if that cannot be made, the object itself. */
function paramsOf(node: PlanNode): Readonly<Record<string, unknown>> {
  const { params } = node.definition
  if (params === undefined) return noParams
  let copy = paramsOfNode.get(node)
  if (copy === undefined) {
    try {
      copy = snapshot(params, { where: `params of node '${node.id}'`, nodeId: node.id }) as Record<string, unknown>
    } catch {
      copy = params
    }
    paramsOfNode.set(node, copy)
  }
  return copy
}
