import { FlowcraftError, type ErrorCause, type WorkflowError } from '../errors.ts'
import { isReservedKey } from '../blueprint/reserved-key.ts'
import { shown } from '../blueprint/shown.ts'
import type { RunStatus } from '../events/event.ts'
import type { NodeStatus } from '../state/run-state.ts'
import { divergenceOf, sidesOf, type Divergence, type Sides } from './divergence.ts'
import type { NodeSnapshot } from './node-snapshot.ts'
import { pathDifference, type PathDifference } from './path-difference.ts'
import type { Recording } from './recording.ts'
import type { Snapshot } from './snapshot.ts'
import { differencesOf, sorted, valueText, type ValueDifference } from './value-differences.ts'

/** In what two runs differ, as plain JSON data. Of what is the same in both, nothing is in it. */
export interface RecordingDiff {
  /** Whether nothing differs but ids of executions, times, stacks and durations. */
  readonly isSame: boolean
  readonly executionIds: Required<Sides<string>>
  /** At the end of each, also when they are the same. */
  readonly statuses: Required<Sides<RunStatus>>
  /** Also when they are the same; in milliseconds. */
  readonly durationMs: Sides<number>
  /** Absent when the histories say the same from beginning to end. Parallel nodes may have come in another order. */
  readonly firstDivergence?: Divergence
  /** Absent when the same nodes started in the same order, and the same edges were taken as often. */
  readonly path?: PathDifference
  /** By node id. */
  readonly nodes: readonly NodeDifference[]
  /** By key; without the engine's own keys and nodes' outputs. */
  readonly context: readonly ContextDifference[]
}

/** In what a node differs between the ends of two runs. What is the same in both is absent. */
export interface NodeDifference {
  readonly nodeId: string
  /** The one run that knows of the node. */
  readonly onlyIn?: 'a' | 'b'
  readonly status?: Sides<NodeStatus>
  /** Counts the times that it came up, from 0. */
  readonly iteration?: Sides<number>
  /** Of the last iteration. */
  readonly attempts?: Sides<number>
  readonly output?: readonly ValueDifference[]
  readonly action?: Sides<string>
  /** Name, code and message of the error and of its causes. */
  readonly error?: Sides<string>
  /** Of the last iteration, in milliseconds. */
  readonly durationMs?: Sides<number>
}

/** In what a key of the context differs between the ends of two runs. */
export interface ContextDifference {
  readonly key: string
  /** The one run that has the key. */
  readonly onlyIn?: 'a' | 'b'
  readonly differences: readonly ValueDifference[]
}

/**
 * In what two runs differ. `diffRecordings(b, a)` gives the same with the sides exchanged. Linear in the events and values.
 * @throws INPUT_INVALID for what is no recording.
 */
export function diffRecordings(a: Recording, b: Recording): RecordingDiff {
  const ends = { a: endOf('a', a), b: endOf('b', b) }
  const firstDivergence = divergenceOf(a.events, b.events)
  const path = pathDifference(a.events, b.events)
  const nodes = nodeDifferences(ends, { a: a.blueprint !== undefined, b: b.blueprint !== undefined })
  const context = contextDifferences(ends)
  const isSame =
    firstDivergence === undefined &&
    path === undefined &&
    a.status === b.status &&
    context.length === 0 &&
    nodes.every((node) => Object.keys(node).every((name) => name === 'nodeId' || name === 'durationMs'))
  return {
    isSame,
    executionIds: { a: a.executionId, b: b.executionId },
    statuses: { a: a.status, b: b.status },
    durationMs: sidesOf(a.durationMs, b.durationMs),
    ...(firstDivergence && { firstDivergence }),
    ...(path && { path }),
    nodes,
    context,
  }
}

interface Ends {
  readonly a: Snapshot
  readonly b: Snapshot
}

function endOf(side: 'a' | 'b', recording: Recording): Snapshot {
  const found: unknown = recording
  // Lists of events have an `at` of their own.
  const isRecording = typeof found === 'object' && found !== null && 'events' in found && 'at' in found
  if (isRecording && typeof found.at === 'function') return recording.at('end')
  throw new FlowcraftError(
    `diffRecordings takes two recordings, such as openRecording gives, or recordingFrom of events; '${side}' is ${shown(found)}`,
    { code: 'INPUT_INVALID' },
  )
}

function nodeDifferences({ a, b }: Ends, knowsAll: Required<Sides<boolean>>): NodeDifference[] {
  return sorted([...Object.keys(a.nodes), ...Object.keys(b.nodes)]).flatMap((nodeId): NodeDifference[] => {
    const [one, other] = [a.nodes[nodeId], b.nodes[nodeId]]
    if (one !== undefined && other !== undefined) {
      const difference = nodeDifference(nodeId, one, other)
      return Object.keys(difference).length > 1 ? [difference] : []
    }
    // A history without its blueprint does not know of nodes that never came up.
    const isUntold = (one ?? other)?.status === 'pending' && !(one === undefined ? knowsAll.a : knowsAll.b)
    return isUntold ? [] : [{ nodeId, onlyIn: one === undefined ? 'b' : 'a' }]
  })
}

function nodeDifference(nodeId: string, a: NodeSnapshot, b: NodeSnapshot): NodeDifference {
  const output = differencesOf(a.output, b.output)
  const errors = sidesOf(a.error && errorText(a.error), b.error && errorText(b.error))
  return {
    nodeId,
    ...(a.status !== b.status && { status: sidesOf(a.status, b.status) }),
    ...(a.iteration !== b.iteration && { iteration: sidesOf(a.iteration, b.iteration) }),
    ...(a.attempts !== b.attempts && { attempts: sidesOf(a.attempts, b.attempts) }),
    ...(output.length > 0 && { output }),
    ...(a.action !== b.action && { action: sidesOf(a.action, b.action) }),
    ...(errors.a !== errors.b && { error: errors }),
    ...(a.durationMs !== b.durationMs && { durationMs: sidesOf(a.durationMs, b.durationMs) }),
  }
}

function errorText(error: WorkflowError): string {
  const parts: string[] = []
  for (let part: WorkflowError | ErrorCause | undefined = error; part !== undefined; part = part.cause) {
    parts.push(`${part.name}${part.code === undefined ? '' : ` [${part.code}]`}: ${part.message}`)
  }
  return parts.join(', caused by ')
}

function contextDifferences(ends: Ends): ContextDifference[] {
  const [a, b] = [ends.a.context, ends.b.context]
  return sorted([...Object.keys(a), ...Object.keys(b)]).flatMap((key): ContextDifference[] => {
    if (isReservedKey(key)) return []
    const [inA, inB] = [Object.hasOwn(a, key), Object.hasOwn(b, key)]
    const [isOutputInA, isOutputInB] = [isOutput(ends.a, key), isOutput(ends.b, key)]
    if ((isOutputInA || !inA) && (isOutputInB || !inB)) return []
    if (inA && inB) {
      const differences = differencesOf(a[key], b[key])
      return differences.length === 0 ? [] : [{ key, differences }]
    }
    const side = inA ? { a: valueText(a[key]) } : { b: valueText(b[key]) }
    return [{ key, onlyIn: inA ? 'a' : 'b', differences: [{ path: [], ...side }] }]
  })
}

/** Whether the key is there for the output of the node of that name, which is told of with the node. */
function isOutput({ context, nodes }: Snapshot, key: string): boolean {
  const node = nodes[key]
  if (node === undefined || node.output === undefined || !Object.hasOwn(context, key)) return false
  return context[key] === node.output || differencesOf(context[key], node.output).length === 0
}
