import { expect, it } from 'vitest'
import { diffRecordings, formatDiff } from 'flowcraft'
import { graph } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const blueprint = graph(['a -> b'])
const registry = { a: () => ({ output: 1 }), b: () => ({ output: 2 }) }

/** Words that a refusal has in this order. */
function refused(...words: readonly string[]): Error {
  const message = expect.stringMatching(new RegExp(words.map((each) => each.replace(/[^\w\s]/g, '\\$&')).join('.*')))
  return expect.objectContaining({ code: 'INPUT_INVALID', message })
}

it('what is compared are two recordings, and no events of one', async () => {
  const recording = await record(blueprint, registry)
  expect(() => diffRecordings(5 as never, recording)).toThrow(refused(`'a' is 5`))
  expect(() => diffRecordings(recording, recording.events as never)).toThrow(
    refused('recordingFrom', `'b' is an array`),
  )
})

it('what is printed is a diff', async () => {
  const recording = await record(blueprint, registry)
  for (const no of [5, null, {}, [], recording]) {
    expect(() => formatDiff(no as never)).toThrow(refused('diffRecordings', '; found '))
  }
})

it('a cursor runs to what a function says, and for a text names what was meant', async () => {
  const cursor = (await record(blueprint, registry)).cursor()
  expect(() => cursor.runTo('b' as never)).toThrow(refused(`found 'b'`, `seek({ before: 'b' })`))
  expect(() => cursor.runTo(5 as never)).toThrow(refused('found 5'))
  expect(cursor.snapshot.seq).toBe(0)
})

it('writes are those to a key', async () => {
  const recording = await record(blueprint, registry)
  expect(() => recording.writesTo(5 as never)).toThrow(refused('found 5'))
})
