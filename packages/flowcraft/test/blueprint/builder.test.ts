import { describe, expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import { BaseNode } from '../../src/blueprint/node.ts'
import type { FlowRunner } from '../../src/blueprint/flow-runner.ts'

const nothing = () => ({})
const refused = (message: string) => expect.objectContaining({ code: 'INPUT_INVALID', message })

class Work extends BaseNode {
  override async exec() {
    return {}
  }
}

describe('a blueprint', () => {
  it('is the same object until the flow is changed', () => {
    const flow = createFlow('f').node('a', nothing)
    const first = flow.toBlueprint()
    expect(flow.toBlueprint()).toBe(first)
    for (const change of [
      () => flow.edge('a', 'a'),
      () => flow.setCycleEntryPoint('a'),
      () => flow.sleep('s', { duration: 1 }),
      () => flow.batch('b', nothing, { inputKey: 'items' }),
      () => flow.loop('l', { startNodeId: 'a', endNodeId: 'a', condition: 'x' }),
    ]) {
      const before = flow.toBlueprint()
      change()
      expect(flow.toBlueprint()).not.toBe(before)
    }
    expect(first).toEqual({ id: 'f', nodes: [{ id: 'a', uses: 'f/a' }], edges: [] })
  })

  it('needs a node', () => {
    expect(() => createFlow('f').toBlueprint()).toThrow(refused("Flow 'f' has no nodes; add one with .node()"))
    expect(() => createFlow('f').toGraphRepresentation()).toThrow(
      refused("Flow 'f' has no nodes; add one with .node()"),
    )
  })

  it('is plain JSON: what was left out is no property', () => {
    const flow = createFlow('f')
      .node('a', nothing, { params: undefined, inputs: undefined, config: undefined })
      .batch('b', nothing, { inputKey: 'a', outputKey: undefined, chunkSize: undefined })
      .wait('w', { event: undefined, timeout: undefined })
      .subflow('s', { blueprintId: 'child', inputs: undefined })
      .edge('a', 'b', { action: undefined, condition: undefined, transform: undefined })
    expect(flow.toBlueprint()).toStrictEqual(JSON.parse(JSON.stringify(flow.toBlueprint())))
  })

  it('names the entry points of a flow without start nodes, each once, a batch by its scatter', () => {
    const flow = createFlow('f')
      .node('a', nothing)
      .batch('b', nothing, { inputKey: 'a' })
      .edge('a', 'b')
      .edge('b', 'a')
      .setCycleEntryPoint('a')
      .setCycleEntryPoint('b')
      .setCycleEntryPoint('a')
    expect(flow.toBlueprint().metadata).toEqual({ cycleEntryPoints: ['a', 'b_scatter'] })
  })
})

describe('ids', () => {
  const flow = () => createFlow('f').node('a', nothing).batch('b', nothing, { inputKey: 'a' })
  const loop = { startNodeId: 'a', endNodeId: 'a', condition: 'x' }

  it.each<[string, () => unknown]>([
    ['a', () => flow().node('a', nothing)],
    ['b', () => flow().node('b', nothing)],
    ['b_scatter', () => flow().node('b_scatter', nothing)],
    ['b_gather', () => flow().wait('b_gather')],
    ['a', () => flow().batch('a', nothing, { inputKey: 'a' })],
    ['b', () => flow().batch('b', nothing, { inputKey: 'a' })],
    ['c_gather', () => flow().node('c_gather', nothing).batch('c', nothing, { inputKey: 'a' })],
    ['c_scatter', () => flow().node('c_scatter', nothing).batch('c', nothing, { inputKey: 'a' })],
    ['a', () => flow().loop('a', { ...loop, startNodeId: 'x', endNodeId: 'x' })],
    ['a', () => flow().sleep('a', { duration: 1 })],
    ['a', () => flow().wait('a')],
    ['a', () => flow().subflow('a', { blueprintId: 'child' })],
  ])("are unique: '%s' is refused, %#", (id, add) => {
    expect(add).toThrow(
      refused(`Flow 'f' has '${id}' already; ids are unique, and a batch 'x' takes 'x', 'x_scatter' and 'x_gather'`),
    )
  })

  it('of a call that was refused are free, and the flow is as it was', () => {
    const builder = flow().node('c_gather', nothing)
    const before = builder.toBlueprint()
    expect(() => builder.batch('c', Work, { inputKey: 'a' })).toThrow("'c_gather' already")
    expect(() => builder.batch('d', Work, { inputKey: 'a', chunkSize: 0 })).toThrow('chunkSize')
    expect(() => builder.sleep('s', { duration: -1 })).toThrow('duration')
    expect(builder.toBlueprint()).toBe(before)
    expect([...builder.getFunctionRegistry().keys()]).toEqual(['f/a', 'f/b', 'f/c_gather'])
    expect(builder.node('c', nothing).sleep('s', { duration: 1 }).toBlueprint().nodes).toHaveLength(6)
  })
})

describe('the registry of a flow', () => {
  it('has functions by flow and node, classes by their name', () => {
    const worker = () => ({})
    const flow = createFlow('my flow')
      .node('a/b', nothing)
      .node('c', Work)
      .batch('d', worker, { inputKey: 'c' })
      .batch('e', Work, { inputKey: 'c' })
      .sleep('s', { duration: 1 })
    expect([...flow.getFunctionRegistry()]).toEqual([
      ['my%20flow/a%2Fb', nothing],
      ['Work', Work],
      ['my%20flow/d', worker],
    ])
    const workers = flow.toBlueprint().nodes.flatMap(({ params }) => params?.['workerUsesKey'] ?? [])
    expect(workers).toEqual(['my%20flow/d', 'Work'])
  })

  it('has classes that have no name of their own by flow and node', () => {
    const other = {
      Work: class Work extends BaseNode<object> {
        override async exec() {
          return {}
        }
      },
    }.Work
    const sleep = class sleep extends Work {}
    const flow = createFlow('f')
      .node('a', Work)
      .node('b', other)
      .node('c', class extends Work {})
      .node('d', sleep)
      .sleep('s', { duration: 1 })
    expect(flow.toBlueprint().nodes.map(({ uses }) => uses)).toEqual(['Work', 'f/b', 'f/c', 'f/d', 'sleep'])
  })
})

describe('a flow and its runner', () => {
  const asked: unknown[][] = []
  const answer = (method: string, request: unknown[]): Promise<never> => {
    asked.push([method, ...request])
    return Promise.reject(new Error('was asked'))
  }
  /** Runs nothing: it tells what it was asked to do. */
  const runner: FlowRunner = {
    dependencies: {},
    run: (...request) => answer('run', request),
    resume: (...request) => answer('resume', request),
  }

  it('resumes with its own blueprint and registry, to which those of the call are added', async () => {
    const flow = createFlow('f').node('a', nothing).wait('w').edge('a', 'w')
    const other = () => ({ output: 1 })
    const options = { concurrency: 2, functionRegistry: { other } }
    await expect(flow.resume(runner, '{}', { output: 1, action: 'ok' }, 'w', options)).rejects.toThrow('was asked')
    await expect(flow.resume(runner, 'execution-1')).rejects.toThrow('was asked')
    await expect(flow.run(runner, { x: 1 })).rejects.toThrow('was asked')
    const own = new Map([['f/a', nothing]])
    expect(asked).toEqual([
      [
        'resume',
        flow.toBlueprint(),
        '{}',
        { output: 1, action: 'ok' },
        'w',
        {
          concurrency: 2,
          functionRegistry: new Map<string, unknown>([...own, ['other', other]]),
        },
      ],
      ['resume', flow.toBlueprint(), 'execution-1', {}, undefined, { functionRegistry: own }],
      ['run', flow.toBlueprint(), { x: 1 }, { functionRegistry: own }],
    ])
  })
})
