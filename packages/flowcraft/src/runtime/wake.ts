import type { Run } from './run.ts'
import type { Resumption } from './run-options.ts'
import { enterChild, isPaused } from './waiting-path.ts'

/**
 * When the first node of a run, or of the runs of its subflows, goes on by itself, in epoch milliseconds; `Infinity` for
 * never, as for one that somebody paused: no timer ends a pause.
 */
export function nextWakeUp(run: Run): number {
  const known = wakeUps.get(run)
  if (known !== undefined && known.seq === run.state.seq) return known.wakeUpAt
  const wakeUpAt = findWakeUp(run)
  // What the runs of subflows wait for changes without it.
  if (run.children.isEmpty) wakeUps.set(run, { seq: run.state.seq, wakeUpAt })
  return wakeUpAt
}

/** Of runs that stand where they stood: many may be parked, and be asked for each time that one of them is due. */
const wakeUps = new WeakMap<Run, { readonly seq: number; readonly wakeUpAt: number }>()

function findWakeUp(run: Run): number {
  if (isPaused(run)) return Infinity
  let next = Infinity
  for (const nodeId of waitingNodes(run)) {
    const { wakeUpAt = Infinity } = run.state.nodes.get(nodeId)?.wait ?? {}
    if (wakeUpAt < next && run.children.of(nodeId) === undefined) next = wakeUpAt
  }
  for (const [, child] of run.children.entries()) next = Math.min(next, nextWakeUp(child))
  return next
}

/** Lets every node of a run, and of the runs of its subflows, go on whose time has come. */
export function wakeDue(run: Run, now: number): void {
  if (isPaused(run)) return
  const { nodes, indexOf } = run.frontier.plan
  const due = waitingNodes(run).flatMap((nodeId): Resumption[] => {
    const { wakeUpAt = Infinity } = run.state.nodes.get(nodeId)?.wait ?? {}
    if (wakeUpAt > now || run.children.of(nodeId) !== undefined) return []
    const isSleep = nodes[indexOf.get(nodeId)!]!.kind === 'sleep'
    return [{ reason: 'timer', nodeId, ...(!isSleep && { action: 'timeout' }) }]
  })
  if (due.length > 0) run.resume(...due)
  for (const [nodeId, child] of run.children.entries()) {
    if (nextWakeUp(child) <= now) enterChild({ run, nodeId }, 'timer', (started) => wakeDue(started, now))
  }
}

/** A copy: the nodes leave the set when they go on. */
function waitingNodes({ frontier: { plan, waiting } }: Run): string[] {
  return [...(waiting ?? [])].map((node) => plan.nodes[node]!.id)
}
