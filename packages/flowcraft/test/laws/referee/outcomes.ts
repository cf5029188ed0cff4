import { expect } from 'vitest'
import type { EventPayloads } from '../../../src/events/event.ts'
import type { WorkflowError } from '../../../src/errors.ts'
import { describeError, expectedEngineError } from '../errors.ts'
import { asGiven, endOfAttempt, type AttemptEnd } from './attempts.ts'
import { endOfController } from './controllers.ts'
import { settle } from './routing.ts'
import { judgeFaultyStart } from './starts.ts'
import { nodeOf, standingOf, type Run, type Table } from './table.ts'

/** An attempt gave what it had to give. */
export function judgeFinish(table: Table, payload: EventPayloads['node:finish']): void {
  const { result } = payload
  const run = atWork(table, payload)
  const end = endOf(table, run)
  if (end.kind === 'fails') throw new Error(`It must fail: ${end.error}`)
  if (end.kind === 'gives') expect(asGiven(result.output)).toBe(asGiven(end.output))
  expect(result.action).toBe(end.action)
  keepWrites(table, run)
  // What goes on from here is the rules' own value, except where they have none.
  run.output = end.kind === 'gives' ? end.output : result.output
  run.action = end.action
  table.given.set(run.nodeId, run.output)
  settle(table, run, 'finished')
  for (let of: Run | undefined = run; of !== undefined; of = of.primary) {
    const ended = of
    table.errors = table.errors.filter((error) => error.of !== ended)
  }
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
  table.errors.push({ of: run, text: describeError(error) })
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
  if (program === undefined) return endOfController(table, run)
  return endOfAttempt(run.nodeId, { key, program }, run, run.input, config?.timeout)
}

function expectFailure(table: Table, run: Run, error: WorkflowError): void {
  const end = endOf(table, run)
  expect(describeError(error)).toBe(end.kind === 'fails' ? end.error : 'none')
}

function attemptsOf(table: Table, { nodeId }: Run): number {
  return Math.max(1, nodeOf(table, nodeId).config?.maxRetries ?? 1)
}

function keepWrites({ held, written }: Table, { nodeId }: Run): void {
  for (const { key, op, value } of held.get(nodeId) ?? []) written.set(key, op === 'delete' ? 'deleted' : { value })
  held.delete(nodeId)
}
