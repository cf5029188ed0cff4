import { expect } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { stateOf, type Snapshot } from '../../src/recording/snapshot.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import { contextOf } from '../../src/state/select.ts'
import { portraitOfContext, portraitOfState } from '../laws/state-portrait.ts'

/** All of the state behind a snapshot, as text. */
export function portraitOfSnapshot(snapshot: Snapshot): string {
  return portraitOfState(draftOf(stateOf(snapshot)!))
}

/** The state after each event, as a fold that remembers nothing gives it, as text. */
export function foldedStates(events: readonly FlowcraftEvent[]): string[] {
  const draft = draftOf(initialState)
  return events.map((event) => {
    apply(draft, event)
    return portraitOfState(draft)
  })
}

/** What a snapshot shows is what follows from its state. */
export function expectTrueFields(snapshot: Snapshot): void {
  const state = draftOf(stateOf(snapshot)!)
  expect([snapshot.seq, snapshot.status, snapshot.timestamp]).toEqual([state.seq, state.status, state.updatedAt])
  expect(portraitOfContext(snapshot.context)).toEqual(portraitOfContext(contextOf(state, (value) => value)))
  expect(snapshot.errors).toEqual([...state.errors.values()])
  expect(snapshot.awaiting).toEqual(state.waiting)
  for (const [id, node] of state.nodes) {
    const shown = snapshot.nodes[id]!
    expect(snapshot.node(id)).toEqual(shown)
    const { status, attempts, action, error, startedAt, finishedAt, iteration } = node
    expect(shown).toMatchObject({ status, attempts, action, error, startedAt, finishedAt, iteration })
  }
}

/** At every event, the recording has just the state of a plain fold. */
export function expectEveryState(recording: Recording): void {
  const states = foldedStates(recording.events)
  expect(recording.length).toBe(states.length)
  for (const [seq, state] of states.entries()) {
    const snapshot = recording.at(seq)
    expect(portraitOfSnapshot(snapshot)).toBe(state)
  }
}
