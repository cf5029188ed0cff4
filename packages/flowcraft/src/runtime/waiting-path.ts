import { FlowcraftError } from '../errors.ts'
import type { ResumeReason } from '../events/event.ts'
import { nodeNotAwaiting, notAwaiting } from './not-awaiting.ts'
import type { RunTable } from './run-table.ts'
import type { Run } from './run.ts'
import { hasPause } from './status-of.ts'

/** A run, and the node in it that is meant. */
export interface Step {
  readonly run: Run
  /** Absent where the run as a whole goes on. */
  readonly nodeId: string | undefined
}

/** The way from a run down to something that waits: each node but the last is a subflow, whose run comes next. */
export type Path = readonly [Step, ...Step[]]

/** A step to the run of a subflow. */
export interface SubflowStep extends Step {
  readonly nodeId: string
}

/** The way from the root of a family down to one of its runs, that run left out. */
export function stepsTo(runs: RunTable, run: Run): readonly SubflowStep[] {
  const parent = runs.parentOf(run.executionId)
  const own = [...(parent?.children.entries() ?? [])].find(([, child]) => child === run)
  return parent === undefined || own === undefined ? [] : [...stepsTo(runs, parent), { run: parent, nodeId: own[0] }]
}

/**
 * The way from a run to the node that is to go on: the named one, by `subflow/node` one of a subflow; else the first
 * that waits. A run that somebody paused goes on as a whole, unless there is an answer for one of its nodes.
 * @throws NOT_AWAITING
 */
export function pathToWaiting(run: Run, nodeId: string | undefined, isAnswer: boolean): Path {
  if (nodeId === undefined) {
    const path = toFirst(run, isAnswer)
    if (path === undefined) throw notAwaiting(run.executionId)
    return path
  }
  const path = toNamed(run, nodeId, isAnswer)
  if (typeof path === 'object') return path
  if (path === 'idle') throw nodeNotAwaiting(nodeId, run.executionId)
  throw new FlowcraftError(`Awaiting node '${nodeId}' not found in blueprint.`, {
    code: 'NOT_AWAITING',
    nodeId,
    executionId: run.executionId,
  })
}

/** Whether a run is parked because somebody paused it or the run of one of its subflows. */
export function isPaused(run: Run): boolean {
  return run.isParked && (hasPause(run.state) || run.children.entries().some(([, child]) => isPaused(child)))
}

/** Lets the run of a subflow go on by `goOn`, and the node that waits for it. */
export function enterChild({ run, nodeId }: SubflowStep, reason: ResumeReason, goOn: (child: Run) => void): void {
  const child = run.children.of(nodeId)
  if (child === undefined) return
  if (!isWaiting(run, nodeId)) return goOn(child)
  run.resume({ reason, nodeId })
  run.children.resume(nodeId, goOn)
}

function toFirst(run: Run, isAnswer: boolean): Path | undefined {
  const path = isPaused(run) && !isAnswer ? undefined : toAnswerable(run)
  if (path !== undefined) return path
  if (run.isParked) return [{ run, nodeId: undefined }]
  for (const [nodeId, child] of run.children.entries()) {
    const rest = toFirst(child, isAnswer)
    if (rest !== undefined) return [{ run, nodeId }, ...rest]
  }
  return undefined
}

/** The way to the first node that waits, be it in the run of a subflow. */
function toAnswerable(run: Run): Path | undefined {
  const { plan, waiting } = run.frontier
  const waitingIds = [...(waiting ?? [])].map((node) => plan.nodes[node]!.id)
  // The run of a subflow may have something to wait for while it goes on.
  for (const nodeId of new Set([...waitingIds, ...run.children.entries().map(([id]) => id)])) {
    const child = run.children.of(nodeId)
    const rest = child === undefined ? [] : toAnswerable(child)
    if (rest !== undefined) return [{ run, nodeId }, ...rest]
  }
  return undefined
}

/** `'idle'` for a node that does not wait, `'unknown'` for none at all. */
function toNamed(run: Run, nodeId: string, isAnswer: boolean): Path | 'idle' | 'unknown' {
  const { nodes, indexOf } = run.frontier.plan
  if (indexOf.has(nodeId) || run.state.nodes.has(nodeId)) return toNode(run, nodeId, isAnswer) ?? 'idle'
  let found: 'idle' | 'unknown' = 'unknown'
  for (let at = nodeId.indexOf('/'); at >= 0; at = nodeId.indexOf('/', at + 1)) {
    const own = nodeId.slice(0, at)
    const child = run.children.of(own)
    const rest = child === undefined ? 'unknown' : toNamed(child, nodeId.slice(at + 1), isAnswer)
    if (typeof rest === 'object') return [{ run, nodeId: own }, ...rest]
    const index = indexOf.get(own)
    const isOver = child === undefined && index !== undefined && nodes[index]!.kind === 'subflow'
    if (rest === 'idle' || isOver) found = 'idle'
  }
  return found
}

function toNode(run: Run, nodeId: string, isAnswer: boolean): Path | undefined {
  const child = run.children.of(nodeId)
  const rest = child === undefined ? [] : toFirst(child, isAnswer)
  const isThere = child === undefined ? isWaiting(run, nodeId) : rest !== undefined
  return isThere ? [{ run, nodeId }, ...(rest ?? [])] : undefined
}

/** Whether a node of a run waits. */
export function isWaiting({ frontier: { plan, waiting } }: Run, nodeId: string): boolean {
  const index = plan.indexOf.get(nodeId)
  return index !== undefined && waiting?.has(index) === true
}
