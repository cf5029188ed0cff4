import { describe, expect, it } from 'vitest'
import { createFlow, FlowcraftError, type NodeConfig, type NodeContext } from 'flowcraft'
import { foldOf, graph, recordingRuntime, runFlow, runRecorded } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const list = (count: number) => async () => ({ output: items(count) })
const pass = async ({ input }: NodeContext) => ({ output: input })

/** Fails for each odd item. */
const evens = async ({ input }: NodeContext) => {
  if (Number(input) % 2 === 1) throw new RangeError(`odd ${String(input)}`)
  return { output: input }
}

function flowOf(
  worker: typeof evens,
  options: { onError?: 'fail' | 'collect'; chunkSize?: number; config?: NodeConfig },
) {
  return createFlow('f')
    .node('list', list(5))
    .batch('b', worker, { inputKey: 'list', chunkSize: 2, ...options })
    .node('end', pass)
    .edge('list', 'b')
    .edge('b', 'end')
}

describe('a batch with workers that fail', () => {
  it('runs all its chunks and then fails, with the first failure as the cause', async () => {
    const { result, started, of } = await runFlow(flowOf(evens, { onError: 'fail' }))
    expect(result.status).toBe('failed')
    expect(started).toEqual(['list', 'b_scatter', 'b[0]', 'b[1]', 'b[2]', 'b[3]', 'b[4]', 'b_gather'])
    expect(result.errors?.map(({ nodeId, code }) => [nodeId, code])).toEqual([
      ['b[1]', 'NODE_FAILED'],
      ['b[3]', 'NODE_FAILED'],
      ['b_gather', 'BATCH_FAILED'],
    ])
    expect(result.errors?.[2]).toMatchObject({
      message: expect.stringContaining("2 of the 5 workers of batch 'b' failed"),
      cause: { message: "Node 'b[1]' execution failed", cause: { name: 'RangeError', message: 'odd 1' } },
    })
    expect(of('batch:finish')).toEqual([])
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['end', 'upstream-failed'],
    ])
    expect(result.context).not.toHaveProperty('b_gather')
  })

  it('collects what became of each, and nothing of it is an error of the run', async () => {
    const { result, of } = await runFlow(flowOf(evens, { onError: 'collect' }))
    expect(result.status).toBe('completed')
    expect(result.errors).toBeUndefined()
    const settled = [
      { status: 'fulfilled', value: 0 },
      { status: 'rejected', reason: { nodeId: 'b[1]', cause: { name: 'RangeError', message: 'odd 1' } } },
      { status: 'fulfilled', value: 2 },
      { status: 'rejected', reason: { nodeId: 'b[3]', cause: { name: 'RangeError', message: 'odd 3' } } },
      { status: 'fulfilled', value: 4 },
    ]
    expect(result.context['end']).toMatchObject(settled)
    expect(of('batch:finish')[0]?.payload.results).toMatchObject(settled)
    expect(of('batch:start').map(({ payload }) => payload.onError)).toEqual(['collect', 'collect', 'collect'])
  })

  it('collects undefined as a value', async () => {
    const { result } = await runFlow(flowOf(async () => ({ output: undefined }), { onError: 'collect' }))
    expect(result.context['end']).toStrictEqual(items(5).map(() => ({ status: 'fulfilled', value: undefined })))
  })

  it.each(['fail', 'collect'] as const)('is over with a fatal error (onError %s)', async (onError) => {
    const fatal = async ({ input }: NodeContext) => {
      if (input === 2) throw new FlowcraftError('stop', { isFatal: true })
      if (input === 3) await new Promise(() => {})
      return { output: input }
    }
    const { result, started } = await runFlow(flowOf(fatal, { onError }))
    expect(result).toMatchObject({ status: 'failed', errors: [{ message: 'stop', isFatal: true, nodeId: 'b[2]' }] })
    expect(started).toEqual(['list', 'b_scatter', 'b[0]', 'b[1]', 'b[2]', 'b[3]'])
  })

  it.each(['fail', 'collect'] as const)('has workers recovered by a registry key (onError %s)', async (onError) => {
    const flow = flowOf(evens, { onError, config: { fallback: 'spare' } })
    const spare = async ({ input }: NodeContext) => ({ output: `spare ${String(input)}` })
    const { result, events } = await runFlow(flow, {}, {}, { registry: { spare } })
    expect(result.status).toBe('completed')
    const outputs = [0, 'spare 1', 2, 'spare 3', 4]
    expect(result.context['end']).toEqual(
      onError === 'fail' ? outputs : outputs.map((value) => ({ status: 'fulfilled', value })),
    )
    expect(foldOf(events).batches.get('b')).toEqual({ iteration: 0, onError, workers: 5, completed: 5, failed: 0 })
  })

  it('counts a worker once whose fallback fails as well', async () => {
    const flow = flowOf(evens, { onError: 'collect', config: { fallback: 'spare' } })
    const spare = async () => {
      throw new Error('spare broken')
    }
    const { result, events } = await runFlow(flow, {}, {}, { registry: { spare } })
    expect(result.errors).toBeUndefined()
    expect(result.context['end']).toMatchObject({
      1: { status: 'rejected', reason: { cause: { message: 'spare broken' } } },
    })
    expect(foldOf(events).batches.get('b')).toMatchObject({ workers: 5, completed: 3, failed: 2 })
  })

  it('collects what fails in the place of a worker, and nothing of it is an error of the run', async () => {
    const flow = createFlow('f')
      .node('list', list(3))
      .node('spare', async () => {
        throw new Error('spare broken')
      })
      .batch('b', evens, { inputKey: 'list', onError: 'collect', config: { fallback: 'spare' } })
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed' })
    expect(result.errors).toBeUndefined()
    expect(result.context['b_gather']).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected' }, { value: 2 }])
  })

  const withGather = (fallback: string) =>
    graph(['list -> b', 'b -> g', 'g -> end'], {
      b: { uses: 'batch-scatter', params: { workerUsesKey: 'evens', gatherNodeId: 'g' } },
      g: { uses: 'batch-gather', params: { gatherNodeId: 'g', outputKey: 'kept' }, config: { fallback } },
      ...(fallback === 'node' && { node: { uses: 'spare' } }),
    })

  it.each(['node', 'spare'])('has its gather replaced by the fallback of that (%s)', async (fallback) => {
    const registry = { list: list(3), evens, end: pass, spare: async () => ({ output: 'instead' }) }
    const { result, of } = await runRecorded(withGather(fallback), registry)
    expect(result).toMatchObject({ status: 'failed', context: { end: 'instead', g: 'instead' } })
    expect(result.errors?.map(({ nodeId }) => nodeId)).toEqual(['b[1]'])
    expect(of('node:error').map(({ payload }) => payload.nodeId)).toEqual(['b[1]', 'g'])
    expect(of('node:fallback').map(({ payload }) => [payload.nodeId, payload.fallback])).toEqual([['g', fallback]])
    expect(result.context).not.toHaveProperty('kept')
  })

  it('can be cancelled in the middle of a chunk', async () => {
    const signals: boolean[] = []
    const flow = flowOf(
      async ({ input, signal }: NodeContext) => {
        if (Number(input) === 3) {
          signal.addEventListener('abort', () => signals.push(signal.aborted))
          await new Promise(() => {})
        }
        return { output: input }
      },
      { onError: 'fail' },
    )
    const { runtime, look, store } = recordingRuntime()
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await idle()
    handle.cancel('enough')
    const { result, started, events } = await look(flow.toBlueprint(), await handle.result())
    expect(result).toMatchObject({ status: 'cancelled', context: { list: items(5) } })
    expect(signals).toEqual([true])
    expect(started).toEqual(['list', 'b_scatter', 'b[0]', 'b[1]', 'b[2]', 'b[3]'])
    const { nodes } = foldOf(events)
    expect(['b_scatter', 'b[2]', 'b[3]'].map((id) => nodes.get(id)?.status)).toEqual([
      'cancelled',
      'completed',
      'cancelled',
    ])
    await idle()
    expect(await store.retrieve(result.executionId)).toHaveLength(events.length)
  })
})
