import { expect, it } from 'vitest'
import { diffRecordings, formatDiff, parseRecording, serializeRecording, type NodeRegistry } from 'flowcraft'
import { graph } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const blueprint = graph([
  { source: 'a', target: 'b', action: 'left' },
  { source: 'a', target: 'c', action: 'right' },
])
const nodes = (action: string, output: unknown): NodeRegistry => ({
  a: () => ({ output, action }),
  b: () => ({ output: 'b' }),
  c: () => ({ output: 'c' }),
})

it('two runs of the same doing are the same, whatever their ids', async () => {
  const a = await record(blueprint, nodes('left', { n: 1 }))
  const b = await record(blueprint, nodes('left', { n: 1 }))
  const diff = diffRecordings(a, b)
  expect(diff).toMatchObject({ isSame: true, statuses: { a: 'completed', b: 'completed' }, context: [] })
  expect(diff.executionIds).toEqual({ a: a.executionId, b: b.executionId })
  expect([diff.firstDivergence, diff.path]).toEqual([undefined, undefined])
  expect(formatDiff(diff)).toContain('The runs are the same')
})

it('two runs that failed alike are the same: ids, times and stacks of errors do not count', async () => {
  const failAt = async (stack: string) =>
    await record(graph(['a -> b']), {
      a: () => ({ output: 1 }),
      b: () => {
        throw Object.assign(new Error('alike', { cause: new Error('deep') }), { stack })
      },
    })
  const [a, b] = [await failAt('here'), await failAt('there')]
  const diff = diffRecordings(a, b)
  expect(diff.statuses).toEqual({ a: 'failed', b: 'failed' })
  expect([diff.firstDivergence, diff.isSame]).toEqual([undefined, true])
})

it('a run that went another way says where, by which path, and what came of it', async () => {
  const a = await record(blueprint, nodes('left', { list: [1, 2], when: new Date(0) }))
  const b = await record(blueprint, nodes('right', { list: [1, 3, 4], when: new Date(1) }))
  const diff = diffRecordings(a, b)
  const seq = a.events.find(({ type }) => type === 'node:finish')?.seq
  expect(diff.isSame).toBe(false)
  expect(diff.firstDivergence).toMatchObject({
    what: 'payload',
    seq: { a: seq, b: seq },
    event: { a: 'node:finish "a"', b: 'node:finish "a"' },
  })
  expect(diff.path).toEqual({
    inCommon: 1,
    steps: { a: [{ nodeId: 'b', iteration: 0 }], b: [{ nodeId: 'c', iteration: 0 }] },
    edges: [
      { source: 'a', target: 'b', taken: { a: 1, b: 0 } },
      { source: 'a', target: 'c', taken: { a: 0, b: 1 } },
    ],
  })
  expect(diff.nodes.map(({ nodeId }) => nodeId)).toEqual(['a', 'b', 'c'])
  expect(diff.nodes[0]).toMatchObject({
    action: { a: 'left', b: 'right' },
    output: [
      { path: ['list', 1], a: '2', b: '3' },
      { path: ['list', 2], b: '4' },
      { path: ['when'], a: 'Date "1970-01-01T00:00:00.000Z"', b: 'Date "1970-01-01T00:00:00.001Z"' },
    ],
  })
  expect(diff.nodes[1]).toMatchObject({ status: { a: 'completed', b: 'skipped' }, output: [{ path: [], a: '"b"' }] })
  expect(JSON.parse(JSON.stringify(diff))).toStrictEqual(diff)
})

it('a node that only one blueprint has, a failure, and a key of the context', async () => {
  const one = graph(['a -> b'])
  const more = graph(['a -> b', 'b -> extra'])
  const fail = () => {
    throw new Error('no \u001b[2J good')
  }
  const a = await record(one, { a: () => ({ output: 1 }), b: fail }, { kept: 1, given: 1, gone: 0n })
  const b = await record(
    more,
    { a: () => ({ output: 1 }), b: () => ({ output: 2 }), extra: () => ({}) },
    { kept: 1, given: [2] },
  )
  const diff = diffRecordings(a, b)
  expect(diff.statuses).toEqual({ a: 'failed', b: 'completed' })
  expect(diff.firstDivergence).toMatchObject({ what: 'payload', seq: { a: 0, b: 0 } })
  // How long a node took is by chance here.
  const differing = diff.nodes.filter(({ status, onlyIn }) => status !== undefined || onlyIn !== undefined)
  expect(differing.map(({ nodeId, onlyIn, error }) => [nodeId, onlyIn, error?.a?.includes('no')])).toEqual([
    ['b', undefined, true],
    ['extra', 'b', undefined],
  ])
  expect(diff.context).toEqual([
    { key: 'given', differences: [{ path: [], a: '1', b: '[2]' }] },
    { key: 'gone', onlyIn: 'a', differences: [{ path: [], a: 'bigint 0' }] },
  ])
  const text = formatDiff(diff)
  expect(text).not.toContain('\u001b')
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^- .*: failed/),
      expect.stringMatching(/^\+ .*: completed/),
      '    - status: failed',
      '    + status: completed',
      '  + extra',
      '  - given: 1',
      '  + given: [2]',
    ]),
  )
  expect(formatDiff(diff, { color: true })).toContain('\u001b[32m  + given: [2]\u001b[0m')
})

it('a run that was cut off parts from the whole one where it ends', async () => {
  const whole = await record(blueprint, nodes('left', 1))
  const lines = serializeRecording(whole).trimEnd().split('\n')
  const header = JSON.stringify({ ...JSON.parse(lines[0]!), events: 3 })
  const cut = parseRecording([header, ...lines.slice(1, 4)])
  expect(diffRecordings(whole, cut)).toMatchObject({
    isSame: false,
    statuses: { a: 'completed', b: 'running' },
    firstDivergence: { what: 'end', seq: { a: 3 } },
  })
})

it('of many differences the text shows the first and counts the rest', async () => {
  const list = (first: number) => Array.from({ length: 50 }, (_, index) => first + index)
  const a = await record(blueprint, nodes('left', list(0)))
  const b = await record(blueprint, nodes('left', list(100)))
  const diff = diffRecordings(a, b)
  expect(diff.nodes[0]?.output).toHaveLength(50)
  expect(formatDiff(diff)).toContain('… and 30 more')
})

it('values that hold themselves are compared, in whatever order their keys are', async () => {
  const circle = (n: number) => {
    const value: Record<string, unknown> = n === 1 ? { n: 1, m: 0 } : { m: 0, n }
    value['self'] = value
    return value
  }
  const [one, two] = [
    await record(blueprint, nodes('left', circle(1))),
    await record(blueprint, nodes('left', circle(2))),
  ]
  expect(diffRecordings(one, two).nodes[0]?.output).toEqual([{ path: ['n'], a: '1', b: '2' }])
})

it('what is no recording is refused', async () => {
  const recording = await record(blueprint, nodes('left', 1))
  for (const no of [undefined, null, 5, {}]) {
    const invalid = expect.objectContaining({ code: 'INPUT_INVALID' })
    expect(() => diffRecordings(no as never, recording)).toThrow(invalid)
    expect(() => diffRecordings(recording, no as never)).toThrow(invalid)
  }
})
