import { expect } from 'vitest'
import type { EventPayloads, FlowcraftEvent } from '../../../src/events/event.ts'
import type { RandomFlow } from '../generator/draft.ts'
import { describeError } from '../errors.ts'
import { asGiven } from './attempts.ts'
import { judgeBatchFinish, judgeBatchStart } from './batches.ts'
import { duesOf, noteEffects } from './joins.ts'
import { leftovers } from './leftovers.ts'
import { judgeFailure, judgeFallback, judgeFinish, judgeRetry, judgeWait } from './outcomes.ts'
import { judgePark, judgeResume } from './parking.ts'
import { decide, kill } from './routing.ts'
import { judgeStart } from './starts.ts'
import { standingOf } from './look-up.ts'
import { newTable, type Table } from './table.ts'

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
      else if (table.isParked) expect(['workflow:resume', 'workflow:cancel']).toContain(event.type)
      if (table.answer?.nodeId !== undefined) expect(event.type).toBe('node:finish')
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
    case 'node:wait':
      return judgeWait(table, payload)
    case 'batch:start':
      return judgeBatchStart(table, payload)
    case 'batch:finish':
      return judgeBatchFinish(table, payload)
    case 'workflow:pause':
      return judgePark(table, payload, true)
    case 'workflow:stall':
      expect(payload.stuck === undefined).toBe(table.needed === undefined || payload.waiting.length > 0)
      return judgePark(table, payload, false)
    case 'workflow:resume':
      return judgeResume(table, payload)
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
  Object.assign(standingOf(table, nodeId), { skipped: reason, skippedAt: table.seq })
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
    expect(table.executions).toBe(table.flow.maxIterations)
    table.errors.push({ of: undefined, text: own[0]! })
    table.isCutShort = true
  }
  expect(errors).toHaveLength(table.errors.length)
}
