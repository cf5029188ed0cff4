import { createFlow, FlowRuntime, PersistentEventBusAdapter, type FlowcraftEvent, type NodeContext } from 'flowcraft'
import { afterEach, expect, it } from 'vitest'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

afterEach(removeFolders)

const items = [new Date(0), undefined, new Map([['deep', new Set([1n])]]), -0, /a/u, new Uint8Array([1, 2])]
const grown = new Map<unknown, unknown>([
  ['items', items],
  [1, new Date(1)],
  [2, new Date(2)],
])

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

it('values of batches, loops, subflows and answers come back from the file as they were recorded', async () => {
  const databasePath = temporaryPath()
  const recorded: FlowcraftEvent[] = []
  const first = open(databasePath, recorded)
  const { executionId, status } = await flow.run(first.runtime)
  expect(status).toBe('awaiting')
  await first.store.close()
  const output = { error: new TypeError('no', { cause: 1n }), bytes: Buffer.from('x') }
  const { runtime, store } = open(databasePath, recorded)
  const functionRegistry = flow.getFunctionRegistry()
  const result = await runtime.resume(executionId, { nodeId: 'inner/ask', output }, { functionRegistry })
  await store.close()
  expect(result).toMatchObject({
    status: 'completed',
    context: { all: items, again: grown, closed: [output, NaN], note: new URL('https://example.org/') },
  })

  const reader = new SqliteHistoryAdapter({ databasePath, readonly: true })
  const histories = await reader.retrieveMultiple([executionId, `${executionId}:inner#0`])
  await reader.close()
  for (const [id, events] of histories) {
    expect(events).toStrictEqual(recorded.filter((event) => event.executionId === id))
    expect(events.at(-1)?.type).toBe('workflow:finish')
  }
  const types = [...histories.values()].flat().map(({ type }) => type)
  expect(types).toEqual(expect.arrayContaining(['batch:start', 'batch:finish', 'node:wait', 'workflow:resume']))
  const replayed = await runtime.replay(flow.toBlueprint(), histories.get(executionId) ?? [])
  expect(replayed.context).toStrictEqual(result.context)
})

/** A runtime on a connection of its own; what becomes durable is added to `recorded`. */
function open(
  databasePath: string,
  recorded: FlowcraftEvent[],
): { readonly store: SqliteHistoryAdapter; readonly runtime: FlowRuntime } {
  const store = new SqliteHistoryAdapter({ databasePath })
  const eventBus = new PersistentEventBusAdapter(store)
  eventBus.on('*', (event) => void recorded.push(event))
  return { store, runtime: new FlowRuntime({ eventBus, flows: [child] }) }
}
