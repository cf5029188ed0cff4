import { describe, expect, it } from 'vitest'
import { createFlow, FlowcraftError, openRecording, recordingFrom, type NodeRegistry, type Recording } from 'flowcraft'
import { graph, recordingRuntime, runFlow } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const give = () => ({ output: 1 })
const fail = () => {
  throw new Error('out of\norder')
}
const registry: NodeRegistry = { a: give, b: give, c: give, d: give, e: give, broken: fail }

describe('why a node ran', () => {
  it('is the run, or the edges that led to it', async () => {
    const recording = await record(graph(['a -> c', 'b -> c']), registry)
    expect(recording.explain('a')).toMatchObject({ outcome: 'completed', because: [{ kind: 'start-node' }] })
    const { because, attempts, sentence } = recording.explain('c')
    expect(because).toMatchObject([
      { kind: 'edge-taken', edge: 0, source: 'a' },
      { kind: 'edge-taken', edge: 1, source: 'b' },
    ])
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'completed', error: undefined }])
    const [one, other] = because.map((fact) => ('seq' in fact ? fact.seq : -1))
    expect(sentence).toBe(
      `'c' ran because the edge from 'a' was taken (event ${one}) and the edge from 'b' was taken (event ${other}), and completed at the first attempt (event ${attempts[0]?.endSeq}).`,
    )
  })

  it('is the turn of a loop, for each iteration by itself', async () => {
    let count = 0
    const flow = createFlow('turns')
      .node('work', () => ({ output: (count += 1) }))
      .node('check', give)
      .edge('work', 'check')
      .loop('again', { startNodeId: 'work', endNodeId: 'check', condition: 'work < 3' })
    const { runtime, store } = recordingRuntime()
    const { executionId } = await flow.run(runtime, {})
    const recording = await openRecording(store, executionId)
    expect(recording.explain('work', { iteration: 0 }).because).toMatchObject([{ kind: 'start-node' }])
    const last = recording.explain('work')
    expect(last).toMatchObject({ iteration: 2, because: [{ kind: 'next-turn', source: 'again' }] })
    expect(last.sentence).toMatch(/^'work', in iteration 2, ran because the edge from 'again' began the next turn/)
    expect(recording.explain('check', { iteration: 1 }).because).toMatchObject([{ kind: 'edge-taken', source: 'work' }])
  })

  it('is a failure elsewhere, a node that made it, or a batch', async () => {
    const fallback = await record(graph([], { broken: { config: { fallback: 'd' } }, d: {} }), registry)
    expect(fallback.explain('d').because).toMatchObject([{ kind: 'fallback-for', nodeId: 'broken' }])
    const flow = createFlow('made')
      .node('items', () => ({ output: [1] }))
      .batch('all', give, { inputKey: 'items' })
      .edge('items', 'all')
    const batch = recordingFrom((await runFlow(flow)).events)
    const worker = batch.events.flatMap(({ type, payload }) =>
      type === 'batch:start' ? payload.workerNodeIds : [],
    )[0]!
    expect(batch.explain(worker).because).toMatchObject([{ kind: 'worker' }])
    const creates = { ...registry, a: () => ({ dynamicNodes: [{ id: 'new', uses: 'b' }] }) }
    const created = await record(graph(['a -> b']), creates)
    expect(created.explain('new').sentence).toMatch(/^'new' ran because 'a' created it \(event \d+\), and completed/)
  })
})

describe('how it ended', () => {
  it('is told with its attempts and errors', async () => {
    const recording = await record(graph(['a -> broken'], { broken: { config: { maxRetries: 2 } } }), registry)
    const { outcome, attempts, sentence } = recording.explain('broken')
    expect(outcome).toBe('failed')
    expect(attempts).toMatchObject([
      { attempt: 1, outcome: 'failed', retryDelayMs: 0, error: { cause: { message: 'out of\norder' } } },
      { attempt: 2, outcome: 'failed', retryDelayMs: undefined },
    ])
    expect(sentence).toMatch(/failed after 2 attempts with "out of order" \(event \d+\)\.$/)
    const first = recording.events.find(({ type }) => type === 'node:retry')!
    expect(recording.explain('broken', { at: first.seq })).toMatchObject({
      outcome: 'running',
      attempts: [{ attempt: 1 }],
    })
    expect(recording.explain('broken', { at: first.seq }).sentence).toMatch(/another one is due/)
  })

  it('is told where a fallback completed in its place', async () => {
    const recording = await record(graph([], { broken: { config: { fallback: 'd' } }, d: {} }), registry)
    const { outcome, because, sentence } = recording.explain('broken')
    expect(outcome).toBe('completed')
    expect(because).toContainEqual(expect.objectContaining({ kind: 'replaced-by', fallback: 'd' }))
    expect(sentence).toMatch(/but its fallback 'd' completed in its place\.$/)
  })

  it('is told of a node that waits, and that was resumed', async () => {
    const blueprint = graph(['w -> a'], { w: { uses: 'wait', params: { event: 'go' } } })
    const { runtime, store } = recordingRuntime()
    const { executionId } = await runtime.run(blueprint, {}, { functionRegistry: registry })
    const parked = recordingFrom(await store.retrieve(executionId))
    expect(parked.explain('w').sentence).toMatch(
      /^'w' ran because the run begins there, and waits for 'go' \(event \d+\)/,
    )
    await runtime.resume(executionId, {}, { functionRegistry: registry })
    const resumed = recordingFrom(await store.retrieve(executionId))
    expect(resumed.explain('w').because.map(({ kind }) => kind)).toEqual(['start-node', 'waits', 'resumed'])
  })

  it('is told of attempts that were cut off, and of a run that was cancelled', async () => {
    const recording = await record(graph(['a -> b']), registry)
    const started = recording.events.findIndex(({ type, payload }) => type === 'node:start' && payload.nodeId === 'b')
    const cut = recording.events.slice(0, started + 1)
    const start = cut.at(-1)! as Extract<(typeof cut)[number], { type: 'node:start' }>
    expect(recordingFrom(cut).explain('b').sentence).toMatch(/has no outcome yet: it is running, or was cut off\.$/)
    const again = { ...start, seq: started + 1, payload: { ...start.payload, attempt: 2 } }
    const { executionId, blueprintId } = start.payload
    const of = { executionId, blueprintId }
    const cancelled = [
      ...cut,
      again,
      { ...start, seq: started + 2, type: 'workflow:cancel' as const, payload: { ...of, reason: 'enough' } },
      {
        ...start,
        seq: started + 3,
        type: 'workflow:finish' as const,
        payload: { ...of, status: 'cancelled' as const, durationMs: 1 },
      },
    ]
    const { outcome, attempts, because } = recordingFrom(cancelled).explain('b')
    expect(outcome).toBe('cancelled')
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(['cut-off', 'cancelled'])
    expect(because).toContainEqual({ kind: 'run-cancelled', reason: 'enough', seq: started + 2 })
  })
})

describe('why a node did not run', () => {
  const skips = async (): Promise<Recording> =>
    await record(
      graph([{ source: 'a', target: 'b', condition: 'no' }, 'b -> c', 'c -> d', 'broken -> e'], {
        e: { config: { fallback: 'spare' } },
        spare: { uses: 'a' },
      }),
      registry,
    )

  it('goes back to the decision from which it follows', async () => {
    const recording = await skips()
    expect(recording.explain('b').because).toMatchObject([
      { kind: 'skipped', reason: 'not-chosen' },
      { kind: 'edge-not-taken', source: 'a', reason: 'condition-false' },
    ])
    const { because, sentence } = recording.explain('d')
    expect(because).toMatchObject([
      { kind: 'skipped', reason: 'not-chosen' },
      { kind: 'upstream-skipped', nodeId: 'c' },
      { kind: 'upstream-skipped', nodeId: 'b' },
      { kind: 'edge-not-taken', source: 'a' },
    ])
    expect(sentence).toMatch(/^'d' was skipped: .* and the edge from 'a' was not taken, for its condition did not hold/)
  })

  it('goes back to the failure from which it follows', async () => {
    const recording = await skips()
    const { because, sentence } = recording.explain('e')
    const failure = recording.events.find(({ type }) => type === 'node:error')!
    expect(because.at(-1)).toMatchObject({ kind: 'upstream-failed', nodeId: 'broken', seq: failure.seq })
    expect(sentence).toContain(`'broken' failed with "out of order" (event ${failure.seq})`)
    expect(recording.explain('spare').because.at(-1)).toEqual({ kind: 'fallback-not-called', for: ['e'] })
  })

  it('is what is still open, at a moment of the run', async () => {
    const recording = await record(graph(['a -> c', 'b -> c']), registry)
    const at = { after: 'a' }
    const { outcome, iteration, because, sentence } = recording.explain('c', { at })
    expect([outcome, iteration]).toEqual(['pending', undefined])
    expect(because).toMatchObject([
      { kind: 'edge-taken', source: 'a' },
      { kind: 'edge-open', source: 'b', sourceStatus: 'running' },
    ])
    expect(sentence).toMatch(/nothing is decided about the edge from 'b' \(running\)\.$/)
    expect(recording.explain('a', { at: 0 }).because).toEqual([{ kind: 'ready' }])
  })

  it('is the end of the run, where that came before', async () => {
    const fatal = () => {
      throw new FlowcraftError('all over', { isFatal: true })
    }
    const recording = await record(graph(['a -> b', 'b -> c']), { ...registry, a: fatal })
    const { outcome, because, sentence } = recording.explain('c')
    expect(outcome).toBe('pending')
    expect(because).toMatchObject([
      { kind: 'edge-open', source: 'b' },
      { kind: 'run-ended', status: 'failed' },
    ])
    expect(sentence).toMatch(/the run ended before as failed with "all over" \(event \d+\)\.$/)
  })
})

it('a node or an iteration that the run does not have is an error that says so', async () => {
  const recording = await record(graph(['a -> b']), registry)
  for (const ask of [() => recording.explain('nobody'), () => recording.explain(undefined as never)]) {
    expect(ask).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
  }
  expect(() => recording.explain('b', { iteration: 3 })).toThrow(/no iteration 3 .* its last one is 0/)
  expect(() => recording.explain('b', { at: 999 })).toThrow(expect.objectContaining({ code: 'POSITION_NOT_FOUND' }))
})
