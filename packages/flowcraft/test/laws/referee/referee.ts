import { expect } from 'vitest'
import type { EventPayloads, FlowcraftEvent } from '../../../src/events/event.ts'
import type { RandomFlow } from '../generator/draft.ts'
import { describeError } from '../errors.ts'
import { asGiven } from './attempts.ts'
import { duesOf, noteEffects } from './joins.ts'
import { judgeFailure, judgeFallback, judgeFinish, judgeRetry } from './outcomes.ts'
import { decide, kill } from './routing.ts'
import { judgeStart } from './starts.ts'
import { newTable, standingOf, type Table } from './table.ts'

/**
 * Follows a log event by event and sees whether the rules allow each of them, by the blueprint and the programs of its
 * nodes alone. What the rules leave to the order of outcomes is taken from the log; all else must be as they demand.
 * Gives how things stand in the end.
 * @throws at the first event that breaks the rules.
 */
export function referee(flow: RandomFlow, events: readonly FlowcraftEvent[]): Table {
  const table = newTable(flow)
  for (const event of events) {
    table.seq = event.seq
    try {
      if (table.isCutShort) expect(event.type).toBe('workflow:finish')
      judge(table, event)
      if (!table.isCutShort) noteEffects(table)
    } catch (error) {
      const { payload } = event
      const name = 'nodeId' in payload ? payload.nodeId : 'edge' in payload ? payload.edge : ''
      const what = error instanceof Error ? error.message : String(error)
      throw new Error(`Event ${event.seq}, ${event.type} ${name}, breaks the rules: ${what}`, { cause: error })
    }
  }
  return table
}

function judge(table: Table, { type, payload }: FlowcraftEvent): void {
  switch (type) {
    case 'node:start':
      return judgeStart(table, payload)
    case 'node:finish':
      return judgeFinish(table, payload)
    case 'node:retry':
      return judgeRetry(table, payload)
    case 'node:error':
      return judgeFailure(table, payload)
    case 'node:fallback':
      return judgeFallback(table, payload)
    case 'node:skipped':
      return judgeSkip(table, payload)
    case 'edge:evaluate':
      return judgeEdge(table, payload)
    case 'context:change':
      table.held.set(payload.sourceNode, [...(table.held.get(payload.sourceNode) ?? []), payload])
      return
    case 'workflow:start':
      return
    case 'workflow:cancel':
      table.isCutShort = true
      return
    case 'workflow:finish':
      return judgeEnd(table, payload)
    default:
      throw new Error('No rule knows of this')
  }
}

function judgeSkip(table: Table, { nodeId, reason, edge, iteration }: EventPayloads['node:skipped']): void {
  const dues = duesOf(table, nodeId)
  expect(dues).toContainEqual({ kind: 'skip', reason })
  expect(iteration).toBe(table.starts.get(nodeId) ?? 0)
  if (edge !== undefined) expect(table.shape.edges[edge]?.target).toBe(nodeId)
  standingOf(table, nodeId).skipped = reason
  table.last.set(nodeId, { skipped: reason })
  kill(table, nodeId, reason === 'upstream-failed' ? 'dead-by-failure' : 'dead-by-choice')
}

function judgeEdge(table: Table, payload: EventPayloads['edge:evaluate']): void {
  const { edge, source, target, result, reason, error, value } = payload
  const definition = table.shape.edges[edge]
  expect(definition).toMatchObject({ source, target })
  const { undecided } = standingOf(table, source)
  const verdict = undecided.get(edge)
  if (verdict === undefined) throw new Error('Nobody has to decide about this edge now')
  const { taken, isFaulty } = verdict
  expect({ result, reason, isFaulty: error !== undefined }).toEqual({ result: taken, reason: verdict.reason, isFaulty })
  const hasValue = taken && !isFaulty && definition?.transform !== undefined
  expect(asGiven(value)).toBe(asGiven(hasValue ? verdict.value : undefined))
  undecided.delete(edge)
  decide(table, edge, taken ? 'taken' : 'dead-by-choice', verdict)
}

function judgeEnd(table: Table, { status, errors = [] }: EventPayloads['workflow:finish']): void {
  if (table.isCutShort) return
  expect(status).toBe(errors.length > 0 ? 'failed' : 'completed')
  const own = errors.filter(({ nodeId }) => nodeId === undefined).map(describeError)
  if (own.length === 0) expect(leftovers(table)).toEqual([])
  else {
    expect(own).toEqual(['undefined MAX_ITERATIONS_EXCEEDED'])
    expect([...table.starts.values()].reduce((sum, count) => sum + count, 0)).toBe(table.flow.maxIterations)
    table.errors.push({ of: undefined, text: own[0]! })
    table.isCutShort = true
  }
  expect(errors).toHaveLength(table.errors.length)
}

/** What should have happened before a run may end. */
function leftovers(table: Table): string[] {
  const left: string[] = []
  for (const { id } of table.shape.nodes) {
    const { runs, skipped, undecided } = standingOf(table, id)
    for (const { state } of runs) if (state !== 'finished' && state !== 'failed') left.push(`${id} is ${state}`)
    if (undecided.size > 0) left.push(`${id} has edges to decide`)
    for (const { kind } of duesOf(table, id)) left.push(`${id} is due to ${kind}`)
    if (skipped === undefined && runs.length === 0) left.push(`${id} has not come up`)
  }
  return left
}
