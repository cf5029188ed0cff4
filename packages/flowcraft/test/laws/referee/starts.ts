import { expect } from 'vitest'
import type { EventPayloads } from '../../../src/events/event.ts'
import { asGiven } from './attempts.ts'
import { judgeWorkerStart } from './batches.ts'
import { duesOf, type Due } from './joins.ts'
import { edgeOf, nodeOf, standingOf } from './look-up.ts'
import type { Run, Start, Table } from './table.ts'
import { inputOf, type Known } from './values.ts'

/** An attempt starts: the first of a run, or another one. */
export function judgeStart(table: Table, payload: EventPayloads['node:start']): void {
  const { nodeId, attempt, iteration, fallbackFor, input } = payload
  table.held.delete(nodeId)
  if (attempt > 1) return judgeAnother(table, payload)
  if (table.workers.has(nodeId)) {
    countStart(table, nodeId, iteration)
    return note(table, judgeWorkerStart(table, payload))
  }
  expect(iteration).toBe(table.starts.get(nodeId) ?? 0)
  begin(table, { nodeId, fallbackFor, input }, 1)
  countStart(table, nodeId, iteration)
}

/** The first attempt of an iteration starts, be it by the key that stands in where a start failed. */
function countStart(table: Table, nodeId: string, iteration: number): void {
  table.starts.set(nodeId, iteration + 1)
  table.executions += 1
  expect(table.executions).toBeLessThanOrEqual(table.flow.maxIterations)
}

/** A run would have started, but what it was to be given could not be made. */
export function judgeFaultyStart(table: Table, { nodeId, iteration }: EventPayloads['node:error']): Run {
  expect(iteration).toBe(table.starts.get(nodeId) ?? 0)
  return begin(table, { nodeId, fallbackFor: undefined, input: undefined }, 0)
}

function judgeAnother(table: Table, payload: EventPayloads['node:start']): void {
  const { nodeId, attempt, iteration, fallbackFor, input } = payload
  const { fallback } = nodeOf(table, nodeId).config ?? {}
  const isKey = !table.shape.nodes.some(({ id }) => id === fallback)
  const run = standingOf(table, nodeId).runs.find(({ state }) => {
    return state === 'backing-off' || (state === 'falling-back' && isKey)
  })
  if (run === undefined) throw new Error(`No run of ${nodeId} has an attempt to come`)
  const isByKey = run.state === 'falling-back'
  expect({ attempt, iteration, fallbackFor, input: asGiven(input) }).toEqual({
    attempt: Math.max(run.attempt, 1) + 1,
    iteration: run.iteration,
    fallbackFor: isByKey ? nodeId : run.primary?.nodeId,
    input: asGiven(run.input),
  })
  if (run.attempt === 0) countStart(table, nodeId, iteration)
  run.state = 'running'
  run.attempt = attempt
  run.isByKey = isByKey
}

interface Beginning {
  readonly nodeId: string
  readonly fallbackFor: string | undefined
  readonly input: unknown
}

/** `attempt` 0 stands for a start that failed. */
function begin(table: Table, { nodeId, fallbackFor, input }: Beginning, attempt: 0 | 1): Run {
  const due = fallbackFor === undefined ? startDue(table, nodeId) : standInDue(table, nodeId, fallbackFor)
  if (due.kind === 'stand-in') expect(asGiven(input)).toBe(asGiven(due.primary.input))
  else expectDelivered(table, nodeId, due, attempt === 0 ? 'a fault' : { input })
  const run: Run = {
    nodeId,
    iteration: table.starts.get(nodeId) ?? 0,
    primary: due.kind === 'stand-in' ? due.primary : undefined,
    input,
    attempt,
    isByKey: false,
    state: 'running',
    output: undefined,
    action: undefined,
  }
  note(table, run)
  return run
}

function note(table: Table, run: Run): void {
  const { nodeId, input } = run
  standingOf(table, nodeId).runs.push(run)
  table.last.set(nodeId, { run })
  if (input === undefined) table.inputs.delete(nodeId)
  else table.inputs.set(nodeId, input)
}

function startDue(table: Table, nodeId: string): Start {
  const dues = duesOf(table, nodeId)
  for (const due of dues) if (due.kind === 'start') return due
  throw new Error(`${nodeId} may not start; it may ${dues.map(({ kind }) => kind).join() || 'do nothing'}`)
}

function standInDue(table: Table, nodeId: string, primary: string): Extract<Due, { kind: 'stand-in' }> {
  for (const due of duesOf(table, nodeId)) if (due.kind === 'stand-in' && due.primary.nodeId === primary) return due
  throw new Error(`${nodeId} is not called for by ${primary}`)
}

function expectDelivered(
  table: Table,
  nodeId: string,
  due: Start,
  found: 'a fault' | { readonly input: unknown },
): void {
  const isFaulty = found === 'a fault'
  const choices = due.deliveries.filter((edges) => edges.some((index) => edgeOf(table, index).isFaulty) === isFaulty)
  if (choices.length === 0) throw new Error(isFaulty ? 'No transform has failed' : 'A transform has failed')
  if (isFaulty) return
  const inputs = choices.map((edges) => due.received ?? inputOf(table, nodeId, edges))
  const misses = inputs.flatMap((known) => missOf(known, found.input) ?? [])
  if (misses.length === inputs.length) expect(misses[0]?.found).toBe(misses[0]?.expected)
}

/** What a value has in place of what the rules tell. */
function missOf(known: Known, found: unknown): { readonly found: string; readonly expected: string } | undefined {
  if (known === 'unknown') return undefined
  const expected = 'value' in known ? asGiven(known.value) : ofParts(known.parts)
  const actual = 'value' in known ? asGiven(found) : ofParts(found)
  return actual === expected ? undefined : { found: actual, expected }
}

// Whether two parts that were recorded apart are one object in memory is nothing that the rules tell.
function ofParts(value: unknown): string {
  if (typeof value !== 'object' || value === null) return asGiven(value)
  return Object.entries(value)
    .map(([name, part]) => `${name}: ${asGiven(part)}`)
    .join('\n')
}
