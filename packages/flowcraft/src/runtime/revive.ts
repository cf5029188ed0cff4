import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { BlueprintMismatchError, FlowcraftError } from '../errors.ts'
import { orderHistory } from '../events/history-order.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { EventStore } from '../history/event-store.ts'
import { fold } from '../state/fold.ts'
import { fromFrontierData } from '../scheduler/frontier-data.ts'
import type { RunState } from '../state/run-state.ts'
import { begin } from './blueprint-recording.ts'
import { assemble, surroundingsOf, valuesFor, type Beginning } from './assemble.ts'
import { pastOfContext } from './context-past.ts'
import type { LaunchOptions } from './launch-options.ts'
import { prepare, type Surroundings } from './prepare.ts'
import { notAwaiting } from './not-awaiting.ts'
import type { ResumeOptions, ResumeTarget } from './resume-target.ts'
import type { Run } from './run.ts'
import type { Past } from './run-options.ts'
import { runFromText, type SavedRun } from './run-text.ts'

/**
 * A parked run that is not in memory any more: from its log, else from what its context keeps of it. `undefined` when
 * neither is of a parked run.
 */
export async function revive(
  runtime: LaunchOptions,
  { executionId, blueprint, context }: ResumeTarget,
  { functionRegistry }: ResumeOptions,
): Promise<Run | undefined> {
  const surroundings = surroundingsOf(runtime, functionRegistry)
  const store = storeOf(runtime)
  if (executionId !== undefined && store !== undefined) {
    const run = await fromLog(runtime, surroundings, store, executionId, blueprint)
    if (run !== undefined) return run
  }
  if (executionId !== undefined && runtime.runs.hasEnded(executionId)) throw notAwaiting(executionId)
  if (context === undefined || blueprint === undefined) throw unknown(executionId)
  const id = executionId ?? runtime.idGenerator()
  if (context['_run'] !== undefined) {
    return await fromSaved(runtime, surroundings, runFromText(context['_run'], id), id, blueprint)
  }
  if (!Array.isArray(context['_awaitingNodeIds'])) return undefined
  return await fromContext(runtime, surroundings, { executionId: id, blueprint, context })
}

/** What a run is put together of again. */
interface Remains {
  readonly executionId: string
  readonly blueprint: WorkflowBlueprint
  readonly state: RunState
  readonly past: Past
}

/** Puts a run together again, and the parked runs of its subflows with it. */
async function rebuild(
  runtime: LaunchOptions,
  surroundings: Surroundings,
  { executionId, blueprint, state, past }: Remains,
  remainsOf: (nodeId: string, childId: string) => Promise<Remains>,
  parent?: Run,
  depth: number = 1,
): Promise<Run> {
  const { initialContext, input, options, parentLink } = beginningOf(state)
  const { run } = assemble(runtime, surroundings, {
    prepared: prepare(blueprint, surroundings),
    executionId,
    values: valuesFor(runtime, blueprint, executionId),
    depth,
    byTurns: false,
    beginning: {
      initialContext,
      ...(input !== undefined && { input }),
      options,
      ...(parentLink && { parent: parentLink }),
      ...(state.tags.length > 0 && { tags: state.tags }),
    },
    past,
  })
  for (const [nodeId, { status, childExecutionId }] of state.nodes) {
    if (status !== 'waiting' || childExecutionId === undefined) continue
    const remains = await remainsOf(nodeId, childExecutionId)
    const child = await rebuild(runtime, surroundings, remains, remainsOf, run, depth + 1)
    const { nodes, indexOf } = run.frontier.plan
    run.children.adopt(nodeId, nodes[indexOf.get(nodeId)!]!, child)
  }
  runtime.runs.enter(run, parent)
  runtime.runs.move(run, 'parked')
  return run
}

function beginningOf(state: RunState): Pick<Beginning, 'initialContext' | 'input' | 'options'> & {
  readonly parentLink: Beginning['parent']
} {
  const options = state.options ?? { concurrency: 64, maxIterations: 1_000_000, strict: false }
  // The context that it began with is in what is past.
  return { initialContext: Object.freeze({}), input: state.input, options, parentLink: state.parent }
}

async function fromLog(
  runtime: LaunchOptions,
  surroundings: Surroundings,
  store: EventStore,
  executionId: string,
  given: WorkflowBlueprint | undefined,
): Promise<Run | undefined> {
  const events = orderHistory(await store.retrieve(executionId), executionId)
  if (events.length === 0) return undefined
  const state = fold(events)
  // One that has ended, is going on elsewhere, or was cut off, waits for nobody.
  if (state.status !== 'awaiting' && state.status !== 'stalled') throw notAwaiting(executionId)
  const remains = async (history: readonly FlowcraftEvent[], id: string, wanted?: WorkflowBlueprint): Promise<Remains> => {
    const recorded = fold(history)
    const blueprint = await recordedBlueprint(runtime, store, recorded, id, wanted)
    return { executionId: id, blueprint, state: recorded, past: { events: history } }
  }
  return await rebuild(runtime, surroundings, await remains(events, executionId, given), async (_, childId) =>
    remains(orderHistory(await store.retrieve(childId), childId), childId),
  )
}

/** The blueprint that a run was recorded with. @throws BLUEPRINT_MISMATCH when another one is given. */
async function recordedBlueprint(
  { blueprints }: LaunchOptions,
  store: EventStore,
  { blueprint, blueprintId = '', blueprintHash = '' }: RunState,
  executionId: string,
  given: WorkflowBlueprint | undefined,
): Promise<WorkflowBlueprint> {
  const candidates = [given, blueprints.get(blueprintId)].filter((other) => other !== undefined)
  const same = candidates.find((other) => fingerprint(other) === blueprintHash)
  if (same !== undefined) return same
  if (given !== undefined) {
    throw new BlueprintMismatchError(
      `Execution '${executionId}' was recorded with another blueprint than '${given.id}' as it is now (recorded: '${blueprintId}', ${blueprintHash}). Resume it with the recorded one, or by its execution id alone`,
      { blueprintId: given.id, executionId },
    )
  }
  const stored = blueprint ?? (await store.loadBlueprint?.(blueprintHash))
  if (stored !== undefined) return stored
  throw new FlowcraftError(
    `The blueprint '${blueprintId}' of execution '${executionId}' is neither in the store nor known to the runtime; give it in 'blueprints'`,
    { code: 'BLUEPRINT_INVALID', blueprintId, executionId },
  )
}

async function fromSaved(
  runtime: LaunchOptions,
  surroundings: Surroundings,
  saved: SavedRun,
  executionId: string,
  blueprint: WorkflowBlueprint,
): Promise<Run> {
  const savedOf = new Map<string, SavedRun>()
  const remains = (run: SavedRun, id: string, of: WorkflowBlueprint): Remains => {
    for (const [nodeId, child] of Object.entries(run.children)) savedOf.set(`${id}\n${nodeId}`, child)
    const { plan } = prepare(of, surroundings)
    return { executionId: id, blueprint: of, state: run.state, past: { state: run.state, frontier: fromFrontierData(plan, run.frontier) } }
  }
  const mismatched = saved.state.blueprintId !== blueprint.id
  if (mismatched) {
    throw new BlueprintMismatchError(
      `Execution '${executionId}' is a run of blueprint '${saved.state.blueprintId}', not of '${blueprint.id}'. Resume it with the one that it began with`,
      { blueprintId: blueprint.id, executionId },
    )
  }
  return await rebuild(runtime, surroundings, remains(saved, executionId, blueprint), async (nodeId, childId) => {
    const parentId = childId.slice(0, childId.lastIndexOf(`:${encodeURIComponent(nodeId)}#`))
    const child = savedOf.get(`${parentId}\n${nodeId}`)
    const childBlueprint = child && surroundings.blueprintOf(child.state.blueprintId ?? '')
    if (child === undefined || childBlueprint === undefined) throw unknown(childId)
    return remains(child, childId, childBlueprint)
  })
}

/** Without anything else, nodes with an output count as done. */
async function fromContext(
  runtime: LaunchOptions,
  surroundings: Surroundings,
  { executionId, blueprint, context }: { executionId: string; blueprint: WorkflowBlueprint; context: Readonly<Record<string, unknown>> },
): Promise<Run> {
  const prepared = prepare(blueprint, surroundings)
  const values = valuesFor(runtime, blueprint, executionId)
  const { initialContext, facts } = pastOfContext(context, prepared.plan, values, executionId)
  const options = Object.freeze({ concurrency: 64, maxIterations: 1_000_000, strict: false })
  const { run, recording } = assemble(runtime, surroundings, {
    prepared,
    executionId,
    values,
    depth: 1,
    byTurns: false,
    beginning: { initialContext, options },
    facts,
  })
  runtime.runs.enter(run)
  await begin(run, recording)
  return run
}

/** The store behind an event bus, if it has one that can be read. */
function storeOf({ eventBus }: LaunchOptions): EventStore | undefined {
  const store = eventBus !== undefined && 'store' in eventBus ? eventBus.store : undefined
  // What has that method is a store as far as reading goes.
  return typeof store === 'object' && store !== null && 'retrieve' in store ? (store as EventStore) : undefined
}

function unknown(executionId: string | undefined): FlowcraftError {
  return new FlowcraftError(
    `Execution '${String(executionId)}' is neither in the memory of this runtime nor in its event store, so it cannot be resumed`,
    { code: 'EXECUTION_UNKNOWN', executionId },
  )
}
