import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { randomId } from '../ports.ts'
import { assemble, valuesFor } from './assemble.ts'
import { begin } from './blueprint-recording.ts'
import { pastOfContext } from './context-past.ts'
import { notAwaiting, unknownExecution } from './not-awaiting.ts'
import { prepare } from './prepare.ts'
import { unknownOptions, type Workshop } from './rebuild.ts'
import type { ResumeTarget } from './resume-target.ts'
import { reviveFromText } from './revive-text.ts'
import type { Run } from './run.ts'

/**
 * A parked run that has no log and is not in memory any more, from what its context keeps of it. `undefined` when the
 * context is not of a parked run.
 * @throws NOT_AWAITING, EXECUTION_UNKNOWN, BLUEPRINT_MISMATCH, INPUT_INVALID, BLUEPRINT_INVALID.
 */
export async function reviveFromContext(workshop: Workshop, target: ResumeTarget): Promise<Run | undefined> {
  const { runs, idGenerator } = workshop.runtime
  const { executionId } = target
  if (executionId === undefined) return await fromContext(workshop, target, idGenerator())
  // Whoever looks for it meanwhile, here or in the log.
  for (let other = runs.revivalOf(executionId); other !== undefined; other = runs.revivalOf(executionId)) {
    const run = await other.catch(() => undefined)
    if (run !== undefined) return run
  }
  return await runs.revived(executionId, async () => {
    if (runs.hasEnded(executionId)) throw notAwaiting(executionId)
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
    writer: randomId(),
    beginning: { initialContext, options: unknownOptions },
    facts,
  })
  // In another process, which gave the context.
  run.wasParked = true
  runtime.runs.enter(run)
  await begin(run, recording)
  return run
}
