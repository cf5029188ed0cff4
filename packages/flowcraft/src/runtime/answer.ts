import { FlowcraftError } from '../errors.ts'
import type { Run } from './run.ts'
import { hasPause } from './status-of.ts'
import type { ResumeData } from '../blueprint/flow-runner.ts'
import type { Resumption } from './run-options.ts'
import { enterChild, isPaused, pathToWaiting, type Step, type SubflowStep } from './waiting-path.ts'

/**
 * Lets a node of a run go on, or of a subflow's by `subflow/node`; without one, the first that waits, or the run itself.
 * With it goes on all that somebody paused.
 * @param above The way from the root of the run's family down to it, if it is not the root.
 * @throws NOT_AWAITING, INPUT_INVALID, SERIALIZATION_FAILED; nothing has happened then.
 */
export function answerNode(
  run: Run,
  nodeId: string | undefined,
  data: ResumeData,
  above: readonly SubflowStep[] = [],
): void {
  requireAnswer(run.executionId, nodeId, data)
  const isAnswer = data.output !== undefined || data.action !== undefined
  const path: readonly Step[] = [...above, ...pathToWaiting(run, nodeId, isAnswer)]
  const last = path.at(-1)!
  const answer = last.nodeId === undefined ? {} : takeAnswer(last.run, last.nodeId, data)
  const root = path[0]!.run
  const wasPaused = root.isParked && hasPause(root.state)
  goOn(path, answer)
  if (wasPaused) resumeChildren(root)
}

/** An answer is given once: what is none must not count as one. @throws INPUT_INVALID. */
export function requireAnswer(executionId: string, nodeId: unknown, data: unknown): void {
  const fault = faultOf(nodeId, data)
  if (fault === undefined) return
  const message = `Execution '${executionId}' cannot be resumed: ${fault}; an answer is an object with 'output' and 'action', a text, both optional`
  throw new FlowcraftError(message, { code: 'INPUT_INVALID', executionId })
}

function faultOf(nodeId: unknown, data: unknown): string | undefined {
  if (nodeId !== undefined && typeof nodeId !== 'string') return `the node's id is a ${typeof nodeId}`
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return `the answer is no object`
  const keys = Object.keys(data)
  const isAnswer = keys.length === 0 || keys.some((key) => ['output', 'action', 'nodeId'].includes(key))
  if (!isAnswer) return `the answer has '${keys.join("', '")}' only`
  const action: unknown = 'action' in data ? data.action : undefined
  return action === undefined || typeof action === 'string' ? undefined : `the action is a ${typeof action}`
}

type Answer = Pick<Resumption, 'output' | 'action'>

/** An answer as it is recorded. */
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
  if (hasPause(run.state) || !isPaused(run)) run.resume({ reason: 'user' })
  resumeChildren(run)
}

/** What was paused together goes on together. */
function resumeChildren(run: Run): void {
  for (const [nodeId, child] of run.children.entries()) {
    if (isPaused(child)) enterChild({ run, nodeId }, 'user', resumePaused)
  }
}
