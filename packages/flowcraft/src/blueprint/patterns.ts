import { FlowcraftError } from '../errors.ts'
import type { EdgeDefinition, NodeDefinition } from './blueprint.ts'
import { durationMs } from './duration.ts'
import type { BatchOptions, LoopOptions, NodeOptions, SleepOptions, SubflowOptions, WaitOptions } from './flow-types.ts'

/** What one call adds to a flow. */
export interface Pattern {
  readonly nodes: readonly NodeDefinition[]
  readonly edges: readonly EdgeDefinition[]
}

/** The names in a flow that stand for more than one node. */
export interface PatternNames {
  readonly batches: ReadonlySet<string>
  readonly loops: ReadonlyMap<string, LoopOptions>
}

/** Where a pattern is added, for messages. */
export interface PatternPlace {
  readonly flowId: string
  readonly id: string
}

/** The node that deals out the items of a batch. */
export function scatterOf(batchId: string): string {
  return `${batchId}_scatter`
}

/** The node that collects the results of a batch. */
export function gatherOf(batchId: string): string {
  return `${batchId}_gather`
}

/** One node. */
export function nodePattern(id: string, uses: string, { params, inputs, config }: NodeOptions): Pattern {
  return { nodes: [defined({ id, uses, params, inputs, config })], edges: [] }
}

/**
 * A scatter and a gather, and the edge between them.
 * @throws INPUT_INVALID for `chunkSize` or `concurrency` that is no whole number of at least 1, or another `onError`.
 */
export function batchPattern(place: PatternPlace, workerUsesKey: string, options: BatchOptions): Pattern {
  const { inputKey, outputKey, chunkSize, concurrency, onError, config } = options
  for (const [name, value] of Object.entries({ chunkSize, concurrency })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      refuse(place, `has ${name} ${String(value)}; expected a whole number of at least 1`)
    }
  }
  if (onError !== undefined && onError !== 'fail' && onError !== 'collect') {
    refuse(place, `has onError '${String(onError)}'; expected 'fail' or 'collect'`)
  }
  const source = scatterOf(place.id)
  const target = gatherOf(place.id)
  const scatterParams = defined({ workerUsesKey, outputKey, gatherNodeId: target, chunkSize, concurrency, onError })
  const gatherParams = defined({ outputKey, gatherNodeId: target })
  return {
    nodes: [
      defined({ id: source, uses: 'batch-scatter', params: scatterParams, inputs: inputKey, config }),
      { id: target, uses: 'batch-gather', params: gatherParams },
    ],
    edges: [{ source, target }],
  }
}

/**
 * A controller behind the end of a loop, and the way back to its start.
 * @throws INPUT_INVALID for an empty condition, or a loop that starts or ends with itself.
 */
export function loopPattern(place: PatternPlace, options: LoopOptions): Pattern {
  const { id } = place
  const { startNodeId, endNodeId, condition } = options
  if (typeof condition !== 'string' || condition.trim() === '') {
    refuse(place, 'has no condition; expected an expression that is true while the loop goes on')
  }
  for (const [name, value] of Object.entries({ startNodeId, endNodeId })) {
    if (value === id) refuse(place, `names itself as its ${name}; expected a node of the loop's body`)
  }
  return {
    nodes: [{ id, uses: 'loop-controller', params: { condition }, config: { joinStrategy: 'any' } }],
    edges: [
      { source: endNodeId, target: id },
      { source: id, target: startNodeId, action: 'continue' },
    ],
  }
}

/**
 * A node that takes its time.
 * @throws INPUT_INVALID for a duration that is none.
 */
export function sleepPattern(place: PatternPlace, { duration, params, inputs, config }: SleepOptions): Pattern {
  requireDuration(place, 'duration', duration)
  return nodePattern(place.id, 'sleep', { params: { ...params, duration }, inputs, config })
}

/**
 * A node that waits to be resumed.
 * @throws INPUT_INVALID for a timeout that is no duration.
 */
export function waitPattern(place: PatternPlace, { event, timeout, params, inputs, config }: WaitOptions): Pattern {
  if (timeout !== undefined) requireDuration(place, 'timeout', timeout)
  return nodePattern(place.id, 'wait', { params: { ...params, ...defined({ event, timeout }) }, inputs, config })
}

/** A node that runs another blueprint. */
export function subflowPattern(id: string, { blueprintId, inputs, outputs, config }: SubflowOptions): Pattern {
  return nodePattern(id, 'subflow', { params: defined({ blueprintId, inputs, outputs }), config })
}

/** Edges as the engine takes them: a batch entered by its scatter and left by its gather, a loop left by `'break'`. */
export function wire(edges: readonly EdgeDefinition[], { batches, loops }: PatternNames): EdgeDefinition[] {
  return edges.map((edge) => ({
    ...edge,
    source: batches.has(edge.source) ? gatherOf(edge.source) : edge.source,
    target: batches.has(edge.target) ? scatterOf(edge.target) : edge.target,
    ...(loops.has(edge.source) && edge.action === undefined && { action: 'break' }),
  }))
}

/** `object` without the properties that are `undefined`. */
export function defined<T extends object>(object: T): T {
  // What is left out was `undefined`, which its type has already.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

function requireDuration(place: PatternPlace, name: string, value: unknown): void {
  if (durationMs(value) !== undefined) return
  refuse(place, `has ${name} '${String(value)}'; expected milliseconds, or a text such as '5s', '10m', '2h' or '1d'`)
}

function refuse({ flowId, id }: PatternPlace, problem: string): never {
  throw new FlowcraftError(`Node '${id}' of flow '${flowId}' ${problem}`, {
    code: 'INPUT_INVALID',
    blueprintId: flowId,
    nodeId: id,
  })
}
