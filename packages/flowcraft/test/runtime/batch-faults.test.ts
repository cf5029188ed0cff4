import { describe, expect, it } from 'vitest'
import { BlueprintError, FlowRuntime, NullLogger, type NodeContext, type WorkflowBlueprint } from 'flowcraft'
import { findFaults } from '../../src/blueprint/validate.ts'
import { graph, runRecorded } from './run-recorded.ts'

type Nodes = Record<string, Partial<WorkflowBlueprint['nodes'][number]>>

const scatter = (gatherNodeId: unknown, params: Record<string, unknown> = {}) => ({
  uses: 'batch-scatter',
  params: { workerUsesKey: 'w', gatherNodeId, ...params },
})
const gather = (params: Record<string, unknown> = {}) => ({ uses: 'batch-gather', params })
const pass = ({ input }: NodeContext) => ({ output: input })

/** What is said of a blueprint that cannot run; nothing for one that can. */
function faultsOf(blueprint: unknown): readonly string[] {
  const runtime = new FlowRuntime({ logger: new NullLogger(), registry: { list: pass, w: pass, x: pass } })
  try {
    // What is no blueprint is what is tested.
    void runtime.start(blueprint as WorkflowBlueprint).result()
  } catch (error) {
    expect(error).toBeInstanceOf(BlueprintError)
    return (error as BlueprintError).issues
  }
  return []
}

const batch = (more: Nodes = {}, edges: readonly string[] = []) =>
  graph(['list -> b_scatter', 'b_scatter -> g', ...edges], { b_scatter: scatter('g'), g: gather(), ...more })

describe('a batch cannot run', () => {
  it('unless it is whole', () => {
    expect(faultsOf(batch())).toEqual([])
  })

  it.each<[string, Nodes]>([
    [`batch 'b_scatter' has no params.workerUsesKey`, { b_scatter: scatter('g', { workerUsesKey: 5 }) }],
    [`the workers of batch 'b_scatter' use 'nobody'`, { b_scatter: scatter('g', { workerUsesKey: 'nobody' }) }],
    [`batch 'b_scatter' has params.gatherNodeId 'list', which is no 'batch-gather'`, { b_scatter: scatter('list') }],
    [`batch 'b_scatter' has params.gatherNodeId undefined`, { b_scatter: scatter(undefined) }],
    [`batch 'b_scatter' has params.chunkSize 0; expected`, { b_scatter: scatter('g', { chunkSize: 0 }) }],
    [`batch 'b_scatter' has params.concurrency 1.5; expected`, { b_scatter: scatter('g', { concurrency: 1.5 }) }],
    [`batch 'b_scatter' has params.onError 'ignore'; expected`, { b_scatter: scatter('g', { onError: 'ignore' }) }],
    [`batch 'b_scatter' has params.outputKey 5; expected`, { b_scatter: scatter('g', { outputKey: 5 }) }],
    [`gather 'g' has params.outputKey ''; expected`, { g: gather({ outputKey: '' }) }],
    [`gather 'g2' is named by 0 'batch-scatter' nodes; it needs one`, { g2: gather() }],
    [`node 'b[0]' has the id of a worker of batch 'b_scatter'`, { 'b[0]': { uses: 'x' } }],
    [`node 'b[10]' has the id of a worker of batch 'b_scatter'`, { 'b[10]': { uses: 'x' } }],
  ])('%s', (fault, more) => {
    expect(faultsOf(batch(more))).toEqual(expect.arrayContaining([expect.stringContaining(fault)]))
  })

  it.each(['_outputs.x', '_inputs.x', '_executionId', '_awaitingNodeIds', '_run'])(
    'when its results would go to %s, which belongs to the engine',
    (outputKey) => {
      for (const more of [{ b_scatter: scatter('g', { outputKey }) }, { g: gather({ outputKey }) }]) {
        expect(faultsOf(batch(more))).toEqual([
          expect.stringContaining(`params.outputKey '${outputKey}', which belongs`),
        ])
      }
    },
  )

  it('without an edge to its gather', () => {
    const blueprint = graph(['list -> s', 'list -> g'], { s: scatter('g'), g: gather() })
    expect(faultsOf(blueprint)).toEqual([`batch 's' has no edge to its gather 'g'; add one`])
  })

  it('when two of them have workers of the same ids', () => {
    const nodes = { b: scatter('g'), g: gather(), b_scatter: scatter('h'), h: gather() }
    const blueprint = graph(['list -> b', 'b -> g', 'list -> b_scatter', 'b_scatter -> h'], nodes)
    expect(faultsOf(blueprint)).toEqual([
      `batch 'b_scatter' has workers of the same ids as batch 'b', 'b[0]' and so on; rename one of them`,
    ])
  })

  it('when two of them have one gather', () => {
    const nodes = { a: scatter('g'), b: scatter('g'), g: gather() }
    expect(faultsOf(graph(['list -> a', 'list -> b', 'a -> g', 'b -> g'], nodes))).toEqual([
      `gather 'g' is named by 2 'batch-scatter' nodes; it needs one`,
    ])
  })

  it('when its gather would not wait for it', () => {
    const any = { g: { ...gather(), config: { joinStrategy: 'any' } } } as const
    expect(faultsOf(batch(any))).toEqual([])
    expect(faultsOf(batch(any, ['list -> g']))).toEqual([
      `gather 'g' has config.joinStrategy 'any', and could run before its batch has ended; leave it out`,
    ])
  })
})

describe('a node beside a batch', () => {
  it.each(['b[01]', 'b[-1]', 'b[]', 'b[x]', 'b[0', 'b[0]]', 'b[0] ', 'c[0]', 'b', 'b[0][1]'])(
    'may be called %s',
    async (id) => {
      const { result } = await runRecorded(batch({ [id]: { uses: 'x' } }), {
        list: () => ({ output: [1, 2] }),
        w: pass,
        x: () => ({ output: 'mine' }),
      })
      expect(result).toMatchObject({ status: 'completed', context: { g: [1, 2], [id]: 'mine' } })
    },
  )

  it('is told from its workers in a time that grows with the blueprint, not with its square', () => {
    const batches = Array.from({ length: 3000 }, (_, index) => index)
    const nodes: Nodes = {}
    for (const index of batches) {
      nodes[`b${index}_scatter`] = scatter(`g${index}`)
      nodes[`g${index}`] = gather()
      nodes[`b${index}[x]`] = { uses: 'x' }
    }
    const blueprint = graph(
      batches.map((index) => `b${index}_scatter -> g${index}`),
      nodes,
    )
    let looks = 0
    const counted = blueprint.nodes.map((node) => ({
      ...node,
      get id() {
        looks += 1
        return node.id
      },
    }))
    expect(findFaults({ ...blueprint, nodes: counted })).toEqual([])
    expect(looks).toBeLessThan(20 * blueprint.nodes.length)
    expect(findFaults(graph([], { ['['.repeat(100_000)]: { uses: 'x' }, s: scatter('g') }))).toHaveLength(1)
  })
})

describe('JSON that is no blueprint', () => {
  // What JSON.parse gives for {"toString": 1}: it cannot be made a text.
  const hostile: readonly unknown[] = [
    JSON.parse('{"toString": 1, "valueOf": 1}'),
    JSON.parse('{"__proto__": {"toString": null}}'),
    Object.create(null),
    JSON.parse('[{"toString": 1}]'),
    { toString: () => fail() },
    null,
    5,
    true,
    [],
    {},
    '',
  ]

  const whole = JSON.stringify({
    id: 'hostile',
    metadata: { version: '1', cycleEntryPoints: ['list'] },
    nodes: [
      { id: 'list', uses: 'x', params: { a: 1 }, inputs: { a: 'b' }, config: nodeConfig() },
      { id: 'b', ...scatter('g', { chunkSize: 1, concurrency: 1, onError: 'fail', outputKey: 'k' }), inputs: 'list' },
      { id: 'g', ...gather({ outputKey: 'k', gatherNodeId: 'g' }) },
      { id: 'l', uses: 'loop-controller', params: { condition: 'false' } },
      { id: 'child', uses: 'subflow', params: { blueprintId: 'hostile', inputs: { a: 'b' }, outputs: { a: 'b' } } },
      { id: 'nap', uses: 'sleep', params: { duration: '1s' } },
      { id: 'ask', uses: 'wait', params: { event: 'e', timeout: 1 } },
    ],
    edges: [
      { source: 'list', target: 'b', action: 'x', condition: 'input', transform: 'input' },
      { source: 'b', target: 'g' },
      { source: 'g', target: 'l' },
      { source: 'l', target: 'list', action: 'continue' },
    ],
  })

  it.each(pathsOf(JSON.parse(whole)).map((path) => [path.join('.'), path] as const))(
    'with anything at %s is refused by name, or runs',
    (_, path) => {
      for (const value of hostile) {
        const blueprint: unknown = JSON.parse(whole)
        setAt(blueprint, path, value)
        for (const fault of faultsOf(blueprint)) expect(fault).toEqual(expect.any(String))
      }
    },
  )

  it('has lists with holes', () => {
    // oxlint-disable-next-line no-sparse-arrays
    expect(faultsOf({ id: 'f', nodes: [, { id: 'x', uses: 'x' }], edges: [] })).toEqual([
      'its nodes have an entry that is no object',
    ])
  })
})

function nodeConfig(): object {
  return {
    maxRetries: 1,
    retryDelay: 1,
    retryBackoff: 'fixed',
    retryMaxDelay: 1,
    timeout: 1,
    fallback: 'w',
    joinStrategy: 'any',
  }
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsOf(inner).map((path) => [key, ...path])])
}

function setAt(root: unknown, path: readonly string[], value: unknown): void {
  const last = path.at(-1)!
  // The path is one of this very structure.
  const owner = path.slice(0, -1).reduce((inner, key) => Reflect.get(inner as object, key), root) as object
  Reflect.set(owner, last, value)
}

function fail(): never {
  throw new Error('no text')
}
