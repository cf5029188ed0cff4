import { describe, expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import { durationMs } from '../../src/blueprint/duration.ts'

const nothing = () => ({})
const refused = (problem: string) =>
  expect.objectContaining({ code: 'INPUT_INVALID', message: `Node 'x' of flow 'f' ${problem}` })
const flow = () => createFlow('f').node('a', nothing).node('z', nothing)

describe('a batch', () => {
  it('is a scatter, a gather, and the edge between them', () => {
    const config = { maxRetries: 3 }
    const built = createFlow('f').batch('b', nothing, {
      inputKey: 'items',
      outputKey: 'results',
      chunkSize: 10,
      concurrency: 2,
      onError: 'collect',
      config,
    })
    expect(built.toBlueprint()).toStrictEqual({
      id: 'f',
      nodes: [
        {
          id: 'b_scatter',
          uses: 'batch-scatter',
          params: {
            workerUsesKey: 'f/b',
            outputKey: 'results',
            gatherNodeId: 'b_gather',
            chunkSize: 10,
            concurrency: 2,
            onError: 'collect',
          },
          inputs: 'items',
          config,
        },
        { id: 'b_gather', uses: 'batch-gather', params: { outputKey: 'results', gatherNodeId: 'b_gather' } },
      ],
      edges: [{ source: 'b_scatter', target: 'b_gather' }],
    })
  })

  it('is entered by its scatter and left by its gather, unless an edge names one of them', () => {
    const built = flow()
      .batch('b', nothing, { inputKey: 'a' })
      .batch('c', nothing, { inputKey: 'a' })
      .edge('a', 'b', { condition: 'input' })
      .edge('b', 'c', { transform: 'result' })
      .edge('c', 'z')
      .edge('a', 'b_gather')
      .edge('c_scatter', 'z')
    expect(built.toBlueprint().edges).toStrictEqual([
      { source: 'b_scatter', target: 'b_gather' },
      { source: 'c_scatter', target: 'c_gather' },
      { source: 'a', target: 'b_scatter', condition: 'input' },
      { source: 'b_gather', target: 'c_scatter', transform: 'result' },
      { source: 'c_gather', target: 'z' },
      { source: 'a', target: 'b_gather' },
      { source: 'c_scatter', target: 'z' },
    ])
  })

  it.each([
    [{ chunkSize: 0 }, 'has chunkSize 0; expected a whole number of at least 1'],
    [{ chunkSize: 1.5 }, 'has chunkSize 1.5; expected a whole number of at least 1'],
    [{ concurrency: -1 }, 'has concurrency -1; expected a whole number of at least 1'],
    [{ concurrency: Infinity }, 'has concurrency Infinity; expected a whole number of at least 1'],
    [{ onError: 'ignore' as 'fail' }, "has onError 'ignore'; expected 'fail' or 'collect'"],
  ])('with %j is refused', (options, problem) => {
    expect(() => flow().batch('x', nothing, { inputKey: 'a', ...options })).toThrow(refused(problem))
  })
})

describe('a loop', () => {
  it('is a controller behind its end, with a way back to its start', () => {
    const built = flow().loop('again', { startNodeId: 'a', endNodeId: 'z', condition: 'input < 3' }).edge('a', 'z')
    expect(built.toBlueprint()).toStrictEqual({
      id: 'f',
      nodes: [
        { id: 'a', uses: 'f/a' },
        { id: 'z', uses: 'f/z' },
        { id: 'again', uses: 'loop-controller', params: { condition: 'input < 3' }, config: { joinStrategy: 'any' } },
      ],
      edges: [
        { source: 'z', target: 'again' },
        { source: 'again', target: 'a', action: 'continue' },
        { source: 'a', target: 'z' },
      ],
    })
  })

  it("is left with the action 'break', also by edges that were added before it, unless they have an action", () => {
    const built = createFlow('f')
      .node('a', nothing)
      .node('z', nothing)
      .wait('l2')
      .edge('a', 'z')
      .edge('l2', 'z')
      .loop('l', { startNodeId: 'a', endNodeId: 'a', condition: 'x' })
      .edge('l', 'z', { condition: 'y' })
      .edge('l', 'l2', { action: 'other' })
    expect(built.toBlueprint().edges).toStrictEqual([
      { source: 'a', target: 'z' },
      { source: 'l2', target: 'z' },
      { source: 'a', target: 'l' },
      { source: 'l', target: 'a', action: 'continue' },
      { source: 'l', target: 'z', condition: 'y', action: 'break' },
      { source: 'l', target: 'l2', action: 'other' },
    ])
  })

  it('may start and end with batches and loops, also with ones that are added later', () => {
    const built = createFlow('f')
      .node('a', nothing)
      .loop('outer', { startNodeId: 'b', endNodeId: 'inner', condition: 'x' })
      .batch('b', nothing, { inputKey: 'a' })
      .loop('inner', { startNodeId: 'b', endNodeId: 'b', condition: 'y' })
      .edge('a', 'inner')
      .edge('outer', 'inner')
    expect(built.toBlueprint().edges).toStrictEqual([
      { source: 'inner', target: 'outer', action: 'break' },
      { source: 'outer', target: 'b_scatter', action: 'continue' },
      { source: 'b_scatter', target: 'b_gather' },
      { source: 'b_gather', target: 'inner' },
      { source: 'inner', target: 'b_scatter', action: 'continue' },
      { source: 'a', target: 'inner' },
      { source: 'outer', target: 'inner', action: 'break' },
    ])
  })

  it.each([
    [{ condition: '' }, 'has no condition; expected an expression that is true while the loop goes on'],
    [{ condition: ' \n' }, 'has no condition; expected an expression that is true while the loop goes on'],
    [{ startNodeId: 'x' }, "names itself as its startNodeId; expected a node of the loop's body"],
    [{ endNodeId: 'x' }, "names itself as its endNodeId; expected a node of the loop's body"],
  ])('with %j is refused', (options, problem) => {
    const loop = { startNodeId: 'a', endNodeId: 'a', condition: 'true', ...options }
    expect(() => flow().loop('x', loop)).toThrow(refused(problem))
  })
})

describe('sleep, wait and subflow', () => {
  it('are nodes of the kinds of that name', () => {
    const built = createFlow('f')
      .sleep('s', { duration: '5s', inputs: 'key', params: { label: 'Zzz' } })
      .wait('w')
      .wait('approve', {
        event: 'approved',
        timeout: 1000,
        params: { label: 'Approve' },
        config: { joinStrategy: 'any' },
      })
      .subflow('sub', { blueprintId: 'child', inputs: { a: 'key' }, outputs: { key: 'b' }, config: { maxRetries: 2 } })
    expect(built.toBlueprint().nodes).toStrictEqual([
      { id: 's', uses: 'sleep', params: { label: 'Zzz', duration: '5s' }, inputs: 'key' },
      { id: 'w', uses: 'wait', params: {} },
      {
        id: 'approve',
        uses: 'wait',
        params: { label: 'Approve', event: 'approved', timeout: 1000 },
        config: { joinStrategy: 'any' },
      },
      {
        id: 'sub',
        uses: 'subflow',
        params: { blueprintId: 'child', inputs: { a: 'key' }, outputs: { key: 'b' } },
        config: { maxRetries: 2 },
      },
    ])
  })

  it('refuse a span of time that is none', () => {
    const expected = "expected milliseconds, or a text such as '5s', '10m', '2h' or '1d'"
    expect(() => flow().sleep('x', { duration: '5 minutes' as '5m' })).toThrow(
      refused(`has duration '5 minutes'; ${expected}`),
    )
    expect(() => flow().sleep('x', { duration: NaN })).toThrow(refused(`has duration 'NaN'; ${expected}`))
    expect(() => flow().wait('x', { timeout: -1 })).toThrow(refused(`has timeout '-1'; ${expected}`))
  })
})

describe('a duration', () => {
  it.each<[unknown, number | undefined]>([
    [0, 0],
    [1500, 1500],
    [0.6, 1],
    ['0s', 0],
    ['5s', 5000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1.5h', 5_400_000],
    ['1.1h', 3_960_000],
    ['50000000d', 4_320_000_000_000_000],
    ['50000001d', undefined],
    [-1, undefined],
    [NaN, undefined],
    [Infinity, undefined],
    ['', undefined],
    ['5', undefined],
    ['-5s', undefined],
    ['5ms', undefined],
    ['5 s', undefined],
    ['5s\n', undefined],
    ['1e3s', undefined],
    [null, undefined],
    [[5], undefined],
    [new Date(0), undefined],
  ])('of %j is %j ms', (value, ms) => {
    expect(durationMs(value)).toBe(ms)
  })
})
