import { FlowcraftError } from '../errors.ts'
import { nodeNotAwaiting, notAwaiting } from './not-awaiting.ts'
import type { Run } from './run.ts'
import type { ResumeData, Resumption } from './run-options.ts'

/**
 * Lets a node of a run go on, or of a subflow's by `subflow/node`; without one, the first that waits, or the run itself.
 * @throws NOT_AWAITING, SERIALIZATION_FAILED; nothing has happened then.
 */
export function answerNode(run: Run, nodeId: string | undefined, data: ResumeData): void {
  const chain = findWaiting(run, nodeId)
  const last = chain.at(-1)!
  const answer = last.nodeId === undefined ? {} : takeAnswer(last.run, last.nodeId, data)
  goOn(chain, answer)
}

/** Lets every node of a run go on whose time has come. */
export function wakeDue(run: Run, now: number): void {
  for (const node of [...(run.frontier.waiting ?? [])]) {
    const { id, kind } = run.frontier.plan.nodes[node]!
    const wakeUpAt = run.state.nodes.get(id)?.wait?.wakeUpAt
    if (wakeUpAt === undefined || wakeUpAt > now) continue
    if (kind === 'subflow') {
      run.resume({ reason: 'timer', nodeId: id })
      run.children.resume(id, (child) => wakeDue(child, now))
    } else {
      run.resume({ reason: 'timer', nodeId: id, ...(kind !== 'sleep' && { action: 'timeout' }) })
    }
  }
}

interface Step {
  readonly run: Run
  /** Absent for a run that was paused and waits for no node. */
  readonly nodeId: string | undefined
}

/** The way from a run to the node that is to go on. */
function findWaiting(run: Run, nodeId: string | undefined): readonly [Step, ...Step[]] {
  const { plan, waiting } = run.frontier
  if (nodeId === undefined) {
    const [first] = waiting ?? []
    const isPaused = run.state.waiting.some(({ reason }) => reason === 'user_pause')
    if (first !== undefined && !isPaused) return findWaiting(run, plan.nodes[first]!.id)
    if (!run.isParked) throw notAwaiting(run.executionId)
    return [{ run, nodeId: undefined }]
  }
  const index = plan.indexOf.get(nodeId)
  if (index !== undefined) {
    if (!waiting?.has(index)) throw nodeNotAwaiting(nodeId, run.executionId)
    const child = plan.nodes[index]!.kind === 'subflow' ? run.children.of(nodeId) : undefined
    return child === undefined ? [{ run, nodeId }] : [{ run, nodeId }, ...findWaiting(child, undefined)]
  }
  for (let at = nodeId.indexOf('/'); at >= 0; at = nodeId.indexOf('/', at + 1)) {
    const own = nodeId.slice(0, at)
    const child = run.children.of(own)
    if (child !== undefined) return [{ run, nodeId: own }, ...findWaiting(child, nodeId.slice(at + 1))]
  }
  throw new FlowcraftError(`Awaiting node '${nodeId}' not found in blueprint.`, {
    code: 'NOT_AWAITING',
    nodeId,
    executionId: run.executionId,
  })
}

/** An answer as it is recorded. @throws SERIALIZATION_FAILED. */
function takeAnswer(run: Run, nodeId: string, { output, action }: ResumeData): Pick<Resumption, 'output' | 'action'> {
  const taken = run.values.take(output, `the answer to node '${nodeId}' (execution '${run.executionId}')`, nodeId)
  return { ...(taken !== undefined && { output: taken }), ...(action !== undefined && { action }) }
}

type Answer = ReturnType<typeof takeAnswer>

function goOn([step, ...rest]: readonly Step[], answer: Answer | Record<string, never>): void {
  if (step === undefined) return
  const { run, nodeId } = step
  if (nodeId === undefined) return resumePaused(run)
  if (rest.length === 0) return run.resume({ reason: 'external', nodeId, ...answer })
  run.resume({ reason: 'external', nodeId })
  run.children.resume(nodeId, () => goOn(rest, answer))
}

/** What was paused together goes on together. */
function resumePaused(run: Run): void {
  run.resume({ reason: 'user' })
  for (const [nodeId, child] of [...run.children.entries()]) {
    if (!child.isParked || !child.wasPaused) continue
    run.resume({ reason: 'user', nodeId })
    run.children.resume(nodeId, resumePaused)
  }
}
