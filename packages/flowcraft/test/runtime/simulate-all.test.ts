import { expect, it } from 'vitest'
import {
  InMemoryEventStore,
  openRecording,
  recordingFrom,
  simulateAll,
  type Recording,
  type WorkflowBlueprint,
} from 'flowcraft'
import { record } from '../recording/record.ts'
import { graph } from './run-recorded.ts'

function orders(limit: number): WorkflowBlueprint {
  return graph([
    { source: 'price', target: 'review', condition: `result.output > ${limit}` },
    { source: 'price', target: 'ship', condition: `result.output <= ${limit}` },
  ])
}

/** Orders of these prices, as they were handled when the limit was 100. */
async function handled(prices: readonly number[]): Promise<Recording[]> {
  return await Promise.all(
    prices.map((price) =>
      record(orders(100), {
        price: () => ({ output: price }),
        review: () => {
          if (price === 500) throw new Error('too much')
          return { output: 'looked at' }
        },
        ship: () => ({ output: 'shipped' }),
      }),
    ),
  )
}

it('the summary says how many runs would have gone another way, and where', async () => {
  const recordings = await handled([50, 150, 250, 160, 170, 500])
  const summary = await simulateAll(orders(200), recordings, { outputs: { ship: 'shipped' }, maxExamples: 2 })
  expect(summary).toEqual({
    total: 6,
    same: 3,
    diverged: 3,
    failed: 0,
    divergences: [
      {
        type: 'edge:evaluate',
        edge: { source: 'price', target: 'review' },
        count: 3,
        executionIds: [recordings[1]!.executionId, recordings[3]!.executionId],
      },
    ],
    statuses: [
      { before: 'completed', after: 'completed', count: 5 },
      { before: 'failed', after: 'failed', count: 1 },
    ],
    missing: [],
    failures: [],
  })
})

it('the summary is the same however many are taken at a time, and each simulation is given once', async () => {
  const recordings = await handled([50, 150, 250, 160, 170, 500, 120, 90])
  const summaries = []
  for (const concurrency of [1, 3, 20]) {
    const seen: string[] = []
    const summary = await simulateAll(orders(165), recordings, {
      concurrency,
      onSimulation: (simulation, recording) => {
        expect(simulation.recording.executionId).toBe(recording.executionId)
        seen.push(recording.executionId)
      },
    })
    expect(seen.sort()).toEqual(recordings.map(({ executionId }) => executionId).sort())
    summaries.push(summary)
  }
  expect(summaries[1]).toEqual(summaries[0])
  expect(summaries[2]).toEqual(summaries[0])
  expect(summaries[0]).toMatchObject({
    statuses: [
      { before: 'completed', after: 'completed', count: 4 },
      { before: 'completed', after: 'failed', count: 3 },
      { before: 'failed', after: 'failed', count: 1 },
    ],
    missing: [{ nodeId: 'ship', count: 3 }],
  })
})

it('recordings are read as they are wanted, and one that cannot be opened or simulated stops none of the others', async () => {
  const [good, other] = await handled([50, 150])
  let given = 0
  let simulated = 0
  async function* stream(): AsyncGenerator<Recording> {
    for (const recording of [good!, recordingFrom([], { executionId: 'empty' }), other!, {} as Recording]) {
      expect(given - simulated).toBeLessThan(3)
      given += 1
      yield recording
    }
  }
  const onSimulation = (): void => void (simulated += 1)
  const summary = await simulateAll(orders(100), stream(), { onSimulation })
  expect(summary).toMatchObject({ total: 4, same: 2, diverged: 0, failed: 2 })
  expect(summary.failures).toMatchObject([
    { nth: 1, executionId: 'empty', error: { code: 'HISTORY_CORRUPT' } },
    { nth: 3, error: { code: 'INPUT_INVALID' } },
  ])
  const store = new InMemoryEventStore()
  const unopened = await simulateAll(orders(100), [openRecording(store, 'nobody'), good!])
  expect(unopened).toMatchObject({
    total: 2,
    same: 1,
    failed: 1,
    failures: [{ nth: 0, error: { code: 'EXECUTION_UNKNOWN' } }],
  })
})

it('a stream that breaks, or somebody who does not want to go on, ends it all, and the stream is let go', async () => {
  const [good] = await handled([50])
  let isClosed = false
  async function* endless(): AsyncGenerator<Recording> {
    try {
      for (;;) yield good!
    } finally {
      isClosed = true
    }
  }
  const stop = (): never => {
    throw new Error('enough')
  }
  await expect(simulateAll(orders(100), endless(), { onSimulation: stop, concurrency: 2 })).rejects.toThrow('enough')
  expect(isClosed).toBe(true)
  async function* broken(): AsyncGenerator<Recording> {
    yield good!
    throw new Error('no more')
  }
  await expect(simulateAll(orders(100), broken(), { concurrency: 2 })).rejects.toThrow('no more')
})

it.each([
  ['a number', 5 as never, {}, 'INPUT_INVALID'],
  ['no recordings at a time', [], { concurrency: 0 }, 'INPUT_INVALID'],
  ['half an example', [], { maxExamples: 0.5 }, 'INPUT_INVALID'],
])('%s is refused', async (_, recordings, options, code) => {
  await expect(simulateAll(orders(100), recordings, options)).rejects.toMatchObject({ code })
})
