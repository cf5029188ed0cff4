import { describe, expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { Fact } from '../../src/events/event.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { dealt, decided, failed, finished, retried, runOf, skipped, started, waited } from './run-events.ts'

const step = () => ({ output: 1 })

describe('a batch', () => {
  const flow = createFlow('album')
    .node('photos', step)
    .batch('resize', step, { inputKey: 'photos', concurrency: 4, chunkSize: 6 })
    .node('publish', step)
    .edge('photos', 'resize')
    .edge('resize', 'publish')
  const blueprint = flow.toBlueprint()
  const items = Array.from({ length: 10 }, (_, index) => index)
  const workersOf = async (...facts: readonly Fact[]) => {
    const { labels, styles } = await parseFlowchart(generateMermaidForRun(blueprint, runOf(...facts)))
    return { label: labels.get('workers')?.split('<br>') ?? [], style: styles.get('workers')?.[0] }
  }
  const begun = [started('resize_scatter', { input: items }), dealt('resize', 6)]
  const done = (...indices: readonly number[]) =>
    indices.flatMap((index) => [started(`resize[${index}]`), finished(`resize[${index}]`)])

  it('is a frame with the scatter, one node for all workers, and the gather', () => {
    expect(generateMermaid(blueprint)).toBe(
      [
        'flowchart TD',
        'photos["photos"]',
        'resize_scatter[/"resize_scatter<br/>each of photos"\\]',
        'resize_gather[\\"resize_gather"/]',
        'publish["publish"]',
        'workers["album#47;resize<br/>batch resize<br/>4 at a time<br/>in chunks of 6"]',
        'subgraph batch[" "]',
        '    resize_scatter',
        '    workers',
        '    resize_gather',
        'end',
        'resize_scatter --> workers',
        'photos --> resize_scatter',
        'resize_gather --> publish',
        'workers --> resize_gather',
        'style batch fill:none,stroke:#868e96,stroke-dasharray:3 3',
      ].join('\n    '),
    )
  })

  it('counts its workers, also those whose chunk has not come, and draws none by itself', async () => {
    const facts = [
      ...begun,
      ...done(0, 1, 2),
      started('resize[3]'),
      retried('resize[3]'),
      started('resize[3]', { attempt: 2 }),
      failed('resize[3]', { attempt: 2 }),
      started('resize[4]'),
      started('resize[5]'),
      waited('resize[5]'),
    ]
    const { label, style } = await workersOf(...facts)
    expect(label[0]).toBe('▶ album/resize')
    expect(label.slice(4)).toEqual(['3 of 10 done, 1 failed', '1 running', '1 waiting', '↻ 1 retry'])
    expect(style).toBe('fill:#fff3cd')
    expect(generateMermaidForRun(blueprint, runOf(...facts))).not.toMatch(/resize#91;\d/)
  })

  it('has workers that are done, that failed, or whose failures are collected', async () => {
    const all = [...begun, ...done(0, 1, 2, 3, 4, 5), dealt('resize', 4, { from: 6 }), ...done(6, 7, 8)]
    const failure = [started('resize[9]'), failed('resize[9]')]
    expect(await workersOf(...all, ...done(9))).toMatchObject({ label: { 0: '✓ album/resize', 4: '10 of 10 done' } })
    expect(await workersOf(...all, ...failure)).toMatchObject({
      label: { 0: '✗ album/resize', 4: '9 of 10 done, 1 failed' },
      style: 'fill:#f8d7da',
    })
    const collecting = [started('resize_scatter', { input: [0] }), dealt('resize', 1, { onError: 'collect' })]
    expect(await workersOf(...collecting, started('resize[0]'), failed('resize[0]'))).toMatchObject({
      label: { 0: '✓ album/resize', 4: '0 of 1 done, 1 failed' },
    })
  })

  it('counts the workers of the last turn only', async () => {
    const second = { iteration: 1 }
    const retry = [started('resize[5]'), retried('resize[5]'), started('resize[5]', { attempt: 2 })]
    const before = [...begun, ...done(0, 1, 2, 3, 4), ...retry, finished('resize[5]'), finished('resize_scatter')]
    const again = [started('resize_scatter', { ...second, input: [0, 1] })]
    expect((await workersOf(...before, ...again)).label).toHaveLength(4)
    const { label } = await workersOf(...before, ...again, dealt('resize', 2, second), started('resize[1]', second))
    expect(label.slice(4)).toEqual(['0 of 2 done', '1 running'])
    expect((await workersOf(...before, skipped('resize_scatter', 'not-chosen'))).label).toHaveLength(4)
  })

  it('waits when all that is left of it waits', async () => {
    const { label, style } = await workersOf(
      ...begun,
      ...done(0, 1, 2, 3, 4),
      started('resize[5]'),
      waited('resize[5]'),
    )
    expect(label[0]).toBe('◷ album/resize')
    expect(style).toBe('fill:#cff4fc')
  })

  it('marks the way through the workers once its scatter has finished', async () => {
    const facts = [...begun, finished('resize_scatter'), decided(0, true)]
    const { edges } = await parseFlowchart(generateMermaidForRun(blueprint, runOf(...facts)))
    const marked = edges.filter(({ style }) => style.includes('stroke:#007bff'))
    expect(marked.map(({ start, end }) => [start, end])).toEqual([
      ['resize_scatter', 'workers'],
      ['workers', 'resize_gather'],
    ])
  })

  it('keeps apart from nodes that have the names of its parts', async () => {
    const named = createFlow('names')
      .batch('all', step, { inputKey: 'x' })
      .batch('more', step, { inputKey: 'x' })
      .node('workers', step)
      .node('batch', step)
    const { labels, groups } = await parseFlowchart(generateMermaid(named.toBlueprint()))
    expect(groups.map((members) => [...members].sort())).toEqual([
      ['all_gather', 'all_scatter', 'workers_2'],
      ['more_gather', 'more_scatter', 'workers_3'],
    ])
    expect([labels.get('workers'), labels.get('batch')]).toEqual(['workers', 'batch'])
  })

  it('loses its frame, and nothing else, where a collapsed drawing leaves out its nodes', async () => {
    const long = createFlow('long').batch('pages', step, { inputKey: 'x' }).toBlueprint()
    long.nodes.unshift(...Array.from({ length: 30 }, (_, index) => ({ id: `s${index}`, uses: 'x' })))
    for (let index = 0; index < 29; index += 1) long.edges.push({ source: `s${index}`, target: `s${index + 1}` })
    long.edges.push({ source: 's29', target: 'pages_scatter' })
    const framed = await parseFlowchart(generateMermaid(long, { maxEdges: 10 }))
    expect(framed.groups.map((members) => [...members].sort())).toEqual([['pages_gather', 'pages_scatter', 'workers']])
    for (const maxEdges of [1, 2, 3, 4, 5, 6]) {
      const bare = await parseFlowchart(generateMermaid(long, { maxEdges }))
      expect(bare.groups.filter((members) => members.length < 2)).toEqual([])
      expect([...bare.labels.values()]).toContainEqual(expect.stringMatching(/^… \d+ nodes/))
    }
  })
})
