import type { EventPayloads, EventType, FlowcraftEvent, Waiting, WorkflowError } from 'flowcraft'
import { failureText, valueText } from './vitest-value.ts'

/** What an event says, in one line: its type, what it is about, and what there is to say of that. */
export function eventLine(event: FlowcraftEvent): string {
  const { type, payload } = event
  // A log may hold types that a later version made.
  const words = Object.hasOwn(wordsOf, type) ? (wordsOf[type] as Words)(payload) : [valueText(strangerOf(payload))]
  return [type.padEnd(longestType), ...words].join(' ').trimEnd()
}

/** The length of `workflow:finish`, below which the words of all types begin. */
const longestType = 15

type Words = (payload: EventPayloads[EventType]) => string[]

const wordsOf: { readonly [T in EventType]: (payload: EventPayloads[T]) => string[] } = {
  'workflow:start': ({ blueprintId, initialContext, input, options: { targets }, tags }) => [
    blueprintId,
    valueText(initialContext),
    ...given('input', input),
    ...given('targets', targets),
    ...given('tags', tags),
  ],
  'workflow:fork': ({ seq, set, delete: deleted, outputs, rerun, blueprintHash }) => [
    `after event ${seq}`,
    ...given('set', set),
    ...given('delete', deleted),
    ...given('outputs', outputs),
    ...given('rerun', rerun),
    ...(blueprintHash === undefined ? [] : ['with another blueprint']),
  ],
  'workflow:stall': ({ remainingNodes, waiting, stuck = [] }) => [
    `${remainingNodes} left`,
    ...waitingWords(waiting),
    ...stuck.map(({ nodeId, reason }) => `stuck: ${nodeId} (${reason})`),
  ],
  'workflow:pause': ({ waiting }) => waitingWords(waiting),
  'workflow:resume': ({ reason, nodeId, output, action, blueprintHash }) => [
    reason,
    ...(nodeId === undefined ? [] : [nodeId]),
    ...arrow(output),
    ...given('action', action),
    ...(blueprintHash === undefined ? [] : ['with another blueprint']),
  ],
  'workflow:cancel': ({ reason }) => (reason === undefined ? [] : [valueText(reason)]),
  'workflow:finish': ({ status, errors = [] }) => [status, ...errors.map((error) => failedText(error))],
  'node:start': ({ nodeId, iteration, attempt, input, fallbackFor }) => [
    ...nodeWords(nodeId, iteration, attempt),
    ...(fallbackFor === undefined ? [] : [`in place of ${fallbackFor}`]),
    ...(input === undefined ? [] : ['<-', valueText(input)]),
  ],
  'node:finish': ({ nodeId, iteration, attempt, result: { output, action, dynamicNodes, dynamicEdges } }) => [
    ...nodeWords(nodeId, iteration, attempt),
    ...arrow(output),
    ...given('action', action),
    ...given(
      'creates',
      dynamicNodes?.map(({ id }) => id),
    ),
    ...given(
      'edges',
      dynamicEdges?.map(({ source, target }) => `${source} -> ${target}`),
    ),
  ],
  'node:error': ({ nodeId, iteration, attempt, error }) => [
    ...nodeWords(nodeId, iteration, attempt),
    failureText(error),
  ],
  'node:retry': ({ nodeId, iteration, attempt, error, delayMs }) => [
    ...nodeWords(nodeId, iteration, attempt),
    failureText(error),
    `(again after ${delayMs} ms)`,
  ],
  'node:fallback': ({ nodeId, iteration, fallback, error }) => [
    ...nodeWords(nodeId, iteration),
    `=> ${fallback}`,
    failureText(error),
  ],
  'node:skipped': ({ nodeId, iteration, reason }) => [...nodeWords(nodeId, iteration), `(${reason})`],
  'node:wait': ({ nodeId, iteration, reason, event }) => [
    ...nodeWords(nodeId, iteration),
    `(${reason})`,
    ...given('event', event),
  ],
  'edge:evaluate': ({ source, target, action, condition, result, reason, value, error }) => [
    `${source} => ${target}`,
    result ? 'taken' : `not taken${reason === undefined ? '' : ` (${reason})`}`,
    ...given('action', action),
    ...given('condition', condition),
    ...given('value', value),
    ...(error === undefined ? [] : [failureText(error)]),
  ],
  'context:change': ({ sourceNode, iteration, attempt, key, op, value }) => [
    ...nodeWords(sourceNode, iteration, attempt),
    op === 'delete' ? `deletes ${key}` : `${key} = ${valueText(value)}`,
  ],
  'batch:start': ({ batchId, workerNodeIds, onError }) => [
    batchId,
    `${workerNodeIds.length} workers`,
    ...given('onError', onError),
  ],
  'batch:finish': ({ batchId, gatherNodeId, results }) => [batchId, `=> ${gatherNodeId}`, ...arrow(results)],
}

function strangerOf(payload: FlowcraftEvent['payload']): object {
  const names = ['executionId', 'blueprintId']
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !names.includes(name)))
}

/** What a parked run waits for. */
export function waitingWords(waiting: readonly Waiting[]): string[] {
  return waiting.map(({ nodeId, reason, event }) => {
    return `waiting: ${nodeId} (${reason}${event === undefined ? '' : ` ${valueText(event)}`})`
  })
}

/** A failure, with the node that it happened to. */
export function failedText(error: WorkflowError): string {
  return `${error.nodeId === undefined ? '' : `${error.nodeId}: `}${failureText(error)}`
}

function nodeWords(nodeId: string, iteration: number, attempt: number = 1): string[] {
  return [nodeId, ...(iteration > 0 ? [`#${iteration}`] : []), ...(attempt > 1 ? [`attempt ${attempt}`] : [])]
}

function given(name: string, value: unknown): string[] {
  return value === undefined ? [] : [`${name}=${valueText(value)}`]
}

function arrow(value: unknown): string[] {
  return value === undefined ? [] : ['->', valueText(value)]
}
