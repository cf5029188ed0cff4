import { expect } from 'vitest'
import type { FinishedRun } from './run-flow.ts'

/** The log has a start, one finish, and no gap; it is frozen; nothing comes after its end. */
export function expectSoundLog({ events, executionId, result }: FinishedRun): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
  expect(events.map(({ id }) => id)).toEqual(events.map(({ seq }) => `${executionId}:${seq}`))
  expect(new Set(events.map((event) => event.executionId))).toEqual(new Set([executionId]))
  expect(events.filter(({ type }) => type === 'workflow:start')).toEqual([events[0]])
  expect(events.filter(({ type }) => type === 'workflow:finish')).toEqual([events.at(-1)])
  expect(events.every((event) => Object.isFrozen(event) && Object.isFrozen(event.payload))).toBe(true)
  expect(result.executionId).toBe(executionId)
}
