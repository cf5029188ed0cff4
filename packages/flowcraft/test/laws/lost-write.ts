import { expect } from 'vitest'
import { EventStoreError } from '../../src/errors.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { DiskError, failingAt } from './failing-store.ts'
import type { RandomFlow } from './generator/draft.ts'
import { callKey, type NodeCallNotes } from './node-calls.ts'
import { runFlow } from './run-flow.ts'

/** Runs a flow on a store that loses its n-th write (from 0): nothing may rest on it. Gives whether there was one. */
export async function expectNothingAfter(flow: RandomFlow, nth: number, isPlainBus: boolean): Promise<boolean> {
  const executionId = 'lossy'
  const kept = new InMemoryEventStore()
  const { store, given, writes } = failingAt(kept, nth)
  const notes: NodeCallNotes = new Map()
  const outcome = await runFlow(flow, store, { executionId, notes, watches: false, isPlainBus }).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (writes() <= nth) {
    expect(outcome).toBeUndefined()
    return false
  }
  expect(outcome?.error).toBeInstanceOf(EventStoreError)
  expect(outcome?.error).toMatchObject({ code: 'EVENT_STORE_FAILED', executionId, cause: expect.any(DiskError) })

  // Whatever was going to happen gets its time.
  await new Promise((resolve) => void setTimeout(resolve, 0))
  const stored = await kept.retrieve(executionId)
  const lost = given.findIndex(({ seq }) => seq === stored.length)
  expect(stored.map(({ id }) => id)).toEqual(given.slice(0, lost).map(({ id }) => id))
  expect(writes()).toBe(nth + 1)

  const started = new Set(stored.flatMap(({ type, payload }) => (type === 'node:start' ? [callKey(payload)] : [])))
  if (flow.durability === 'step' || isPlainBus) expect([...notes.keys()].filter((key) => !started.has(key))).toEqual([])
  else if (stored.length === 0) expect(notes.size).toBe(0)
  for (const { type, payload } of given) {
    if (type !== 'node:error' && type !== 'node:retry') continue
    expect(payload.error.code).not.toBe('EVENT_STORE_FAILED')
    const ending = notes.get(callKey(payload))?.ending
    if (payload.error.code !== 'NODE_TIMEOUT' && payload.error.code !== 'TRANSFORM_FAILED')
      expect(ending ?? {}).not.toHaveProperty('output')
  }
  return true
}
