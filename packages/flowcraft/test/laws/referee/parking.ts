import { expect } from 'vitest'
import type { EventPayloads } from '../../../src/events/event.ts'
import { duesOf } from './joins.ts'
import { nodeOf, standingOf } from './look-up.ts'
import type { Run, Table } from './table.ts'

/** The run parks: nothing can go on by itself, or somebody asked for a pause. */
export function judgePark(table: Table, payload: EventPayloads['workflow:pause'], isPause: boolean): void {
  const ids = [...table.shape.nodes.map(({ id }) => id), ...table.workers.keys()]
  const runs = ids.flatMap((id) => standingOf(table, id).runs)
  // A scattering node is open as long as its workers are.
  const atWork = runs.filter(
    ({ state, nodeId }) => state === 'running' && nodeOf(table, nodeId).uses !== 'batch-scatter',
  )
  expect(atWork).toEqual([])
  const waiting = runs.filter(({ state }) => state === 'waiting')
  const listed = payload.waiting.filter(({ reason }) => reason !== 'user_pause')
  expect(listed.map(({ nodeId }) => nodeId).sort()).toEqual(waiting.map(({ nodeId }) => nodeId).sort())
  const isPaused = listed.length < payload.waiting.length
  if (isPaused) expect(table.mayPause).toBe(true)
  else {
    const hasTargets = table.needed !== undefined && table.shape.nodes.some(({ id }) => !table.needed!.has(id))
    if (waiting.length === 0) expect(hasTargets).toBe(true)
    expect(movesOf(table, runs)).toEqual([])
  }
  const isForEvent = isPaused || listed.some(({ reason }) => reason === 'external_event')
  expect(isPause).toBe(isForEvent)
  table.isParked = true
  table.isAtTargets = !isPaused && waiting.length === 0
}

/** It goes on, by an answer to a node or because it is told to. */
export function judgeResume(table: Table, payload: EventPayloads['workflow:resume']): void {
  expect(table.isParked).toBe(true)
  table.isParked = false
  if (table.isAtTargets) table.needed = undefined
  if (payload.nodeId === undefined) return
  const { runs } = standingOf(table, payload.nodeId)
  expect(runs.filter(({ state }) => state === 'waiting')).toHaveLength(1)
  table.answer = payload
}

/** What could go on. */
function movesOf(table: Table, runs: readonly Run[]): string[] {
  return [
    ...runs.filter(({ state }) => state === 'backing-off').map(({ nodeId }) => `${nodeId} has another attempt`),
    ...table.shape.nodes.flatMap(({ id }) => duesOf(table, id).map(({ kind }) => `${id} is due to ${kind}`)),
  ]
}
