import { expect, it } from 'vitest'
import { openRecording, createFlow, type NodeContext } from 'flowcraft'
import { graph, recordingRuntime } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

it('of two edges that lead back, the first one began the turn', async () => {
  const blueprint = graph([
    'head -> body',
    { source: 'body', target: 'head', action: 'again' },
    { source: 'body', target: 'head', action: 'again' },
  ])
  const body = ({ iteration }: NodeContext) => ({ action: iteration === 0 ? 'again' : 'done' })
  const recording = await record(blueprint, { head: () => ({ output: 1 }), body })
  expect(recording.explain('head')).toMatchObject({ iteration: 1, because: [{ kind: 'next-turn', edge: 1 }] })
  expect(recording.explain('head').because).toHaveLength(1)
})

it('a node that a turn skipped and a later one ran is explained by the later one', async () => {
  const blueprint = graph(
    [
      { source: 'head', target: 'late', action: 'run it' },
      'late -> body',
      'head -> body',
      { source: 'body', target: 'head', action: 'again' },
    ],
    { body: { config: { joinStrategy: 'any' } } },
  )
  const recording = await record(blueprint, {
    head: ({ iteration }: NodeContext) => (iteration === 0 ? {} : { action: 'run it' }),
    late: () => ({ output: 'late' }),
    body: ({ iteration }: NodeContext) => ({ action: iteration === 0 ? 'again' : 'done' }),
  })
  const skipped = recording.events.find(({ type, payload }) => type === 'node:skipped' && payload.nodeId === 'late')
  expect(recording.explain('late', { at: skipped!.seq }).outcome).toBe('skipped')
  expect(recording.explain('late')).toMatchObject({
    outcome: 'completed',
    because: [{ kind: 'edge-taken', source: 'head', action: 'run it' }],
    attempts: [{ attempt: 1, outcome: 'completed' }],
  })
})

it('of several runs of a subflow in one iteration, the last one is opened', async () => {
  let runs = 0
  const child = createFlow('child').node('x', () => {
    runs += 1
    if (runs === 1) throw new Error('not yet')
    return { output: runs }
  })
  const parent = createFlow('parent').subflow('sub', { blueprintId: 'child', config: { maxRetries: 2 } })
  const { runtime, store } = recordingRuntime({ flows: [child] })
  const { executionId } = await parent.run(runtime, {})
  const recording = await openRecording(store, executionId)
  expect(recording.children().map(({ attempt }) => attempt)).toEqual([1, 2])
  expect((await recording.child('sub')).at('end')).toMatchObject({ status: 'completed', context: { x: 2 } })
  expect((await recording.child('sub', { iteration: 0 })).executionId).toBe(recording.children()[1]?.executionId)
})
