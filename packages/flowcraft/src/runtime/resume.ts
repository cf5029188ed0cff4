import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import type { WorkflowResult } from '../blueprint/flow-runner.ts'
import { ExecutionHandle } from './execution-handle.ts'
import { cancelOn } from './cancel-on.ts'
import type { LaunchOptions } from './launch-options.ts'
import { mismatch } from './mismatch.ts'
import { notAwaiting } from './not-awaiting.ts'
import type { ResumeOptions, ResumeTarget } from './resume-target.ts'
import { revive } from './revive.ts'
import type { Run } from './run.ts'
import type { RunTable } from './run-table.ts'
import type { ResumeData, Resumption } from './run-options.ts'
import { enterChild, isPaused, pathToWaiting, stepsTo, type Step, type SubflowStep } from './waiting-path.ts'

/**
 * Lets a parked run go on, and gives what it comes to; for a run of a subflow, what its root comes to.
 * @throws NOT_AWAITING, EXECUTION_UNKNOWN, BLUEPRINT_MISMATCH, SERIALIZATION_FAILED.
 */
export async function resume(
  runtime: LaunchOptions,
  target: ResumeTarget,
  data: ResumeData,
  options: ResumeOptions,
): Promise<WorkflowResult> {
  const run = known(runtime.runs, target) ?? (await revive(runtime, target, options))
  if (run === undefined) throw notAwaiting(target.executionId)
  const path: readonly Step[] = [...stepsTo(runtime.runs, run), ...pathToWaiting(run, target.nodeId)]
  const last = path.at(-1)!
  const answer = last.nodeId === undefined ? {} : takeAnswer(last.run, last.nodeId, data)
  const root = path[0]!.run
  const wasPaused = root.isParked && root.wasPaused
  goOn(path, answer)
  if (wasPaused) resumeChildren(root)
  if (options.signal !== undefined) cancelOn(options.signal, root)
  return await new ExecutionHandle({ run: root, begun: root.begun }).result()
}

/** Cancels a run; a node that waits for it goes on, and fails. */
export function cancelRun(runs: RunTable, run: Run, reason: unknown): void {
  const cancelBehind = ([step, ...rest]: readonly SubflowStep[]): void => {
    if (step === undefined) run.cancel(reason)
    else enterChild(step, 'external', () => cancelBehind(rest))
  }
  cancelBehind(stepsTo(runs, run))
}

function known(runs: RunTable, { executionId, blueprint }: ResumeTarget): Run | undefined {
  const run = executionId === undefined ? undefined : runs.of(executionId)
  if (run !== undefined && blueprint !== undefined) requireSame(run, blueprint)
  return run
}

function requireSame({ executionId, frontier }: Run, given: WorkflowBlueprint): void {
  const { blueprint } = frontier.plan
  if (given !== blueprint && fingerprint(given) !== fingerprint(blueprint)) throw mismatch(executionId, blueprint.id, given)
}

type Answer = Pick<Resumption, 'output' | 'action'>

/** An answer as it is recorded. @throws SERIALIZATION_FAILED. */
function takeAnswer(run: Run, nodeId: string, { output, action }: ResumeData): Answer {
  const taken = run.values.take(output, `the answer to node '${nodeId}' (execution '${run.executionId}')`, nodeId)
  return { ...(taken !== undefined && { output: taken }), ...(action !== undefined && { action }) }
}

function goOn([step, ...rest]: readonly Step[], answer: Answer): void {
  if (step === undefined) return
  const { run, nodeId } = step
  if (nodeId === undefined) resumePaused(run)
  else if (rest.length === 0) run.resume({ reason: 'external', nodeId, ...answer })
  else enterChild({ run, nodeId }, 'external', () => goOn(rest, answer))
}

function resumePaused(run: Run): void {
  // One that waits for nothing but runs of its subflows goes on with them.
  if (run.wasPaused || !isPaused(run)) run.resume({ reason: 'user' })
  resumeChildren(run)
}

/** What was paused together goes on together. */
function resumeChildren(run: Run): void {
  for (const [nodeId, child] of [...run.children.entries()]) {
    if (isPaused(child)) enterChild({ run, nodeId }, 'user', resumePaused)
  }
}
