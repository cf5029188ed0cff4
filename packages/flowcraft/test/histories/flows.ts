import { createFlow, FlowcraftError, type NodeContext } from 'flowcraft'
import { laterCases } from './later-flows.ts'
import { caseOf, type Drive, type RecordedCase } from './recorded-case.ts'

const routing = createFlow('routing')
  .node('start', () => ({ output: { amount: 5 }, action: 'small' }))
  .node('small', ({ input }) => ({ output: input }))
  .node('large', () => ({}))
  .node('other', () => ({}))
  .node('join', ({ input }) => ({ output: input }))
  .edge('start', 'small', { action: 'small', condition: 'input.amount < 10', transform: 'input.amount * 2' })
  .edge('start', 'large', { action: 'large' })
  .edge('start', 'other')
  .edge('small', 'join')
  .edge('large', 'join')

const failing = createFlow('failing')
  .node(
    'flaky',
    async ({ attempt, context }) => {
      await context.set('tries', attempt)
      if (attempt === 1) throw new TypeError('not yet', { cause: { code: 'EAGAIN' } })
      return { output: attempt }
    },
    { config: { maxRetries: 2, retryDelay: 1 } },
  )
  .node(
    'broken',
    () => {
      throw new FlowcraftError('cannot be done', { cause: new RangeError('out of range') })
    },
    { config: { fallback: 'spare' } },
  )
  .node('spare', () => ({ output: 'spare' }))
  .node('lost', () => {
    throw new Error('lost')
  })
  .node('behind', () => ({}))
  .edge('lost', 'behind')

const values = createFlow('values').node('all', async ({ context }) => {
  await context.delete('gone')
  const shared = { n: 1 }
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle['self'] = cycle
  await context.set('cycle', cycle)
  return {
    output: {
      numbers: [Number.NaN, Number.POSITIVE_INFINITY, -0, 2n ** 70n],
      nothing: undefined,
      date: new Date(0),
      pattern: /a\/b/giu,
      url: new URL('https://example.org/?q=1'),
      map: new Map([[{ key: 1 }, new Set([1, 'two'])]]),
      error: new Error('outer', { cause: new TypeError('inner') }),
      bytes: new Uint8Array([0, 1, 255]),
      texts: ['a\0b', '\ud800', '🎉'],
      shared: [shared, shared],
    },
  }
})

const fatal = createFlow('fatal').node('stop', () => {
  throw new FlowcraftError('stop everything', { isFatal: true })
})

const cancelled = createFlow('cancelled').node('waits', () => new Promise<void>(() => {}))

const pass = async ({ input }: NodeContext) => ({ output: input })

const loop = createFlow('loop')
  .node('start', () => ({ output: 0 }))
  .node('add', ({ input }) => ({ output: Number(input) + 1, action: Number(input) === 1 ? 'odd' : 'even' }))
  .node('odd', pass)
  .node('even', pass)
  .node('join', ({ input }) => ({ output: Object.values(input as object)[0] as number }))
  .loop('again', { startNodeId: 'add', endNodeId: 'join', condition: 'input < 3' })
  .node('end', pass)
  .edge('start', 'add')
  .edge('add', 'odd', { action: 'odd' })
  .edge('add', 'even', { action: 'even' })
  .edge('odd', 'join')
  .edge('even', 'join')
  .edge('again', 'end')

const batch = createFlow('batch')
  .node('list', () => ({ output: ['a', 'b', 'c', undefined, 'e'] }))
  .batch(
    'shout',
    async ({ input, attempt }: NodeContext) => {
      if (input === 'b' && attempt === 1) throw new Error('not yet')
      if (input === 'c') throw new TypeError('never')
      return { output: typeof input === 'string' ? input.toUpperCase() : undefined }
    },
    { inputKey: 'list', outputKey: 'shouted', chunkSize: 2, concurrency: 1, onError: 'collect', config: { maxRetries: 2 } },
  )
  .batch(
    'strict',
    async ({ input }: NodeContext) => {
      if (input === undefined) throw new Error('nothing')
      return { output: input }
    },
    { inputKey: 'list' },
  )
  .edge('list', 'shout')
  .edge('list', 'strict')

const dynamic = createFlow('dynamic')
  .node('plan', ({ iteration }) => ({
    output: iteration,
    dynamicNodes: [
      { id: 'free', uses: 'dynamic/made' },
      { id: 'led', uses: 'dynamic/made', inputs: { turn: 'plan' } },
    ],
    dynamicEdges: [
      { source: 'plan', target: 'led' },
      { source: 'led', target: 'join', condition: 'result.output' },
      { source: 'led', target: 'end' },
    ],
  }))
  .node('made', ({ input, nodeId }) => ({ output: { nodeId, input } }))
  .node('join', pass)
  .loop('again', { startNodeId: 'plan', endNodeId: 'join', condition: 'input.plan < 1' })
  .node('end', pass)
  .edge('made', 'plan')
  .edge('plan', 'join')
  .edge('again', 'end')

const waiting = createFlow('waiting')
  .node('start', () => ({ output: 1 }))
  .sleep('nap', { duration: 1 })
  .wait('approve', { event: 'approval', timeout: '1d' })
  .node('own', async ({ input }) => ({ output: input, wait: { event: 'own', until: 8_640_000_000_000 } }))
  .node('yes', pass)
  .node('no', pass)
  .node('join', pass)
  .edge('start', 'nap')
  .edge('start', 'approve')
  .edge('start', 'own')
  .edge('approve', 'yes', { action: 'yes' })
  .edge('approve', 'no', { action: 'no' })
  .edge('nap', 'join')
  .edge('own', 'join')
  .edge('yes', 'join')
  .edge('no', 'join')

const child = createFlow('child')
  .node('first', pass)
  .wait('ask')
  .node('last', pass)
  .edge('first', 'ask')
  .edge('ask', 'last')

const subflow = createFlow('subflow')
  .node('start', () => ({ output: { for: 'child' } }))
  .subflow('sub', { blueprintId: 'child' })
  .node('end', pass)
  .edge('start', 'sub')
  .edge('sub', 'end')

const paused = createFlow('paused')
  .node('first', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return { output: 1 }
  })
  .node('second', pass)
  .edge('first', 'second')

const targets = createFlow('targets')
  .node('start', () => ({ output: 1 }))
  .node('wanted', pass)
  .node('beside', pass)
  .edge('start', 'wanted')
  .edge('start', 'beside')

const cancelOnceBegun: Drive = async (handle) => {
  await handle.begun
  handle.cancel('enough')
  return await handle.result()
}

const resumeOnce: Drive = async (handle, runtime) => {
  await handle.result()
  return await runtime.resume(handle.executionId)
}

const pauseAndResume: Drive = async (handle, runtime) => {
  await handle.begun
  handle.pause()
  return await resumeOnce(handle, runtime)
}

const answerAll: Drive = async (handle, runtime) => {
  await handle.result()
  const { executionId } = handle
  await runtime.resume(executionId, { nodeId: 'own', output: 'mine' })
  await runtime.resume(executionId, { nodeId: 'approve', output: { by: 'somebody' }, action: 'yes' })
  return await runtime.resume(executionId, { nodeId: 'nap' })
}

const answerChild: Drive = async (handle, runtime) => {
  await handle.result()
  return await runtime.resume(handle.executionId, { nodeId: 'sub/ask', output: 'answer' })
}

/** One for each feature that has a mark in the log. */
export const cases: ReadonlyMap<string, RecordedCase> = new Map([
  ['routing', caseOf(routing)],
  ['failing', caseOf(failing)],
  ['values', caseOf(values, { gone: true, kept: new Date(1) })],
  ['fatal', caseOf(fatal)],
  ['cancelled', caseOf(cancelled, {}, { drive: cancelOnceBegun })],
  ['loop', caseOf(loop)],
  ['batch', caseOf(batch)],
  ['dynamic', caseOf(dynamic)],
  ['waiting', caseOf(waiting, {}, { drive: answerAll })],
  ['subflow', caseOf(subflow, {}, { flows: [child], drive: answerChild })],
  ['subflow-child', caseOf(child, {}, { childOf: { name: 'subflow', executionId: 'subflow:sub#0' } })],
  ['paused', caseOf(paused, {}, { drive: pauseAndResume })],
  ['targets', caseOf(targets, { _targetNode: 'wanted' }, { drive: resumeOnce })],
  ...laterCases,
])
