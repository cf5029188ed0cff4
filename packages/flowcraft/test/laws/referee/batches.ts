import { expect } from 'vitest'
import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import type { EventPayloads } from '../../../src/events/event.ts'
import type { WorkflowError } from '../../../src/errors.ts'
import { describeError, expectedEngineError } from '../errors.ts'
import { asGiven, type AttemptEnd } from './attempts.ts'
import { isOpen } from './standings.ts'
import { nodeOf, ownRun, standingOf } from './look-up.ts'
import type { Batch, Run, Table } from './table.ts'

/** A chunk of workers comes into being, once those before it have ended. */
export function judgeBatchStart(table: Table, payload: EventPayloads['batch:start']): void {
  const { batchId, scatterNodeId, iteration, workerNodeIds, onError } = payload
  const scatter = ownRun(table, scatterNodeId)
  const { params = {}, config } = nodeOf(table, scatterNodeId)
  if (scatter?.state !== 'running') throw new Error(`${scatterNodeId} is not running`)
  const items = Array.isArray(scatter.input) ? scatter.input : []
  const batch: Batch = table.batches.get(batchId) ?? { ids: [], errors: new Map(), isGathered: false }
  table.batches.set(batchId, batch)
  expect({ batchId, iteration, onError }).toEqual({
    batchId: scatterNodeId.replace(/_scatter$/, ''),
    iteration: scatter.iteration,
    onError: params['onError'],
  })
  expect(batch.ids.filter((id) => !hasEnded(table, id))).toEqual([])
  const chunkSize = Number(params['chunkSize'] ?? Infinity)
  const next = Array.from(items, (_, index) => `${batchId}[${index}]`).slice(
    batch.ids.length,
    batch.ids.length + chunkSize,
  )
  expect(workerNodeIds).toEqual(next)
  for (const [nth, id] of workerNodeIds.entries()) {
    const definition: NodeDefinition = { id, uses: String(params['workerUsesKey']), config }
    table.workers.set(id, { definition, batchId, scatterNodeId, item: items[batch.ids.length + nth] as unknown })
    table.standings.delete(id)
    table.last.delete(id)
  }
  batch.ids.push(...workerNodeIds)
}

/** A worker starts, as far as its batch allows. */
export function judgeWorkerStart(table: Table, { nodeId, iteration, input }: EventPayloads['node:start']): Run {
  const { batchId, scatterNodeId, item } = table.workers.get(nodeId)!
  expect(standingOf(table, nodeId).runs).toEqual([])
  expect(iteration).toBe(ownRun(table, scatterNodeId)?.iteration)
  expect(asGiven(input)).toBe(asGiven(item))
  const { concurrency } = nodeOf(table, scatterNodeId).params ?? {}
  const atWork =
    table.batches.get(batchId)?.ids.filter((id) => standingOf(table, id).runs[0]?.state === 'running') ?? []
  expect(atWork.length).toBeLessThan(Number(concurrency ?? Infinity))
  return {
    nodeId,
    iteration,
    primary: undefined,
    input,
    attempt: 1,
    isByKey: false,
    state: 'running',
    output: undefined,
    action: undefined,
  }
}

/** The results of a batch are told. */
export function judgeBatchFinish(
  table: Table,
  { batchId, gatherNodeId, iteration, results }: EventPayloads['batch:finish'],
): void {
  const gather = ownRun(table, gatherNodeId)
  expect(gather?.state).toBe('running')
  expect(iteration).toBe(gather?.iteration)
  const batch = batchOf(table, gatherNodeId)
  expect(batchId).toBe(batch.batchId)
  const expected = batch.ids.map((id) => resultOf(table, batch, id))
  expect(results.map((result) => portraitOf(batch, result))).toEqual(expected)
  batch.isGathered = true
  batch.results = results
}

/** What the two nodes of a batch come to. */
export function endOfBatchNode(table: Table, run: Run): AttemptEnd {
  const { uses } = nodeOf(table, run.nodeId)
  if (uses === 'batch-scatter') {
    if (!Array.isArray(run.input))
      return { kind: 'fails', error: expectedEngineError(run.nodeId, 'BATCH_INPUT_INVALID') }
    const { ids } = table.batches.get(run.nodeId.replace(/_scatter$/, '')) ?? { ids: [] }
    expect(ids).toHaveLength(run.input.length)
    expect(ids.filter((id) => !hasEnded(table, id))).toEqual([])
    return { kind: 'gives', output: undefined, action: undefined }
  }
  const batch = batchOf(table, run.nodeId)
  const hasFailed = batch.ids.some((id) => standingOf(table, id).runs[0]?.state === 'failed')
  if (hasFailed && !batch.collects) return { kind: 'fails', error: expectedEngineError(run.nodeId, 'BATCH_FAILED') }
  expect(batch.isGathered).toBe(true)
  return { kind: 'gives', output: batch.results, action: undefined }
}

/** Whether a worker's errors are part of the results, and no errors of the run. */
export function isCollected(table: Table, id: string): boolean {
  const worker = table.workers.get(id)
  return worker !== undefined && nodeOf(table, worker.scatterNodeId).params?.['onError'] === 'collect'
}

interface Gathered extends Batch {
  readonly batchId: string
  readonly collects: boolean
}

function batchOf(table: Table, gatherNodeId: string): Gathered {
  const scatter = table.shape.nodes.find(
    ({ uses, params }) => uses === 'batch-scatter' && params?.['gatherNodeId'] === gatherNodeId,
  )
  if (scatter === undefined) throw new Error(`${gatherNodeId} gathers nothing`)
  const batchId = scatter.id.replace(/_scatter$/, '')
  const batch = table.batches.get(batchId) ?? { ids: [], errors: new Map<string, string>(), isGathered: false }
  table.batches.set(batchId, batch)
  return Object.assign(batch, { batchId, collects: scatter.params?.['onError'] === 'collect' })
}

function hasEnded(table: Table, id: string): boolean {
  const { runs } = standingOf(table, id)
  return runs.length > 0 && !runs.some(isOpen)
}

function resultOf(table: Table, { collects, errors }: Gathered, id: string): string {
  const run = standingOf(table, id).runs[0]
  if (run?.state === 'failed') return `rejected ${errors.get(id)}`
  return collects ? `fulfilled ${asGiven(run?.output)}` : asGiven(run?.output)
}

function portraitOf({ collects }: Gathered, result: unknown): string {
  if (!collects) return asGiven(result)
  // This is what settled results consist of.
  const settled = result as { status: string; value?: unknown; reason?: WorkflowError }
  if (settled.status === 'fulfilled') return `fulfilled ${asGiven(settled.value)}`
  return `${settled.status} ${settled.reason && describeError(settled.reason)}`
}
