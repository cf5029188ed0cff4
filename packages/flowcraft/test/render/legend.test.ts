import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { generateMermaidGantt } from '../../src/render/gantt.ts'
import { generateMermaidSequence } from '../../src/render/sequence.ts'
import { formatTimeline } from '../../src/render/text-timeline.ts'
import { parseFlowchart, parseGantt, parseSequence } from './mermaid-parser.ts'
import {
  decided,
  ended,
  failed,
  finished,
  replaced,
  retried,
  runOf,
  skipped,
  stalled,
  started,
  timed,
  waited,
} from './run-events.ts'

/** The labels of the nodes in the last frame. */
async function legendOf(text: string): Promise<readonly string[]> {
  const { labels, groups } = await parseFlowchart(text)
  return (groups.at(-1) ?? []).flatMap((id) => labels.get(id)?.trim() || [])
}

/** A node of every status, and edges of most kinds. */
const zoo: WorkflowBlueprint = {
  id: 'zoo',
  nodes: [
    { id: 'done', uses: 'x', config: { fallback: 'spare' } },
    { id: 'spare', uses: 'x' },
    { id: 'broken', uses: 'x' },
    { id: 'busy', uses: 'x' },
    { id: 'asleep', uses: 'sleep' },
    { id: 'past', uses: 'x' },
    { id: 'stuck', uses: 'x' },
    { id: 'later', uses: 'subflow' },
    { id: 'again', uses: 'loop-controller' },
  ],
  edges: [
    { source: 'done', target: 'broken' },
    { source: 'done', target: 'later' },
  ],
}
const zooRun = timed(
  runOf(
    started('done'),
    retried('done'),
    started('done', { attempt: 2 }),
    finished('done'),
    decided(0, true),
    started('broken'),
    failed('broken'),
    started('busy'),
    started('asleep'),
    waited('asleep'),
    skipped('past', 'not-chosen'),
    stalled([], { nodeId: 'stuck', reason: 'no slot' }),
  ),
  ...Array.from({ length: 20 }, (_, index) => index * 10),
)

describe('the legend of a flowchart', () => {
  it('is drawn only when it is asked for', () => {
    expect(generateMermaidForRun(zoo, zooRun, { legend: false })).toBe(generateMermaidForRun(zoo, zooRun))
    expect(generateMermaidForRun(zoo, zooRun)).not.toContain('Legend')
  })

  it('has each status, outline and mark that is in the drawing, with its own look', async () => {
    const text = generateMermaidForRun(zoo, zooRun, { legend: true })
    expect(await legendOf(text)).toEqual([
      '✓ completed',
      '✗ failed',
      '▶ running',
      '◷ waiting',
      '↷ skipped',
      '‖ held back',
      'not reached',
      'loop',
      'subflow',
      'sleep or wait',
      'the run itself',
      '↻ tried again',
    ])
    const { labels, styles, edges } = await parseFlowchart(text)
    const looksOf = (label: string): readonly (readonly string[])[] =>
      [...labels].flatMap(([id, each]) => (each.startsWith(label) ? [styles.get(id) ?? []] : []))
    for (const mark of ['✓', '✗', '▶', '◷', '↷', '‖ stuck', '‖ held']) {
      expect(new Set(looksOf(mark).map((style) => style.join()))).toHaveProperty('size', 1)
    }
    expect(looksOf('‖ stuck')).toEqual(looksOf('‖ held'))
    const told = edges.filter(({ start }) => start.startsWith('tip'))
    expect(told.map(({ text: label, stroke, style }) => [label, stroke, style.includes('stroke:#007bff')])).toEqual([
      ['taken', 'normal', true],
      ['not taken', 'normal', false],
      ['to a fallback', 'dotted', false],
    ])
  })

  it('says nothing of what is not in the drawing', async () => {
    const run = runOf(started('a'), finished('a'))
    const one = { id: 'one', nodes: [{ id: 'a', uses: 'x' }], edges: [] }
    expect(await legendOf(generateMermaidForRun(one, run, { legend: true }))).toEqual(['✓ completed'])
    expect(generateMermaid(one, { legend: true })).toBe(generateMermaid(one))
  })

  it('has the outlines of a blueprint, and its dotted edges', async () => {
    const text = generateMermaid(zoo, { legend: true })
    expect(await legendOf(text)).toEqual(['loop', 'subflow', 'sleep or wait'])
    expect(text).toContain('-.->|"to a fallback"|')
    expect(text).not.toContain('taken')
  })

  it('changes nothing of the drawing above it, whatever nodes are called', async () => {
    const ids = ['legend', 'shown', 'shown_2', 'tip', 'Legend']
    const blueprint = {
      id: 'legends',
      nodes: ids.map((id) => ({ id, uses: 'x' })),
      edges: ids.slice(1).map((target) => ({ source: 'legend', target })),
    }
    const run = runOf(started('legend'), finished('legend'), decided(0, true), decided(1, false))
    const plain = await parseFlowchart(generateMermaidForRun(blueprint, run))
    const told = await parseFlowchart(generateMermaidForRun(blueprint, run, { legend: true }))
    expect([...told.labels].slice(0, ids.length)).toEqual([...plain.labels])
    expect(told.edges.slice(0, plain.edges.length)).toEqual(plain.edges)
    expect(told.labels.size).toBeGreaterThan(plain.labels.size)
  })

  it('is left out where the limits leave no room for it', async () => {
    const text = generateMermaidForRun(zoo, zooRun, { legend: true, maxTextSize: 600 })
    const { labels } = await parseFlowchart(text)
    expect([...labels.values()].some((label) => label.startsWith('…'))).toBe(true)
    expect(text).not.toContain('Legend')
    expect(generateMermaidForRun(zoo, zooRun, { legend: true, maxEdges: 1 })).not.toContain('Legend')
  })

  it('hangs on a node of the last rank, so that it is below the drawing', async () => {
    const blueprint = {
      id: 'ranks',
      nodes: ['a', 'd', 'c', 'b', 'alone'].map((id) => ({ id, uses: id === 'd' ? 'loop-controller' : 'x' })),
      edges: [
        { source: 'a', target: 'b' },
        { source: 'a', target: 'c' },
        { source: 'b', target: 'c' },
        { source: 'c', target: 'd' },
        { source: 'd', target: 'b', action: 'continue' },
      ],
    }
    const { edges } = await parseFlowchart(generateMermaid(blueprint, { legend: true }))
    expect(edges.at(-1)).toMatchObject({ start: 'd', end: 'legend', stroke: 'invisible' })
  })

  it('counts for the limits: 5 000 nodes are collapsed so that it fits too', async () => {
    const size = 5000
    const blueprint = {
      id: 'large',
      nodes: Array.from({ length: size }, (_, index) => ({ id: `s${index}`, uses: 'step' })),
      edges: Array.from({ length: size - 1 }, (_, index) => ({ source: `s${index}`, target: `s${index + 1}` })),
    }
    const facts = blueprint.nodes.slice(0, 3000).flatMap(({ id }) => [started(id), finished(id)])
    const text = generateMermaidForRun(blueprint, runOf(...facts), { legend: true })
    expect(text.length).toBeLessThanOrEqual(50_000)
    const { labels, edges } = await parseFlowchart(text)
    expect(edges.length).toBeLessThanOrEqual(500)
    expect(await legendOf(text)).toEqual(['✓ completed', 'not reached', '… left out'])
    const groups = [...labels].filter(([id]) => id.startsWith('omitted'))
    const left = groups.reduce((sum, [, label]) => sum + Number(/^… (\d+)/.exec(label)?.[1]), 0)
    const shown = [...labels.keys()].filter((id) => /^s\d+$/.test(id)).length
    expect(shown + left).toBe(size)
  })
})

describe('the legend of a story', () => {
  const events: readonly FlowcraftEvent[] = timed(
    runOf(
      started('pay'),
      retried('pay', { delayMs: 10 }),
      started('pay', { attempt: 2 }),
      failed('pay', { attempt: 2 }),
      replaced('pay', 'bill'),
      started('bill', { fallbackFor: 'pay' }),
      waited('bill', { event: 'paid' }),
      skipped('thank', 'upstream-failed'),
      finished('bill'),
      started('file'),
      ended('cancelled'),
    ),
    0,
    0,
    10,
    20,
    30,
    30,
    30,
    40,
    40,
    60,
    60,
    90,
  )

  it('is drawn only when it is asked for', () => {
    for (const draw of [generateMermaidSequence, generateMermaidGantt, formatTimeline]) {
      expect(draw(events, { legend: false })).toBe(draw(events))
      const lines = draw(events).split('\n')
      expect(draw(events, { legend: true }).split('\n').slice(0, lines.length)).toEqual(lines)
    }
  })

  it('is the last note of a sequence diagram, with the marks that are in it', async () => {
    const { messages } = await parseSequence(generateMermaidSequence(events, { legend: true }))
    expect(messages.at(-1)?.split('<br/>')).toEqual([
      'runtime: Legend',
      '✓ completed',
      '✗ failed',
      '⊘ cancelled',
      '▶ started, goes on',
      '◷ waits',
      '↻ tried again',
      '↪ its fallback stands in',
      '↷ skipped',
    ])
  })

  it('is the last section of a Gantt chart, with a bar for each look that is in it', async () => {
    const { bars } = await parseGantt(generateMermaidGantt(events, { legend: true }))
    const own = bars.filter(({ section }) => section !== 'Legend')
    const legend = bars.filter(({ section }) => section === 'Legend')
    expect(legend.map(({ text, tags }) => [text, ...tags])).toEqual([
      ['✗ failed', 'crit'],
      ['⊘ cancelled', 'done', 'crit'],
      ['◷ then it waited', 'done'],
      ['◷ waited'],
      ['↻ back-off'],
    ])
    const looks = new Set(own.map(({ text, tags }) => [text.slice(0, 1), ...tags].join()))
    expect(new Set(legend.map(({ text, tags }) => [text.slice(0, 1), ...tags].join()))).toEqual(looks)
    const [from, to] = [Math.min(...own.map((bar) => bar.from)), Math.max(...own.map((bar) => bar.to))]
    for (const bar of legend) expect([bar.from >= from, bar.to <= to]).toEqual([true, true])
  })

  it('is in the last lines of a timeline, and fits the width', () => {
    const lines = formatTimeline(events, { legend: true, width: 60, color: true }).split('\n')
    expect(lines.slice(lines.indexOf('') + 1)).toEqual([
      '█ attempt  ░ wait  ╌ back-off  · moment  ✗ failed',
      '⊘ cancelled  ◷ waits  ↻ tried again  ↷ skipped',
    ])
  })

  it('tells of what is left out', async () => {
    expect(formatTimeline(events, { legend: true, maxLines: 1 })).toContain('… left out')
    const { messages } = await parseSequence(generateMermaidSequence(events, { legend: true, maxSteps: 3 }))
    expect(messages.at(-1)).toContain('… left out')
  })

  it('is left out where the limits leave no room for it, and of an empty history', () => {
    expect(generateMermaidSequence(events, { legend: true, maxTextSize: 100 })).not.toContain('Legend')
    expect(generateMermaidGantt(events, { legend: true, maxTextSize: 100 })).not.toContain('Legend')
    for (const draw of [generateMermaidSequence, generateMermaidGantt, formatTimeline])
      expect(draw([], { legend: true })).toBe(draw([]))
  })
})
