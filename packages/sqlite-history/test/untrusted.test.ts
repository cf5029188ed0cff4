import { describe, expect, it } from 'vitest'
import {
  analyzeBlueprint,
  FlowRuntime,
  generateMermaidForRun,
  isFlowcraftError,
  NullLogger,
  PersistentEventBusAdapter,
  sanitizeBlueprint,
  type NodeFunction,
  type WorkflowBlueprint,
} from 'flowcraft'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'

const hostileIds = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '_outputs.x',
  'end',
  '',
]
const echo: NodeFunction = async ({ input, context, nodeId }) => {
  await context.set(`key of ${nodeId}`, nodeId)
  return { output: { [nodeId]: nodeId, ['__proto__']: input } }
}

async function runAndReplay(blueprint: WorkflowBlueprint, initialState: object = {}) {
  const store = new SqliteHistoryAdapter({ databasePath: ':memory:' })
  const runtime = new FlowRuntime({ logger: new NullLogger(), eventBus: new PersistentEventBusAdapter(store) })
  const result = await runtime.run(blueprint, initialState, { functionRegistry: new Map([['echo', echo]]) })
  const events = await store.retrieve(result.executionId)
  const replayed = await runtime.replay(blueprint, events)
  await store.close()
  return { result, events, replayed }
}

describe('a blueprint from people who are not trusted', () => {
  it('may use ids and keys that mean something to JavaScript', async () => {
    const ids = hostileIds.filter((id) => id !== '')
    const blueprint: WorkflowBlueprint = {
      id: '__proto__',
      nodes: ids.map((id, index) => ({
        id,
        uses: 'echo',
        ...(index > 0 && {
          inputs: JSON.parse('{"__proto__": "__proto__", "constructor": "constructor.constructor"}'),
        }),
      })),
      edges: ids
        .slice(1)
        .map((id, index) => ({ source: ids[index]!, target: id, condition: 'input.constructor != 1' })),
    }
    const { result, events, replayed } = await runAndReplay(blueprint, JSON.parse('{"__proto__": 1, "constructor": 2}'))
    expect(result.status).toBe('completed')
    expect(replayed.context).toEqual(result.context)
    expect(Object.getPrototypeOf(result.context)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(result.context, '__proto__')?.value).toBe(1)
    expect({}).not.toHaveProperty('polluted')
    expect(generateMermaidForRun(blueprint, events)).toContain('flowchart TD')
  })

  it.each([
    'constructor.constructor("return process")()',
    'input.__proto__.polluted = 1',
    'globalThis.process',
    '(() => 1)()',
    '`${input}`',
    '('.repeat(100_000),
    'a.'.repeat(50_000),
  ])('cannot get out of the expression %.40s', async (condition) => {
    const blueprint: WorkflowBlueprint = {
      id: 'attack',
      nodes: [
        { id: 'a', uses: 'echo' },
        { id: 'b', uses: 'echo' },
      ],
      edges: [{ source: 'a', target: 'b', condition }],
    }
    const outcome = await runAndReplay(blueprint).then(
      ({ events }) => events.find((event) => event.type === 'edge:evaluate')?.payload.result,
      (error: unknown) => (isFlowcraftError(error, 'BLUEPRINT_INVALID') ? 'refused' : error),
    )
    expect([false, 'refused']).toContain(outcome)
    expect({}).not.toHaveProperty('polluted')
  })

  it.each([
    ['nothing at all', null],
    ['a text', 'blueprint'],
    ['no nodes', { id: 'x', edges: [] }],
    ['nodes that are no nodes', { id: 'x', nodes: [null, 1, {}], edges: [] }],
    ['edges that are no edges', { id: 'x', nodes: [{ id: 'a', uses: 'echo' }], edges: [null, {}] }],
    ['an edge into nothing', { id: 'x', nodes: [{ id: 'a', uses: 'echo' }], edges: [{ source: 'a', target: 'b' }] }],
    [
      'an id twice',
      {
        id: 'x',
        nodes: [
          { id: 'a', uses: 'echo' },
          { id: 'a', uses: 'echo' },
        ],
        edges: [],
      },
    ],
    ['no implementation', { id: 'x', nodes: [{ id: 'a', uses: 'constructor' }], edges: [] }],
    ['params of endless depth', { id: 'x', nodes: [{ id: 'a', uses: 'echo', params: nested(100_000) }], edges: [] }],
  ])('is refused with a typed error when it has %s', async (_, blueprint) => {
    const error = await runAndReplay(blueprint as WorkflowBlueprint).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(isFlowcraftError(error)).toBe(true)
  })

  it('may be as large as 100 000 nodes, for every function that reads one', () => {
    const nodes = Array.from({ length: 100_000 }, (_, index) => ({ id: `n${index}`, uses: 'echo' }))
    const edges = nodes.slice(1).map((node, index) => ({ source: `n${index}`, target: node.id }))
    const blueprint = sanitizeBlueprint({ id: 'large', nodes, edges })
    expect(analyzeBlueprint(blueprint)).toMatchObject({ nodeCount: 100_000, isDag: true, startNodeIds: ['n0'] })
  })
})

function nested(depth: number): Record<string, unknown> {
  let value: Record<string, unknown> = {}
  for (let level = 0; level < depth; level += 1) value = { value }
  return value
}
