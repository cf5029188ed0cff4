import { expect, it } from 'vitest'
import {
  createFlow,
  ExpressionEvaluator,
  FlowRuntime,
  InMemoryEventStore,
  openRecording,
  PersistentEventBusAdapter,
  recordingFrom,
  simulate,
  type NodeContext,
  type WorkflowBlueprint,
} from 'flowcraft'
import { record } from '../recording/record.ts'
import { graph, recordingRuntime } from './run-recorded.ts'

/** Orders above a limit are looked at by somebody. */
function orders(limit: number): WorkflowBlueprint {
  return graph([
    { source: 'price', target: 'review', condition: `result.output > ${limit}` },
    { source: 'price', target: 'ship', condition: `result.output <= ${limit}` },
    'review -> done',
    'ship -> done',
  ])
}

const calls: string[] = []
const noting = async ({ nodeId, context }: NodeContext): Promise<{ output: string }> => {
  calls.push(nodeId)
  await context.set('last', nodeId)
  return { output: `${nodeId} done` }
}
const code = { price: async () => ({ output: 120 }), review: noting, ship: noting, done: noting }

it('under another condition, the edge is where the run would have gone another way, and nothing is executed', async () => {
  const recording = await record(orders(100), code)
  calls.length = 0
  const simulation = await simulate(orders(200), recording, { outputs: { ship: 'shipped' } })
  expect(calls).toEqual([])
  expect(simulation.divergence).toMatchObject({
    type: 'edge:evaluate',
    edge: { source: 'price', target: 'review' },
    differences: [{ path: ['result'], a: 'true', b: 'false' }],
  })
  expect(simulation.result).toMatchObject({ status: 'completed', context: { ship: 'shipped', done: 'done done' } })
  expect(simulation.result.context).not.toHaveProperty('review')
  expect(simulation.missing).toEqual([])
  expect(simulation.diff.nodes.filter(({ status }) => status !== undefined)).toMatchObject([
    { nodeId: 'review', status: { a: 'completed', b: 'skipped' } },
    { nodeId: 'ship', status: { a: 'skipped', b: 'completed' } },
  ])
  expect(simulation.recording.explain('review').sentence).toContain('condition')
  expect(simulation.recording.executionId).toBe(recording.executionId)
})

it('a node of whose run nothing is recorded fails, finishes without an output, or runs', async () => {
  const recording = await record(orders(100), code)
  calls.length = 0
  const failed = await simulate(orders(200), recording)
  expect(failed.result.status).toBe('failed')
  expect(failed.result.errors).toMatchObject([{ code: 'SIMULATION_MISSING', nodeId: 'ship' }])
  const skipped = await simulate(orders(200), recording, { onMissing: 'skip' })
  expect(skipped.result).toMatchObject({ status: 'completed', context: { done: 'done done', last: 'done' } })
  expect(calls).toEqual([])
  const run = await simulate(orders(200), recording, { onMissing: 'run', functionRegistry: code })
  expect(run.result).toMatchObject({ status: 'completed', context: { ship: 'ship done', done: 'done done' } })
  expect(run.recording.writesTo('last').map(({ nodeId }) => nodeId)).toEqual(['ship', 'done'])
  // What is recorded of `done` stands in for it.
  expect(calls).toEqual(['ship'])
  for (const { missing } of [failed, skipped, run]) expect(missing).toEqual(['ship'])
})

it('code that is executed is tried again, times out and sees the context as it is then', async () => {
  const recording = await record(graph(['a -> b']), { a: async () => ({ output: 1 }), b: async () => ({ output: 2 }) })
  const blueprint = graph(['a -> new', 'new -> b'], { new: { config: { maxRetries: 3, retryDelay: 86_400_000 } } })
  const seen: unknown[] = []
  const attempts = async ({ attempt, input, context, dependencies }: NodeContext): Promise<{ output: unknown }> => {
    seen.push([attempt, input, await context.get('a'), (dependencies as unknown as { rate: number }).rate])
    if (attempt < 3) throw new Error(`attempt ${attempt}`)
    return { output: 'at last' }
  }
  const simulation = await simulate(blueprint, recording, {
    onMissing: 'run',
    functionRegistry: new Map([['new', attempts]]),
    dependencies: { rate: 3 },
  })
  expect(seen).toEqual([1, 2, 3].map((attempt) => [attempt, 1, 1, 3]))
  expect(simulation.result).toMatchObject({ status: 'completed', context: { new: 'at last', b: 2 } })
  const unknown = await simulate(blueprint, recording, { onMissing: 'run' })
  expect(unknown.result.errors).toMatchObject([
    { code: 'SIMULATION_MISSING', message: expect.stringContaining('functionRegistry') },
  ])
})

it('an output that is given replaces what was recorded, a failure too, and the first difference is there', async () => {
  const recording = await record(graph(['a -> b'], { b: { config: { maxRetries: 2 } } }), {
    a: async () => ({ output: 1 }),
    b: async () => {
      throw new Error('no')
    },
  })
  expect(recording.status).toBe('failed')
  const blueprint = recording.blueprint!
  const simulation = await simulate(blueprint, recording, { outputs: { b: { fixed: true } } })
  expect(simulation.result).toMatchObject({ status: 'completed', errors: undefined, context: { b: { fixed: true } } })
  expect(simulation.divergence).toMatchObject({ type: 'node:retry', nodeId: 'b', seq: { a: 5 } })
  const other = await simulate(blueprint, recording, { outputs: { a: 5 } })
  expect(other.divergence).toMatchObject({ type: 'node:finish', nodeId: 'a', seq: { a: 2, b: 2 } })
  expect(other.result.status).toBe('failed')
})

it('with more attempts than were recorded, the one that is missing is; with fewer, the first failure is the last', async () => {
  const tried = (maxRetries: number): WorkflowBlueprint => graph(['a -> b'], { a: { config: { maxRetries } } })
  const recording = await record(tried(3), {
    a: async ({ attempt }: NodeContext) => {
      if (attempt < 3) throw new Error(`attempt ${attempt}`)
      return { output: 'third' }
    },
    b: async () => ({ output: 'b' }),
  })
  const fewer = await simulate(tried(2), recording)
  expect(fewer.result.errors).toMatchObject([{ nodeId: 'a', cause: { message: 'attempt 2' } }])
  const failed = fewer.recording
  const more = await simulate(tried(4), failed, { onMissing: 'skip' })
  expect(more.result.status).toBe('completed')
  expect(more.missing).toEqual(['a', 'b'])
  expect(more.recording.at('end').nodes['a']?.attempts).toBe(3)
})

it('what waits gets the recorded answer; what waits still goes on only with an output that is given', async () => {
  const flow = createFlow('approval')
    .node('ask', async () => ({ output: 'please' }))
    .wait('approve', { event: 'approved' })
    .node('act', async ({ input }) => ({ output: `acts on ${JSON.stringify(input)}` }))
    .edge('ask', 'approve')
    .edge('approve', 'act')
  const store = new InMemoryEventStore()
  const { runtime } = recordingRuntime({}, store)
  const { executionId } = await flow.run(runtime)
  const parked = await openRecording(store, executionId)
  const same = await simulate(flow.toBlueprint(), parked)
  expect([same.result.status, same.divergence, same.missing]).toEqual(['awaiting', undefined, []])
  const answered = await simulate(flow.toBlueprint(), parked, { outputs: { approve: 'yes' }, onMissing: 'skip' })
  expect(answered.result).toMatchObject({ status: 'completed', context: { approve: 'yes' } })
  expect(answered.missing).toEqual(['act'])

  await flow.resume(runtime, executionId, { output: 'no' })
  const whole = await openRecording(store, executionId)
  const inverted = { ...flow.toBlueprint(), edges: [...flow.toBlueprint().edges, { source: 'ask', target: 'act' }] }
  const simulation = await simulate(inverted, whole)
  expect(simulation.divergence).toMatchObject({ type: 'edge:evaluate', edge: { source: 'ask', target: 'act' } })
  expect(simulation.result).toMatchObject({ status: 'completed', context: { approve: 'no' } })
})

it('new sleeps and timeouts cost no time, and a new wait that nobody answers is where the simulation ends', async () => {
  const recording = await record(graph(['a -> b']), { a: async () => ({ output: 1 }), b: async () => ({ output: 2 }) })
  const between = (uses: string, params: Record<string, unknown>): WorkflowBlueprint =>
    graph(['a -> between', 'between -> b'], { between: { uses, params } })
  const slept = await simulate(between('sleep', { duration: '2d' }), recording)
  expect(slept.result).toMatchObject({ status: 'completed', context: { between: 1, b: 2 } })
  expect(slept.recording.durationMs).toBeGreaterThanOrEqual(2 * 86_400_000)
  expect(slept.missing).toEqual([])
  const timedOut = await simulate(between('wait', { timeout: '1h' }), recording)
  expect(timedOut.recording.at('end').nodes['between']).toMatchObject({ status: 'completed', action: 'timeout' })
  const waiting = await simulate(between('wait', {}), recording)
  expect([waiting.result.status, waiting.missing]).toEqual(['awaiting', ['between']])
  const skipped = await simulate(between('wait', {}), recording, { onMissing: 'skip' })
  expect(skipped.result).toMatchObject({ status: 'completed', context: { b: 2 } })
})

it('the recorded order of outcomes is kept, also where those before it never come', async () => {
  const ends: (() => void)[] = []
  const later = (): Promise<object> => new Promise((resolve) => ends.push(() => resolve({})))
  const blueprint = graph(['slow -> after slow', 'fast -> after fast'], {})
  const running = record(blueprint, {
    slow: later,
    fast: later,
    'after slow': async ({ context }: NodeContext) => context.set('winner', 'slow').then(() => ({})),
    'after fast': async ({ context }: NodeContext) => context.set('winner', 'fast').then(() => ({})),
  })
  await expect.poll(() => ends.length).toBe(2)
  ends[1]!()
  ends[0]!()
  const recording = await running
  expect(recording.at('end').context['winner']).toBe('slow')
  const without = graph(['slow -> after slow'], { extra: {} })
  const simulation = await simulate(without, recording, { onMissing: 'skip' })
  expect(simulation.result).toMatchObject({ status: 'completed', context: { winner: 'slow' } })
  const both = { ...blueprint, nodes: [{ id: 'extra', uses: 'extra' }, ...blueprint.nodes] }
  const order = await simulate(both, recording, { onMissing: 'skip' })
  expect(order.recording.writesTo('winner').map(({ value }) => value)).toEqual(['fast', 'slow'])
})

it('a recorded cancellation, and a fork with what it changed and ran again, come to the simulated run as well', async () => {
  const store = new InMemoryEventStore()
  const { runtime } = recordingRuntime({}, store)
  const functionRegistry = {
    a: async ({ context }: NodeContext) => ({ output: (await context.get('x')) ?? 'none' }),
    b: async ({ input }: NodeContext) => ({ output: `b of ${String(input)}` }),
  }
  const { executionId } = await runtime.run(graph(['a -> b']), {}, { functionRegistry })
  const source = await openRecording(store, executionId)
  const handle = await runtime.fork(source, { at: 'end', set: { x: 'set' }, rerun: ['a'], functionRegistry })
  const result = await handle.result()
  expect(result.context).toMatchObject({ b: 'b of set' })
  const recording = await openRecording(store, result.executionId)
  const same = await simulate(graph(['a -> b']), recording)
  expect([same.divergence, same.diff.isSame, same.result.context]).toEqual([undefined, true, result.context])
  const more = graph(['a -> b', 'a -> c'])
  const simulation = await simulate(more, recording, { onMissing: 'skip' })
  expect(simulation.result).toMatchObject({ status: 'completed', context: { a: 'set', b: 'b of set', x: 'set' } })

  // Cut off while `b` ran, and cancelled then: what came before that comes first here as well.
  const before = source.events.slice(
    0,
    1 + source.events.findIndex(({ type, payload }) => type === 'node:start' && payload.nodeId === 'b'),
  )
  const { length: seq } = before
  const payload = { executionId, blueprintId: 'graph', reason: 'enough' }
  const cancel = { ...before[0]!, id: `${executionId}:${seq}`, seq, type: 'workflow:cancel' as const, payload }
  const cut = await simulate(graph(['a -> b', 'extra -> b']), recordingFrom([...before, cancel]), { onMissing: 'skip' })
  expect(cut.result).toMatchObject({ status: 'cancelled', context: { a: 'none' } })
  expect(cut.recording.at('end').nodes['b']?.status).toBe('cancelled')
})

it('a run that went on with a context without its history is simulated from what it was given', async () => {
  const flow = createFlow('given')
    .node('a', async () => ({ output: 1 }))
    .wait('w')
    .node('z', async ({ input }) => ({ output: input }))
    .edge('a', 'w')
    .edge('w', 'z')
  const parked = await flow.run(new FlowRuntime())
  const { _run, ...context } = JSON.parse(parked.serializedContext) as Record<string, unknown>
  expect(_run).toBeDefined()
  const store = new InMemoryEventStore()
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
  const result = await flow.resume(runtime, JSON.stringify(context), { output: 'go' })
  expect(result.status).toBe('completed')
  const recording = await openRecording(store, result.executionId)
  const simulation = await simulate(flow.toBlueprint(), recording)
  expect([simulation.divergence, simulation.diff.isSame]).toEqual([undefined, true])
})

it('conditions are evaluated by the evaluator that is given', async () => {
  const evaluator = { evaluate: (expression: string) => expression === 'yes' }
  const recording = await record(graph([{ source: 'a', target: 'b', condition: '1 == 1' }]), {
    a: () => ({}),
    b: () => ({}),
  })
  const asked = graph([{ source: 'a', target: 'b', condition: 'yes' }])
  expect((await simulate(asked, recording, { evaluator })).divergence).toBeUndefined()
  expect(
    (await simulate(asked, recording, { evaluator: new ExpressionEvaluator() })).result.context,
  ).not.toHaveProperty('b')
})

it.each([
  ['no recording', graph(['a -> b']), {} as never, {}, 'INPUT_INVALID'],
  [
    'a blueprint that cannot run',
    graph([{ source: 'a', target: 'b', condition: '((' }]),
    undefined,
    {},
    'BLUEPRINT_INVALID',
  ],
  ['another word', graph(['a -> b']), undefined, { onMissing: 'wait' as never }, 'INPUT_INVALID'],
  ['a list of outputs', graph(['a -> b']), undefined, { outputs: [] as never }, 'INPUT_INVALID'],
  [
    'an output that cannot be recorded',
    graph(['a -> b']),
    undefined,
    { outputs: { a: () => 1 } },
    'SERIALIZATION_FAILED',
  ],
  [
    'an output of what the engine decides by',
    createFlow('batch')
      .batch('b', async () => ({}), { inputKey: 'items' })
      .toBlueprint(),
    undefined,
    { outputs: { b_gather: 1 } },
    'INPUT_INVALID',
  ],
  ['a limit of nothing', graph(['a -> b']), undefined, { maxIterations: 0 }, 'INPUT_INVALID'],
  ['a history without its start', graph(['a -> b']), recordingFrom([], { executionId: 'x' }), {}, 'HISTORY_CORRUPT'],
])('%s is refused', async (_, blueprint, given, options, errorCode) => {
  const recording = given ?? (await record(graph(['a -> b']), { a: () => ({}), b: () => ({}) }))
  await expect(simulate(blueprint, recording, options)).rejects.toMatchObject({ code: errorCode })
})
