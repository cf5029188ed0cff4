import type { FlowcraftEvent } from '../events/event.ts'
import type { Sides } from './divergence.ts'
import { sorted } from './value-differences.ts'

/** A node that started, or stood in for another one. */
export interface PathStep {
  readonly nodeId: string
  readonly iteration: number
}

/** In what the ways of two runs through their nodes differ. */
export interface PathDifference {
  /** With how many steps, first attempts of nodes in the order in which they started, both begin. */
  readonly inCommon: number
  /** The steps that follow on these. */
  readonly steps: Required<Sides<readonly PathStep[]>>
  /** Edges that were not taken as often in both, by their nodes. */
  readonly edges: readonly EdgeDifference[]
}

/** How often the edges from one node to another were taken. */
export interface EdgeDifference {
  readonly source: string
  readonly target: string
  readonly taken: Required<Sides<number>>
}

/** In what the paths of two histories differ; `undefined` for nothing. */
export function pathDifference(a: readonly FlowcraftEvent[], b: readonly FlowcraftEvent[]): PathDifference | undefined {
  const [one, other] = [stepsOf(a), stepsOf(b)]
  let inCommon = 0
  while (inCommon < Math.min(one.length, other.length) && isSameStep(one[inCommon]!, other[inCommon]!)) inCommon += 1
  const steps = { a: one.slice(inCommon), b: other.slice(inCommon) }
  const edges = edgeDifferences(takenIn(a), takenIn(b))
  return steps.a.length + steps.b.length + edges.length === 0 ? undefined : { inCommon, steps, edges }
}

function stepsOf(events: readonly FlowcraftEvent[]): PathStep[] {
  return events.flatMap((event) => {
    if (event.type !== 'node:start' || event.payload.attempt !== 1) return []
    return [{ nodeId: event.payload.nodeId, iteration: event.payload.iteration }]
  })
}

function isSameStep(a: PathStep, b: PathStep): boolean {
  return a.nodeId === b.nodeId && a.iteration === b.iteration
}

/** How often edges were taken, by the JSON of their two nodes. */
function takenIn(events: readonly FlowcraftEvent[]): ReadonlyMap<string, number> {
  const taken = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'edge:evaluate' || !event.payload.result) continue
    const edge = JSON.stringify([event.payload.source, event.payload.target])
    taken.set(edge, (taken.get(edge) ?? 0) + 1)
  }
  return taken
}

function edgeDifferences(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): EdgeDifference[] {
  return sorted([...a.keys(), ...b.keys()]).flatMap((edge) => {
    const taken = { a: a.get(edge) ?? 0, b: b.get(edge) ?? 0 }
    const [source, target] = JSON.parse(edge) as [string, string]
    return taken.a === taken.b ? [] : [{ source, target, taken }]
  })
}
