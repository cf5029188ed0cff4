import { createFlow, FlowRuntime, generateMermaidForRun, PersistentEventBusAdapter } from 'flowcraft'
import type { FlowcraftEvent, NodeContext } from 'flowcraft'
import { afterEach, expect, it } from 'vitest'
import type { PostgresHistoryAdapter } from '../src/index.ts'
import { dropSchemas, temporarySchema } from './temporary-schema.ts'

afterEach(dropSchemas)

const items = [new Date(0), undefined, new Map([['deep', new Set([1n])]]), -0, '\0\ud800', new Uint8Array([1, 2])]

const child = createFlow('child')
  .node('open', async ({ context }: NodeContext) => ({ output: new Set([await context.get('given')]) }))
  .wait('ask')
  .node('close', async ({ input, context }: NodeContext) => {
    await context.set('note', new URL('https://example.org/'))
    return { output: [input, NaN] }
  })
  .edge('open', 'ask')
  .edge('ask', 'close')

const flow = createFlow('patterns')
  .node('list', () => ({ output: items }))
  .batch('each', ({ input }: NodeContext) => ({ output: input }), { inputKey: 'list', outputKey: 'all', chunkSize: 4 })
  .node('grow', ({ input }: NodeContext) => {
    const before: Map<unknown, unknown> = input instanceof Map ? input : new Map([['items', input]])
    return { output: new Map([...before, [before.size, new Date(before.size)]]) }
  })
  .loop('again', { startNodeId: 'grow', endNodeId: 'grow', condition: 'input.size < 3' })
  .subflow('inner', { blueprintId: 'child', inputs: { given: 'again' }, outputs: { closed: 'close', note: 'note' } })
  .edge('list', 'each')
  .edge('each', 'grow')
  .edge('again', 'inner')

it('batches, loops, subflows and answers are replayed exactly from the server', async () => {
  const { open } = temporarySchema()
  const recorded: FlowcraftEvent[] = []
  const first = runOn(open(), recorded)
  const { executionId, status } = await flow.run(first.runtime)
  expect(status).toBe('awaiting')
  await first.store.close()
  const output = { error: new TypeError('no', { cause: 1n }), bytes: Buffer.from('x') }
  const { runtime, store } = runOn(open(), recorded)
  const functionRegistry = flow.getFunctionRegistry()
  const result = await runtime.resume(executionId, { nodeId: 'inner/ask', output }, { functionRegistry })
  expect(result).toMatchObject({
    status: 'completed',
    context: { all: items, closed: [output, NaN], note: new URL('https://example.org/') },
  })
  const childId = `${executionId}:inner#0`
  const histories = await store.retrieveMultiple([executionId, childId])
  for (const [id, events] of histories) {
    expect(events).toStrictEqual(recorded.filter((event) => event.executionId === id))
    expect(events.at(-1)?.type).toBe('workflow:finish')
  }
  const replayed = await runtime.replay(flow.toBlueprint(), histories.get(executionId) ?? [])
  expect(replayed.context).toStrictEqual(result.context)
  expect((await store.list()).items.map((item) => [item.executionId, item.status])).toEqual([
    [executionId, 'completed'],
  ])
  expect((await store.list({ parent: executionId })).items.map((item) => item.executionId)).toEqual([childId])
})

it('many runs at once are stored whole, and each is replayed to its own result', async () => {
  const { open } = temporarySchema()
  const { runtime, store } = runOn(open(), [])
  const sum = createFlow('sum')
    .node('a', async ({ context }: NodeContext) => ({ output: Number(await context.get('n')) + 1 }))
    .node('b', ({ input }: NodeContext) => ({ output: Number(input) * 2 }))
    .edge('a', 'b')
  const results = await Promise.all(Array.from({ length: 40 }, (_, n) => sum.run(runtime, { n })))
  const histories = await store.retrieveMultiple(results.map(({ executionId }) => executionId))
  for (const [n, { executionId, context }] of results.entries()) {
    const events = histories.get(executionId) ?? []
    const replayed = await runtime.replay(sum.toBlueprint(), events, executionId)
    expect(replayed).toMatchObject({ status: 'completed', recordedStatus: 'completed', context: { b: (n + 1) * 2 } })
    expect(replayed.context).toEqual(context)
    expect(generateMermaidForRun(sum.toBlueprint(), events)).toContain('style b fill:#d4edda')
  }
})

it('what is stored can be asked about in SQL', async () => {
  const { open, sql, options } = temporarySchema()
  const { runtime } = runOn(open(), [])
  const { executionId } = await createFlow('asked')
    .node('price', () => ({ output: { amount: 7, note: '\0' } }))
    .run(runtime, { z: 1, a: -0 })
  const rows = await sql.unsafe(
    `SELECT type, payload #>> '{result,output,amount}' AS amount FROM "${options.schema}".flowcraft_events_view
     WHERE execution_id = $1 AND blueprint_id = 'asked' AND type = 'node:finish'`,
    [executionId],
  )
  expect([...rows]).toEqual([{ type: 'node:finish', amount: '7' }])
  const [row] = await sql.unsafe(`SELECT payload::text FROM "${options.schema}".flowcraft_events WHERE seq = 1`)
  expect(String(row?.['payload'])).not.toContain(executionId)
})

/** A runtime on a store; what becomes durable is added to `recorded`. */
function runOn(
  store: PostgresHistoryAdapter,
  recorded: FlowcraftEvent[],
): { readonly store: PostgresHistoryAdapter; readonly runtime: FlowRuntime } {
  const eventBus = new PersistentEventBusAdapter(store)
  eventBus.on('*', (event) => void recorded.push(event))
  return { store, runtime: new FlowRuntime({ eventBus, flows: [child] }) }
}
