import { fingerprint } from '../blueprint/fingerprint.ts'
import type { ResumeData, ResumeOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import { answerNode, requireAnswer } from './answer.ts'
import { valuesFor } from './assemble.ts'
import { cancelOn } from './cancel-on.ts'
import { LiveHandle } from './execution-handle.ts'
import type { LaunchOptions } from './launch-options.ts'
import { mismatch } from './mismatch.ts'
import { notAwaiting } from './not-awaiting.ts'
import { workshopOf } from './rebuild.ts'
import type { ResumeTarget } from './resume-target.ts'
import { remainsOf } from './remains.ts'
import { reviveFromContext } from './revive.ts'
import type { Run } from './run.ts'
import { familyOf, forgetStale } from './stale-runs.ts'
import { hasEnded } from './status-of.ts'
import { storeOf } from './store-of.ts'
import { recoverCutOff, takeOver } from './take-over.ts'
import { stepsTo } from './waiting-path.ts'

/**
 * Lets a parked run go on, and gives what it comes to; for a run of a subflow, what its root comes to.
 * @throws INPUT_INVALID, NOT_AWAITING, EXECUTION_UNKNOWN, EXECUTION_CONFLICT, BLUEPRINT_MISMATCH, SERIALIZATION_FAILED.
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
  const answerIn = (run: Run): void => answerNode(run, target.nodeId, answer, stepsTo(runtime.runs, run))
  const known = await inMemory(runtime, target, options.allowChanged === true)
  if (known !== undefined) answerIn(known)
  const run = known ?? (await takenOver(runtime, target, options, answerIn))
  const root = stepsTo(runtime.runs, run)[0]?.run ?? run
  if (options.signal !== undefined) cancelOn(options.signal, root)
  return await new LiveHandle({ run: root, begun: root.begun }).result()
}

/** From the log, else from the context; the answer has been given. */
async function takenOver(
  runtime: LaunchOptions,
  target: ResumeTarget,
  { functionRegistry, allowChanged }: ResumeOptions,
  answerIn: (run: Run) => void,
): Promise<Run> {
  const workshop = workshopOf(runtime, functionRegistry)
  const store = storeOf(runtime.eventBus)
  const { executionId, blueprint } = target
  if (executionId !== undefined && store !== undefined) {
    const taken = await takeOver(workshop, store, {
      executionId,
      blueprint,
      allowChanged,
      isWanted: (root) => {
        if (hasEnded(root)) throw notAwaiting(executionId)
        return true
      },
      act: (root) => {
        recoverCutOff(root)
        answerIn(requireRun(runtime, executionId))
      },
    })
    if (taken !== undefined) {
      if (!taken.isMine) answerIn(taken.run)
      return taken.run
    }
  }
  const run = await reviveFromContext(workshop, target)
  if (run === undefined) throw notAwaiting(executionId)
  answerIn(run)
  return run
}

/** A run of a subflow may have ended before its root did. */
function requireRun({ runs }: LaunchOptions, executionId: string): Run {
  const run = runs.of(executionId)
  if (run === undefined) throw notAwaiting(executionId)
  return run
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

async function inMemory(
  runtime: LaunchOptions,
  { executionId, blueprint: given }: ResumeTarget,
  allowChanged: boolean,
): Promise<Run | undefined> {
  const { runs, eventBus } = runtime
  const run = executionId === undefined || runs.isReviving(executionId) ? undefined : runs.of(executionId)
  if (run === undefined || given === undefined) return run
  const { blueprint } = run.frontier.plan
  if (given === blueprint || fingerprint(given) === fingerprint(blueprint)) return run
  // From its log, it may go on under another one; a run of a subflow goes with its root.
  const family = familyOf(run)
  const isRoot = runs.parentOf(run.executionId) === undefined
  const store = allowChanged && isRoot ? storeOf(eventBus) : undefined
  if (store === undefined || !family.every(({ isParked }) => isParked))
    throw mismatch(run.executionId, blueprint.id, given)
  await remainsOf(runtime, store, run.executionId, { blueprint: given, allowChanged })
  // Somebody may have let it go on meanwhile.
  if (!family.every(({ isParked }) => isParked)) return run
  for (const member of family) member.leave()
  return undefined
}
