import { expect } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import { expectLawful } from './checks.ts'
import { describeError } from './errors.ts'
import type { RandomFlow } from './generator/draft.ts'
import type { NodeCallNotes } from './node-calls.ts'
import { codeOf, drive } from './recovery-drive.ts'
import { withoutCrashes } from './recovery-log.ts'
import type { FinishedRun } from './run-flow.ts'
import { portraitOfContext, portraitOfState } from './state-portrait.ts'

/** A run that was cut off after `stored`, recovered, and seen to keep the laws. */
export async function expectRecovered(
  flow: RandomFlow,
  executionId: string,
  stored: readonly FlowcraftEvent[],
  before: NodeCallNotes,
): Promise<FinishedRun> {
  const run = await drive(flow, executionId, stored)
  const { events, notes } = run
  expect(events.slice(0, stored.length).map(({ id }) => id)).toEqual(stored.map(({ id }) => id))
  expectNothingTwice(stored, run)
  for (const [key, { idempotencyKey }] of notes) {
    expect(idempotencyKey, `the key of ${key}`).toBe(before.get(key)?.idempotencyKey ?? idempotencyKey)
  }
  expectLiveStates(run)
  // All that nodes noted, in whichever process they did.
  const all: NodeCallNotes = new Map([...before, ...notes].map(([key, note]) => [key, { ...note, look: undefined }]))
  const calm = withoutCrashes(events, codeOf(flow))
  const lastSeq = calm.length - 1
  await expectLawful({ ...run, events: calm, notes: all, liveStates: new Map([[lastSeq, stateAfter(calm)]]) })
  return { ...run, notes: all }
}

/** What the run comes to is what an undisturbed one does. */
export function expectSameEnd({ result }: FinishedRun, undisturbed: FinishedRun): void {
  expect(result.status).toBe(undisturbed.result.status)
  expect(portraitOfContext(result.context)).toEqual(portraitOfContext(undisturbed.result.context))
  const errors = (result.errors ?? []).map(describeError).sort()
  expect(errors).toEqual((undisturbed.result.errors ?? []).map(describeError).sort())
}

/** What had finished is not called any more, and no iteration has two ends. */
export function expectNothingTwice(stored: readonly FlowcraftEvent[], { events, notes }: FinishedRun): void {
  const finished = new Set(finishesIn(stored))
  const called = [...notes.keys()].map((key) => key.slice(0, key.lastIndexOf(' ')))
  expect(called.filter((key) => finished.has(key))).toEqual([])
  const all = finishesIn(events)
  expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([])
}

export function finishesIn(events: readonly FlowcraftEvent[]): string[] {
  return events.flatMap(({ type, payload }) =>
    type === 'node:finish' ? [`${payload.nodeId} ${payload.iteration}`] : [],
  )
}

/** What was recorded in memory is what the log gives, event by event. */
export function expectLiveStates({ events, liveStates }: FinishedRun): void {
  const draft = draftOf(initialState)
  let compared = 0
  for (const event of events) {
    apply(draft, event)
    const live = liveStates.get(event.seq)
    if (live === undefined) continue
    expect(portraitOfState(draft)).toBe(live)
    compared += 1
  }
  expect(compared).toBe(liveStates.size)
}

function stateAfter(events: readonly FlowcraftEvent[]): string {
  const draft = draftOf(initialState)
  for (const event of events) apply(draft, event)
  return portraitOfState(draft)
}
