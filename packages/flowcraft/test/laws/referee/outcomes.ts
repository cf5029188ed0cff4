import { expect } from 'vitest'
import type { EventPayloads } from '../../../src/events/event.ts'
import type { WorkflowError } from '../../../src/errors.ts'
import { describeError, expectedEngineError } from '../errors.ts'
import { asGiven, endOfAttempt, type AttemptEnd } from './attempts.ts'
import { isCollected } from './batches.ts'
import { endOfEngineNode } from './engine-nodes.ts'
import { settle } from './routing.ts'
import { judgeFaultyStart } from './starts.ts'
import { nodeOf, standingOf } from './look-up.ts'
import type { Run, Table } from './table.ts'

type Answer = EventPayloads['workflow:resume']

/** An attempt gave what it had to give. */
export function judgeFinish(table: Table, payload: EventPayloads['node:finish']): void {
  const { result } = payload
  if (table.answer?.nodeId === payload.nodeId) return judgeAnswered(table, payload, table.answer)
  const run = atWork(table, payload)
  const end = endOf(table, run)
  if (end.kind === 'fails') throw new Error(`It must fail: ${end.error}`)
  if (end.kind === 'waits') throw new Error('It must wait')
  if (end.kind === 'gives') expect(asGiven(result.output)).toBe(asGiven(end.output))
  expect(result.action).toBe(end.action)
  keepWrites(table, run)
  // What goes on from here is the rules' own value, except where they have none.
  finish(table, run, end.kind === 'gives' ? end.output : result.output, end.action)
}

function finish(table: Table, run: Run, output: unknown, action: string | undefined): void {
  run.output = output
  run.action = action
  table.given.set(run.nodeId, run.output)
  settle(table, run, 'finished')
  for (let of: Run | undefined = run; of !== undefined; of = of.primary) {
    const ended = of
    table.errors = table.errors.filter((error) => error.of !== ended)
  }
}

/** What a waiting node gives is what it was resumed with; a sleep gives what it got. */
function judgeAnswered(table: Table, { nodeId, result }: EventPayloads['node:finish'], answer: Answer): void {
  const run = standingOf(table, nodeId).runs.find(({ state }) => state === 'waiting')
  if (run === undefined) throw new Error(`${nodeId} does not wait`)
  const isSleep = nodeOf(table, nodeId).uses === 'sleep'
  const output = isSleep && !('output' in answer) ? run.input : answer.output
  const action = answer.reason === 'timer' && !isSleep ? 'timeout' : answer.action
  expect({ output: asGiven(result.output), action: result.action }).toEqual({ output: asGiven(output), action })
  table.answer = undefined
  finish(table, run, output, action)
}

/** A node waits. */
export function judgeWait(
  table: Table,
  { nodeId, iteration, reason, wakeUpAt, event }: EventPayloads['node:wait'],
): void {
  const run = standingOf(table, nodeId).runs.find(({ state }) => state === 'running')
  if (run === undefined) throw new Error(`${nodeId} is not running`)
  const end = endOf(table, run)
  if (end.kind !== 'waits') throw new Error('It must not wait')
  expect(iteration).toBe(run.iteration)
  expect({ reason, event, isTimed: wakeUpAt !== undefined }).toEqual({
    reason:
      nodeOf(table, nodeId).uses !== 'wait' && end.event === undefined && end.isTimed ? 'timer' : 'external_event',
    event: end.event,
    isTimed: end.isTimed,
  })
  keepWrites(table, run)
  run.state = 'waiting'
}

/** An attempt failed, and there are more to come. */
export function judgeRetry(table: Table, payload: EventPayloads['node:retry']): void {
  const run = atWork(table, payload)
  expectFailure(table, run, payload.error)
  expect(run.attempt).toBeLessThan(attemptsOf(table, run))
  keepWrites(table, run)
  run.state = 'backing-off'
}

/** The last attempt failed, or a run could not start. */
export function judgeFailure(table: Table, payload: EventPayloads['node:error']): void {
  const { nodeId, error } = payload
  const isRunning = standingOf(table, nodeId).runs.some(({ state }) => state === 'running')
  const run = isRunning ? atWork(table, payload) : judgeFaultyStart(table, payload)
  if (isRunning) {
    expectFailure(table, run, error)
    if (!error.isFatal && !run.isByKey) expect(run.attempt).toBe(attemptsOf(table, run))
    keepWrites(table, run)
  } else expect(describeError(error)).toBe(expectedEngineError(nodeId, 'TRANSFORM_FAILED'))
  if (isCollected(table, nodeId) && !error.isFatal)
    table.batches.get(table.workers.get(nodeId)!.batchId)?.errors.set(nodeId, describeError(error))
  else table.errors.push({ of: run, text: describeError(error) })
  const isLost = run.isByKey || nodeOf(table, nodeId).config?.fallback === undefined
  if (error.isFatal) {
    table.isCutShort = true
    run.state = 'failed'
  } else if (isLost) settle(table, run, 'failed')
  else run.state = 'erred'
}

/** Something stands in for a run that failed. */
export function judgeFallback(table: Table, { nodeId, fallback, error }: EventPayloads['node:fallback']): void {
  const run = standingOf(table, nodeId).runs.find(({ state }) => state === 'erred')
  if (run === undefined) throw new Error(`No run of ${nodeId} has just failed`)
  expect(fallback).toBe(nodeOf(table, nodeId).config?.fallback)
  expect(describeError(error)).toBe(table.errors.findLast(({ of }) => of === run)?.text)
  run.state = 'falling-back'
}

/** The run of which an event tells the end of an attempt. */
function atWork(table: Table, event: { nodeId: string; iteration: number; attempt: number }): Run {
  const run = standingOf(table, event.nodeId).runs.find(({ state }) => state === 'running')
  if (run === undefined) throw new Error(`${event.nodeId} is not running`)
  const { iteration, attempt } = run
  expect({ iteration: event.iteration, attempt: event.attempt }).toEqual({ iteration, attempt })
  return run
}

function endOf(table: Table, run: Run): AttemptEnd {
  const { uses, config } = nodeOf(table, run.nodeId)
  const key = (run.isByKey ? config?.fallback : undefined) ?? uses
  const program = table.flow.programs.get(key)
  if (program === undefined) return endOfEngineNode(table, run)
  return endOfAttempt({ key, program }, run, run.input, config?.timeout)
}

function expectFailure(table: Table, run: Run, error: WorkflowError): void {
  const end = endOf(table, run)
  expect(describeError(error)).toBe(end.kind === 'fails' ? end.error : 'none')
}

function attemptsOf(table: Table, { nodeId }: Run): number {
  // The configuration of a scattering node is that of its workers.
  if (nodeOf(table, nodeId).uses === 'batch-scatter') return 1
  return Math.max(1, nodeOf(table, nodeId).config?.maxRetries ?? 1)
}

function keepWrites({ held, written }: Table, { nodeId }: Run): void {
  for (const { key, op, value } of held.get(nodeId) ?? []) written.set(key, op === 'delete' ? 'deleted' : { value })
  held.delete(nodeId)
}
