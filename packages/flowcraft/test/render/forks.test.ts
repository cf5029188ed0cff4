import { describe, expect, it } from 'vitest'
import { generateMermaidForRun } from '../../src/render/flowchart.ts'
import { generateMermaidGantt } from '../../src/render/gantt.ts'
import { generateMermaidSequence } from '../../src/render/sequence.ts'
import { formatTimeline } from '../../src/render/text-timeline.ts'
import { parseFlowchart, parseGantt, parseSequence } from './mermaid-parser.ts'
import {
  dealt,
  decided,
  ended,
  failed,
  finished,
  forked,
  ofRun,
  replaced,
  retried,
  runOf,
  started,
  timed,
  waited,
} from './run-events.ts'

const hour = 3_600_000

describe('a forked run', () => {
  // The fork comes an hour after what it shares with the other run.
  const events = timed(
    runOf(
      started('a'),
      finished('a'),
      started('b'),
      started('nap'),
      waited('nap'),
      forked('other', 5),
      started('b'),
      finished('b'),
      finished('nap'),
      ended('completed'),
    ),
    0,
    0,
    10,
    10,
    30,
    30,
    hour,
    hour,
    hour + 20,
    hour + 40,
    hour + 40,
  )

  it('says in a sequence diagram where it was forked, and that attempts were cut off there', async () => {
    const { messages } = await parseSequence(generateMermaidSequence(events))
    const at = messages.findIndex((message) => message.includes('forked'))
    expect(messages.slice(at - 1, at + 2)).toEqual([
      'b runtime: ✂ cut off',
      'runtime: ↱ forked from other<br/>at event 5',
      'runtime b: start',
    ])
    expect(messages.filter((message) => message.includes('cut off'))).toHaveLength(1)
  })

  it('has a line for the fork in a timeline, and none of the time that passed before it', () => {
    expect(formatTimeline(events, { width: 60 }).split('\n')).toEqual([
      'flow, completed in 70 ms',
      '✓ a       ████                         10 ms',
      '✂ b          █████████                 20 ms, cut off',
      '◷ nap                ░░░░░░░░░░░░░░░░  waited, 40 ms',
      '↱ forked             ·                 from other at event 5',
      '✓ b                  ████████          20 ms',
    ])
  })

  it('cuts the bars of attempts in a Gantt chart, and says in the title where it comes from', async () => {
    const { title, bars } = await parseGantt(generateMermaidGantt(events))
    expect(title).toBe('flow, completed in 70 ms, forked from other at event 5')
    expect(
      bars.map(({ section, text, tags, from, to }) => [section, text, tags.join(), from - hour, to - hour]),
    ).toEqual([
      ['a', '✓ 10 ms', 'done', -30, -20],
      ['b', '✂ 20 ms, cut off', 'active,crit', -20, 0],
      ['b', '✓ 20 ms', 'done', 0, 20],
      ['nap', '◷ waited, 40 ms', '', 0, 40],
    ])
  })

  it('has no attempt that goes on before it has begun again', async () => {
    const { bars } = await parseGantt(generateMermaidGantt(events.slice(0, 7)))
    expect(bars.map(({ section, tags }) => [section, tags.join()])).toEqual([
      ['a', 'done'],
      ['b', 'active,crit'],
      ['nap', 'active'],
    ])
  })

  it('is not in the title of a Gantt chart that is named after another run', async () => {
    const fork = ofRun('fork', runOf(started('a'), forked('other', 1)))
    const { title } = await parseGantt(generateMermaidGantt([...runOf(started('a')), ...fork]))
    expect(title).toBe('flow, running after 1 ms, and 1 more run')
  })

  it('may come from a run with any id', async () => {
    const from = 'end; "a" %% b\n#35;'
    const run = runOf(started('a'), forked(from, 1), started('a'))
    const { messages } = await parseSequence(generateMermaidSequence(run))
    expect(messages).toContain(`runtime: ↱ forked from ${from}<br/>at event 1`)
    const { title } = await parseGantt(generateMermaidGantt(run))
    expect(title).toContain(`, forked from ${from} at event 1`)
    expect(formatTimeline(run)).toContain('from end; "a" %% b\\n#35; at event 1')
  })

  it('is told without the gaps when it is a fork of a fork, and so are the runs of subflows', () => {
    const child = ofRun('child', timed(runOf(started('c'), finished('c'), ended('completed')), 2, 3, 8, 9))
    const twice = timed(
      runOf(
        started('sub', { childExecutionId: 'child' }),
        finished('sub'),
        forked('first', 2),
        started('b'),
        finished('b'),
        forked('second', 5),
        started('d'),
        finished('d'),
      ),
      0,
      0,
      10,
      hour,
      hour,
      hour + 10,
      3 * hour,
      3 * hour,
      3 * hour + 10,
    )
    const bars = formatTimeline([...twice, ...child], { width: 50 }).split('\n')
    expect(bars[0]).toBe('flow, running after 30 ms')
    expect(bars.filter((line) => line.startsWith('✓'))).toEqual([
      expect.stringMatching(/ 10 ms$/),
      expect.stringMatching(/^✓ sub\/c .* 5 ms$/),
      expect.stringMatching(/ 10 ms$/),
      expect.stringMatching(/ 10 ms$/),
    ])
  })

  it('ends waits and back-offs of nodes that begin anew, and those of subflows', async () => {
    const facts = [
      started('again'),
      waited('again'),
      started('back'),
      retried('back', { delayMs: 5 }),
      started('sub', { childExecutionId: 'child' }),
      waited('sub'),
      started('nap'),
      waited('nap'),
      forked('other', 8, { rerun: ['again', 'back'] }),
    ]
    const { bars } = await parseGantt(generateMermaidGantt(timed(runOf(...facts), 0, 0, 1)))
    const cut = bars.filter(({ text }) => text.startsWith('✂')).map(({ section }) => section)
    expect(cut).toEqual(['again', 'back', 'sub'])
    expect(bars.find(({ section }) => section === 'nap')).toMatchObject({ tags: ['active'] })
  })

  it('counts the workers of a batch that begins anew from nothing', async () => {
    const workers = [0, 1].flatMap((index) => [started(`b[${index}]`), finished(`b[${index}]`)])
    const facts = [
      started('b_scatter'),
      dealt('b', 2),
      ...workers.slice(0, 2),
      forked('other', 4, { rerun: ['b_scatter', 'b[0]', 'b[1]'] }),
      started('b_scatter'),
      dealt('b', 2),
      ...workers,
      finished('b_scatter'),
    ]
    const { messages } = await parseSequence(generateMermaidSequence(runOf(...facts), { maxSteps: 14, maxNodes: 2 }))
    expect(messages.filter((message) => message.includes(' of '))).toEqual([
      'b runtime: ▶ 1 of 2 done',
      'b runtime: ✓ 2 of 2 done',
    ])
  })

  it('is drawn with what nodes added that do not begin anew, and the edges that they have from there on', async () => {
    const blueprint = {
      id: 'flow',
      nodes: ['a', 'b', 'c'].map((id) => ({ id, uses: 'x' })),
      edges: [{ source: 'a', target: 'c' }],
    }
    const adds = (id: string): ReturnType<typeof finished> =>
      finished(id, {
        result: { dynamicNodes: [{ id: `of ${id}`, uses: 'x' }], dynamicEdges: [{ source: id, target: `of ${id}` }] },
      })
    const facts = [
      started('a'),
      adds('a'),
      decided(1, true),
      started('b'),
      adds('b'),
      decided(2, true),
      forked('other', 6, { rerun: ['a', 'of a'], edges: [0, -1, 1] }),
    ]
    const { labels, edges } = await parseFlowchart(generateMermaidForRun(blueprint, runOf(...facts)))
    expect([...labels.values()]).toEqual(['a', '✓ b', 'c', 'of b<br>added by b'])
    expect(edges.map(({ start, end, style }) => [start, end, style.includes('stroke:#007bff')])).toEqual([
      ['a', 'c', false],
      ['b', 'n_of_b', true],
    ])
  })

  it('marks no fallback that stood in for a node that begins anew', async () => {
    const nodes = [
      { id: 'a', uses: 'x', config: { fallback: 'b' } },
      { id: 'b', uses: 'x' },
    ]
    const past = [started('a'), failed('a'), replaced('a', 'b'), started('b', { fallbackFor: 'a' })]
    const marksOf = async (rerun: readonly string[]): Promise<readonly boolean[]> => {
      const run = runOf(...past, forked('other', 4, { rerun }))
      const { edges } = await parseFlowchart(generateMermaidForRun({ id: 'flow', nodes, edges: [] }, run))
      return edges.map(({ style }) => style.includes('stroke:#007bff'))
    }
    expect(await marksOf([])).toEqual([true])
    expect(await marksOf(['a', 'b'])).toEqual([false])
  })
})
