import { describe, expect, it } from 'vitest'
import { verifyRecording } from '../../src/recording/verify.ts'
import { keptHistory, keptNames } from './kept-histories.ts'
import { reworded, shuffled, turnsAlike } from './verify-changes.ts'

describe('a history that is kept', () => {
  it.each(keptNames)('%s holds the decisions of its own blueprint', (name) => {
    const { blueprint, events } = keptHistory(name)
    expect(verifyRecording(blueprint, { blueprint, events })).toStrictEqual({ ok: true })
    expect(verifyRecording(structuredClone(blueprint), { blueprint, events })).toStrictEqual({ ok: true })
    expect(verifyRecording(blueprint, events)).toStrictEqual({ ok: true })
  })

  it.each(keptNames)('%s does so without a word of the blueprint that it was recorded with', (name) => {
    const { blueprint, events } = keptHistory(name)
    expect(verifyRecording({ ...blueprint, id: 'another' }, events)).toStrictEqual({ ok: true })
  })

  it.each(keptNames)('%s holds the decisions of one that says the same in other words and in another order', (name) => {
    const { blueprint, events } = keptHistory(name)
    const other = shuffled(reworded(blueprint), (below) => below - 1 - (below % 2))
    expect(turnsAlike(reworded(blueprint), other)).toBe(true)
    expect(verifyRecording(other, { blueprint, events })).toStrictEqual({ ok: true })
  })

  it.each(keptNames)('%s does so wherever it is cut off', (name) => {
    const { blueprint, events } = keptHistory(name)
    for (let length = 0; length < events.length; length += 1) {
      expect(verifyRecording(blueprint, { blueprint, events: events.slice(0, length) })).toStrictEqual({ ok: true })
    }
  })
})
