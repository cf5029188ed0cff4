import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { diffRecordings } from '../../src/recording/diff.ts'
import { formatDiff } from '../../src/recording/format-diff.ts'
import { recordingFrom } from '../../src/recording/open.ts'
import { parseRecording } from '../../src/recording/parse-recording.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { serializeRecording } from '../../src/recording/serialize-recording.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import type { RandomFlow } from '../laws/generator/draft.ts'
import { runFlow } from '../laws/run-flow.ts'
import { checkedWith } from '../laws/runs.ts'

let count = 0

async function run(flow: RandomFlow): Promise<Recording> {
  const executionId = `diff-${(count += 1)}`
  const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
  return recordingFrom(events)
}

it('a run does not differ from itself, nor from what its text gives', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const recording = await run(flow)
      for (const other of [recording, parseRecording(serializeRecording(recording))]) {
        const diff = diffRecordings(recording, other)
        expect(diff).toMatchObject({ isSame: true, nodes: [], context: [] })
        expect([diff.firstDivergence, diff.path]).toEqual([undefined, undefined])
      }
    }),
    checkedWith(100),
  )
}, 600_000)

it('with the runs exchanged, the sides are exchanged and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, randomFlow, async (one, other) => {
      const [a, b] = [await run(one), await run(other)]
      const diff = diffRecordings(a, b)
      expect(diffRecordings(b, a)).toStrictEqual(exchanged(diff))
      expect(JSON.parse(JSON.stringify(diff))).toStrictEqual(diff)
      expect(formatDiff(diff).split('\n').length).toBeGreaterThan(2)
    }),
    checkedWith(100),
  )
}, 600_000)

it('of two histories of one run, one longer, only the end of the shorter one is where they part', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(), async (flow, at) => {
      const whole = await run(flow)
      const length = 1 + (at % whole.length)
      fc.pre(length < whole.length)
      const diff = diffRecordings(recordingFrom(whole.events.slice(0, length)), whole)
      expect(diff.firstDivergence).toMatchObject({ what: 'end', seq: { b: length } })
      expect(diff.isSame).toBe(false)
    }),
    checkedWith(50),
  )
}, 600_000)

/** A diff, or a part of one, with all that is of `a` and of `b` in each other's place. */
function exchanged(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(exchanged)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([name, value]: [string, unknown]) => {
      if (name === 'onlyIn') return [name, value === 'a' ? 'b' : 'a']
      // Only what is of one side has these names: what is found in values is under none but `path`, `a` and `b`.
      return [name === 'a' ? 'b' : name === 'b' ? 'a' : name, exchanged(value)]
    }),
  )
}
