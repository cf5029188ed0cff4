import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { assemble, valuesFor } from './assemble.ts'
import { begin } from './blueprint-recording.ts'
import { pastOfContext } from './context-past.ts'
import type { LaunchOptions } from './launch-options.ts'
import { notAwaiting, unknownExecution } from './not-awaiting.ts'
import { prepare } from './prepare.ts'
import { unknownOptions, workshopOf, type Workshop } from './rebuild.ts'
import type { ResumeOptions } from '../blueprint/flow-runner.ts'
import type { ResumeTarget } from './resume-target.ts'
import { reviveFromLog } from './revive-log.ts'
import { reviveFromText } from './revive-text.ts'
import type { Run } from './run.ts'
import { storeOf } from './store-of.ts'

/**
 * A parked run that is not in memory any more: from its log, else from what its context keeps of it. `undefined` when
 * the context is not of a parked run.
 * @throws NOT_AWAITING for a log that is not; EXECUTION_UNKNOWN, BLUEPRINT_MISMATCH, INPUT_INVALID, BLUEPRINT_INVALID.
 */
export async function revive(
  runtime: LaunchOptions,
  target: ResumeTarget,
  { functionRegistry }: ResumeOptions,
): Promise<Run | undefined> {
  const workshop = workshopOf(runtime, functionRegistry)
  const { executionId } = target
  if (executionId === undefined) return await fromContext(workshop, target, runtime.idGenerator())
  const store = storeOf(runtime.eventBus)
  const recorded = store && (await reviveFromLog(workshop, store, executionId, target.blueprint))
  if (recorded !== undefined) return recorded
  return await runtime.runs.revived(executionId, async () => {
    if (runtime.runs.hasEnded(executionId)) throw notAwaiting(executionId)
    return await fromContext(workshop, target, executionId)
  })
}

async function fromContext(
  workshop: Workshop,
  { blueprint, context }: ResumeTarget,
  executionId: string,
): Promise<Run | undefined> {
  if (context === undefined || blueprint === undefined) throw unknownExecution(executionId)
  if (context['_run'] !== undefined) return await reviveFromText(workshop, context['_run'], executionId, blueprint)
  if (!Array.isArray(context['_awaitingNodeIds'])) return undefined
  return await fromOutputs(workshop, executionId, blueprint, context)
}

/** Without anything else, nodes with an output count as done. */
async function fromOutputs(
  { runtime, surroundings }: Workshop,
  executionId: string,
  blueprint: WorkflowBlueprint,
  context: Readonly<Record<string, unknown>>,
): Promise<Run> {
  const prepared = prepare(blueprint, surroundings)
  const values = valuesFor(runtime, blueprint, executionId)
  const { initialContext, facts } = pastOfContext(context, prepared.plan, values, executionId)
  const { run, recording } = assemble(runtime, surroundings, {
    prepared,
    executionId,
    values,
    depth: 1,
    byTurns: false,
    beginning: { initialContext, options: unknownOptions },
    facts,
  })
  // In another process, which gave the context.
  run.wasParked = true
  runtime.runs.enter(run)
  await begin(run, recording)
  return run
}
