import { fingerprint } from '../blueprint/fingerprint.ts'
import type { ResumeData, ResumeOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import { answerNode, requireAnswer } from './answer.ts'
import { valuesFor } from './assemble.ts'
import { cancelOn } from './cancel-on.ts'
import { LiveHandle } from './execution-handle.ts'
import type { LaunchOptions } from './launch-options.ts'
import { mismatch } from './mismatch.ts'
import { notAwaiting } from './not-awaiting.ts'
import type { ResumeTarget } from './resume-target.ts'
import { revive } from './revive.ts'
import type { Run } from './run.ts'
import type { RunTable } from './run-table.ts'
import { forgetStale } from './stale-runs.ts'
import { enterChild, stepsTo, type SubflowStep } from './waiting-path.ts'

/**
 * Lets a parked run go on, and gives what it comes to; for a run of a subflow, what its root comes to.
 * @throws INPUT_INVALID, NOT_AWAITING, EXECUTION_UNKNOWN, BLUEPRINT_MISMATCH, SERIALIZATION_FAILED.
 */
export async function resume(
  runtime: LaunchOptions,
  target: ResumeTarget,
  data: ResumeData,
  options: ResumeOptions,
): Promise<WorkflowResult> {
  requireAnswer(target.executionId ?? '', target.nodeId, data)
  const answer = asItIs(runtime, target, data)
  await forgetStale(runtime, target.executionId)
  const run = known(runtime.runs, target) ?? (await revive(runtime, target, options))
  if (run === undefined) throw notAwaiting(target.executionId)
  const above = stepsTo(runtime.runs, run)
  const root = above[0]?.run ?? run
  answerNode(run, target.nodeId, answer, above)
  if (options.signal !== undefined) cancelOn(options.signal, root)
  return await new LiveHandle({ run: root, begun: root.begun }).result()
}

/** Cancels a run; a node that waits for it goes on, and fails. */
export function cancelRun(runs: RunTable, run: Run, reason: unknown): void {
  const cancelBehind = ([step, ...rest]: readonly SubflowStep[]): void => {
    if (step === undefined) run.cancel(reason)
    else enterChild(step, 'external', () => cancelBehind(rest))
  }
  cancelBehind(stepsTo(runs, run))
}

/** The answer as it is at the call, whatever becomes of it while its run is looked for. */
function asItIs(runtime: LaunchOptions, { executionId = '', blueprint }: ResumeTarget, data: ResumeData): ResumeData {
  const { take } = valuesFor(runtime, { id: blueprint?.id ?? '' }, executionId)
  try {
    return { ...data, output: take(data.output, `the answer to execution '${executionId}'`) }
  } catch {
    // Told once it is known which node it is for.
    return data
  }
}

function known(runs: RunTable, { executionId, blueprint: given }: ResumeTarget): Run | undefined {
  const run = executionId === undefined || runs.isReviving(executionId) ? undefined : runs.of(executionId)
  if (run === undefined || given === undefined) return run
  const { blueprint } = run.frontier.plan
  if (given === blueprint || fingerprint(given) === fingerprint(blueprint)) return run
  throw mismatch(run.executionId, blueprint.id, given)
}
