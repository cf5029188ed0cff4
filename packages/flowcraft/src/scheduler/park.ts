import { reach } from '../blueprint/graph.ts'
import type { Plan } from '../blueprint/plan.ts'
import type { Fact, StuckNode, Waiting } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import type { Frontier } from './frontier.ts'

/** What parks a run in which nothing can go on by itself; `undefined` for one in which nothing is left. */
export function parkFact(frontier: Frontier, state: RunState): Fact | undefined {
  const waiting = waitingNodes(frontier, state)
  const stuck = stuckNodes(frontier, waiting.length > 0)
  if (waiting.length === 0 && stuck.length === 0) return undefined
  if (waiting.some(({ reason }) => reason === 'external_event')) return { type: 'workflow:pause', payload: { waiting } }
  const remainingNodes = waiting.length + unvisitedNodes(frontier).length + (frontier.withheld?.size ?? 0)
  const payload = { remainingNodes, waiting, ...(stuck.length > 0 && { stuck: Object.freeze(stuck) }) }
  return { type: 'workflow:stall', payload }
}

/** What parks a run that somebody wants to stop for a while. */
export function pauseFact(frontier: Frontier, state: RunState): Fact {
  // A node between two attempts goes on with the next one.
  const held = [...frontier.ready.members(), ...frontier.backingOff.members()].sort((a, b) => a - b)
  const ready = held.map((node): Waiting => Object.freeze({ nodeId: idOf(frontier.plan, node), reason: 'user_pause' }))
  const waiting = Object.freeze([...waitingNodes(frontier, state), ...ready])
  return { type: 'workflow:pause', payload: { waiting } }
}

function waitingNodes({ plan, waiting }: Frontier, state: RunState): readonly Waiting[] {
  const nodes = [...(waiting ?? [])].map((node): Waiting => {
    const nodeId = idOf(plan, node)
    const { reason = 'external_event', wakeUpAt, event } = state.nodes.get(nodeId)?.wait ?? {}
    return Object.freeze({
      nodeId,
      reason,
      ...(wakeUpAt !== undefined && { wakeUpAt }),
      ...(event !== undefined && { event }),
    })
  })
  return Object.freeze(nodes)
}

/** Nodes that no target needs; else, when nothing is waited for, those that should have come up and have not. */
function stuckNodes(frontier: Frontier, isWaiting: boolean): StuckNode[] {
  const { plan, withheld } = frontier
  const held = [...(withheld?.members() ?? [])].sort((a, b) => a - b)
  if (held.length > 0 && !isWaiting) return held.map((node) => toStuck(plan, node, 'no target of the run needs it'))
  if (isWaiting || plan.loops.length === 0) return []
  return unvisitedNodes(frontier).map((node) =>
    toStuck(plan, node, 'edges to it are still open, and nothing can decide them'),
  )
}

/** Without loops, whatever can be reached comes up or is skipped. */
function unvisitedNodes({ plan, visited }: Frontier): number[] {
  const next = plan.nodes.map(({ outgoing, fallbackNode }) => {
    const targets = outgoing.map((edge) => plan.edges[edge]!.target)
    return fallbackNode === undefined ? targets : [...targets, fallbackNode]
  })
  return [...reach(plan.startNodes, next)].filter((node) => !visited[node]).sort((a, b) => a - b)
}

function toStuck(plan: Plan, node: number, reason: string): StuckNode {
  return Object.freeze({ nodeId: idOf(plan, node), reason })
}

function idOf(plan: Plan, node: number): string {
  return plan.nodes[node]!.id
}
