import type { EventOf, EventPayloads, FlowcraftEvent } from '../../src/events/event.ts'
import { portrait } from '../events/values.ts'
import { describeError, expectedEngineError, expectedError } from './errors.ts'
import { callKey, type NodeCallNote } from './node-calls.ts'
import { attemptOf } from './program.ts'
import type { FinishedRun } from './run-flow.ts'
import { detailsOf, isOfEngine, type Testimony } from './testimony.ts'

interface NodeRun {
  readonly nodeId: string
  readonly standsInFor: NodeRun | undefined
}

/**
 * Follows a log event by event, in the plainest way. Of payloads only names, numbers and codes are believed: contexts,
 * inputs, outputs and errors are those that user code noted. Gives a function that shows how things stand.
 */
export function witness(run: FinishedRun): { see(event: FlowcraftEvent): void; testify(): Testimony } {
  const { flow, notes } = run
  const written = new Map<string, { readonly value: unknown } | 'deleted'>()
  const inputs = new Map<string, string>()
  const outputs = new Map<string, unknown>()
  const statuses = new Map<string, string>()
  const runs = new Map<string, NodeRun>()
  let errors: { readonly of: NodeRun | undefined; readonly text: string }[] = []
  const nodeErrors = new Map<string, string>()
  const attempts = new Map<string, number>()
  const waits = new Map<string, object>()
  const answered = new Set<string>()
  const workers = new Set<string>()
  const collected = new Set<string>()
  let status = 'running'
  let cancelReason: string | undefined

  const noteOf = (payload: { nodeId: string; iteration: number; attempt: number }): NodeCallNote | undefined =>
    notes.get(callKey(payload))
  const settle = (note: NodeCallNote | undefined): void => {
    for (const write of note?.writes ?? []) {
      written.set(write.key, write.op === 'delete' ? 'deleted' : { value: write.value })
    }
  }
  const textOf = (payload: EventPayloads['node:error' | 'node:retry']): string => {
    const { nodeId, error } = payload
    const note = noteOf(payload)
    if (error.code === 'NODE_TIMEOUT' || error.code === 'TRANSFORM_FAILED' || isOfEngine(flow, nodeId))
      return `${nodeId} ${error.code}`
    if (note?.ending === undefined) return expectedEngineError(nodeId, 'SERIALIZATION_FAILED')
    const { ending } = attemptOf(flow.programs.get(note.key)!, payload)
    if (ending.kind !== 'throw' || !('label' in note.ending)) return `${nodeId} did not fail`
    return expectedError(nodeId, ending.error, note.ending.label)
  }

  // A node that the engine runs itself has no user code that could know.
  const outputOf = ({ payload: { nodeId, result } }: EventOf<'node:finish'>, note: NodeCallNote | undefined): unknown =>
    isOfEngine(flow, nodeId) ? result.output : note?.ending && 'output' in note.ending ? note.ending.output : undefined

  const see = (event: FlowcraftEvent): void => {
    switch (event.type) {
      case 'workflow:start':
        for (const [key, value] of Object.entries(flow.initial)) written.set(key, { value })
        return
      case 'node:start': {
        const { nodeId, attempt, input, fallbackFor } = event.payload
        const standsInFor = fallbackFor === undefined ? undefined : runs.get(fallbackFor)
        if (attempt === 1) {
          runs.set(nodeId, { nodeId, standsInFor })
          nodeErrors.delete(nodeId)
        }
        statuses.set(nodeId, 'running')
        attempts.set(nodeId, attempt)
        // A run may end before its user code is called.
        const seen = noteOf(event.payload)?.input ?? portrait(input)
        if (seen === 'undefined') inputs.delete(nodeId)
        else inputs.set(nodeId, seen)
        return
      }
      case 'node:finish': {
        const note = noteOf(event.payload)
        const isAnswered = answered.delete(event.payload.nodeId)
        if (!isAnswered) settle(note)
        const output = isAnswered ? event.payload.result.output : outputOf(event, note)
        for (let of = runs.get(event.payload.nodeId); of !== undefined; of = of.standsInFor) {
          outputs.set(of.nodeId, output)
          statuses.set(of.nodeId, 'completed')
          nodeErrors.delete(of.nodeId)
          errors = errors.filter((error) => error.of !== of)
        }
        return
      }
      case 'node:retry':
        if (event.payload.error.code !== 'NODE_TIMEOUT') settle(noteOf(event.payload))
        nodeErrors.set(event.payload.nodeId, textOf(event.payload))
        return
      case 'node:error': {
        const { nodeId, attempt, error } = event.payload
        if (error.code === 'TRANSFORM_FAILED' && attempt === 1) {
          // It never started, so there is nothing that user code could know.
          runs.set(nodeId, { nodeId, standsInFor: undefined })
          inputs.delete(nodeId)
        } else if (error.code !== 'NODE_TIMEOUT') {
          settle(noteOf(event.payload))
        }
        if (error.isFatal || !collected.has(nodeId)) errors.push({ of: runs.get(nodeId)!, text: textOf(event.payload) })
        nodeErrors.set(nodeId, textOf(event.payload))
        statuses.set(nodeId, 'failed')
        return
      }
      case 'node:skipped':
        statuses.set(event.payload.nodeId, 'skipped')
        return
      case 'workflow:finish':
        status = event.payload.status
        for (const error of event.payload.errors ?? []) {
          if (error.nodeId === undefined) errors.push({ of: undefined, text: describeError(error) })
        }
        for (const [id, of] of statuses) if (of === 'running' || of === 'waiting') statuses.set(id, 'cancelled')
        return
      case 'workflow:cancel': {
        const reason = flow.cancellation?.reason
        cancelReason = reason === undefined ? 'AbortError' : portrait(reason)
        // Whatever it was waiting for: it goes on, towards its end.
        status = 'running'
        return
      }
      case 'node:wait':
        settle(notes.get(callKey({ attempt: attempts.get(event.payload.nodeId) ?? 1, ...event.payload })))
        statuses.set(event.payload.nodeId, 'waiting')
        waits.delete(event.payload.nodeId)
        waits.set(event.payload.nodeId, detailsOf(event.payload))
        return
      case 'workflow:stall':
        status = event.payload.stuck === undefined ? 'awaiting' : 'stalled'
        return
      case 'workflow:pause':
        status = 'awaiting'
        return
      case 'workflow:resume':
        status = 'running'
        if (event.payload.nodeId === undefined) return
        statuses.set(event.payload.nodeId, 'running')
        answered.add(event.payload.nodeId)
        return
      case 'batch:start':
        for (const id of event.payload.workerNodeIds) {
          workers.add(id)
          statuses.set(id, 'pending')
          nodeErrors.delete(id)
          if (event.payload.onError === 'collect') collected.add(id)
        }
        return
      case 'context:change':
        if (isOfEngine(flow, event.payload.sourceNode)) written.set(event.payload.key, { value: event.payload.value })
        return
      case 'node:fallback':
      case 'batch:finish':
      case 'edge:evaluate':
      case 'workflow:fork':
        return
      default:
        event satisfies never
    }
  }

  const testify = (): Testimony => {
    const context: Record<string, string> = { _executionId: portrait(run.executionId) }
    for (const [id, output] of outputs) {
      if (output === undefined || workers.has(id)) continue
      context[id] = portrait(output)
      context[`_outputs.${id}`] = portrait(output)
    }
    if (status === 'awaiting') {
      const awaited = [...waits].filter(([id]) => statuses.get(id) === 'waiting')
      context['_awaitingNodeIds'] = portrait(awaited.map(([id]) => id))
      context['_awaitingDetails'] = portrait(Object.fromEntries(awaited))
    }
    for (const [id, input] of inputs) if (!workers.has(id)) context[`_inputs.${id}`] = input
    for (const [key, write] of written) {
      if (write === 'deleted') delete context[key]
      else context[key] = portrait(write.value)
    }
    return {
      status,
      context,
      nodeStatuses: Object.fromEntries(statuses),
      errors: errors.map((error) => error.text),
      nodeErrors: Object.fromEntries(nodeErrors),
      cancelReason,
    }
  }
  return { see, testify }
}
