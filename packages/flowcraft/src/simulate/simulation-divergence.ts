import type { EventType, FlowcraftEvent } from '../events/event.ts'
import { sidesOf, type Sides } from '../recording/divergence.ts'
import { differencesOf, type Exempt, type ValueDifference } from '../recording/value-differences.ts'
import { placeOf } from './place.ts'

/** The first thing in which a simulated run (`b`) differs from the recorded one (`a`), besides times and the blueprint's own text. */
export interface SimulationDivergence {
  /** Of the event that tells of it. */
  readonly type: EventType
  /** Where each of them has it; absent for the run in which it did not happen. */
  readonly seq: Sides<number>
  /** The node that it is about, if it is about one. */
  readonly nodeId?: string
  /** The edge that it is about, if it is about one. */
  readonly edge?: { readonly source: string; readonly target: string; readonly action?: string }
  /** In what it differs; `[]` for what happened in one of them only. */
  readonly differences: readonly ValueDifference[]
}

/**
 * The first difference between two runs that is none of times, ids or of how a blueprint is written; `undefined` for
 * none. That the same happened in another order is none either. Linear in the events.
 */
export function simulationDivergence(
  a: readonly FlowcraftEvent[],
  b: readonly FlowcraftEvent[],
): SimulationDivergence | undefined {
  const ofB = byPlace(b)
  const met = new Map<string, number>()
  let first:
    | { readonly at: number; readonly a: FlowcraftEvent | undefined; readonly b: FlowcraftEvent | undefined }
    | undefined
  let differences: readonly ValueDifference[] = []
  for (const event of a) {
    const place = placeOf(event)
    const nth = met.get(place) ?? 0
    met.set(place, nth + 1)
    const other = ofB.get(place)?.[nth]
    differences = other === undefined ? [] : differencesOf(event.payload, other.payload, exemptFor(event.type))
    if (other !== undefined && differences.length === 0) continue
    first = { at: event.seq, a: event, b: other }
    break
  }
  const extra = firstExtra(a, b)
  if (extra !== undefined && (first === undefined || extra.seq < first.at)) return toDivergence(undefined, extra, [])
  return first && toDivergence(first.a, first.b, differences)
}

function byPlace(events: readonly FlowcraftEvent[]): ReadonlyMap<string, readonly FlowcraftEvent[]> {
  const lists = new Map<string, FlowcraftEvent[]>()
  for (const event of events) {
    const place = placeOf(event)
    const list = lists.get(place)
    if (list === undefined) lists.set(place, [event])
    else list.push(event)
  }
  return lists
}

/** The first event of `b` that `a` does not have. */
function firstExtra(a: readonly FlowcraftEvent[], b: readonly FlowcraftEvent[]): FlowcraftEvent | undefined {
  const left = new Map<string, number>()
  for (const event of a) left.set(placeOf(event), (left.get(placeOf(event)) ?? 0) + 1)
  return b.find((event) => {
    const place = placeOf(event)
    const count = left.get(place) ?? 0
    left.set(place, count - 1)
    return count <= 0
  })
}

function toDivergence(
  a: FlowcraftEvent | undefined,
  b: FlowcraftEvent | undefined,
  differences: readonly ValueDifference[],
): SimulationDivergence {
  // One of them is there.
  const { type, payload } = (a ?? b)!
  const nodeId = 'nodeId' in payload ? payload.nodeId : 'sourceNode' in payload ? payload.sourceNode : undefined
  const edge = type === 'edge:evaluate' ? payload : undefined
  return {
    type,
    seq: sidesOf(a?.seq, b?.seq),
    ...(nodeId !== undefined && { nodeId }),
    ...(edge && {
      edge: {
        source: edge.source,
        target: edge.target,
        ...(edge.action !== undefined && { action: edge.action }),
      },
    }),
    differences,
  }
}

const always = ['executionId', 'childExecutionId', 'parent', 'durationMs', 'delayMs', 'wakeUpAt']
const ofBlueprint = ['blueprintId', 'blueprint', 'blueprintHash', 'blueprintVersion', 'edge', 'edges', 'remainingNodes']
const ownFields: ReadonlySet<unknown> = new Set([...always, ...ofBlueprint])
/** An edge is decided by whether it is taken, and with what: why is a matter of how the blueprint says it. */
const ownEdgeFields: ReadonlySet<unknown> = new Set(['condition', 'reason', 'error'])
const ownErrorFields: ReadonlySet<unknown> = new Set(['executionId', 'blueprintId', 'timestamp', 'stack'])

function exemptFor(type: EventType): Exempt {
  return (path) => {
    const [first, last] = [path[0], path.at(-1)]
    if (path.length === 1) return ownFields.has(first) || (type === 'edge:evaluate' && ownEdgeFields.has(first))
    if (first === 'error' || first === 'errors') return ownErrorFields.has(last)
    return first === 'waiting' && last === 'wakeUpAt'
  }
}
