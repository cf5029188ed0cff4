import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/events/event.ts'
import { generateMermaidGantt } from '../../src/render/gantt.ts'
import { parseGantt } from './mermaid-parser.ts'
import { dealt, ended, failed, finished, ofRun, retried, runOf, skipped, started, timed, waited } from './run-events.ts'

const start = 1_750_000_000_000
/** Bars as `section: text [tags] from–to`, in milliseconds since the start. */
const barsOf = async (facts: readonly Fact[], ...times: readonly number[]) => {
  const events = timed(runOf(...facts), ...times.map((time) => start + time))
  const { bars } = await parseGantt(generateMermaidGantt(events))
  return bars.map(
    ({ section, text, tags, from, to }) => `${section}: ${text} [${tags.join(' ')}] ${from - start}–${to - start}`,
  )
}

describe('a Gantt chart', () => {
  it('has a section for each node, and a bar for each attempt', () => {
    const events = timed(
      runOf(started('a'), finished('a'), started('b'), finished('b'), ended('completed')),
      0,
      5,
      15,
      15,
      40,
    )
    expect(generateMermaidGantt(events)).toBe(
      [
        'gantt',
        '%%{init: {"gantt": {"leftPadding": 75}}}%%',
        'title flow, completed in 40 ms',
        'dateFormat x',
        'axisFormat %S.%L',
        'section a',
        '✓ 10 ms :done, 5, 10ms',
        'section b',
        '✓ 25 ms :done, 15, 25ms',
      ].join('\n    '),
    )
  })

  it('has a placeholder for no events, and for a run in which no node has started', async () => {
    expect((await parseGantt(generateMermaidGantt([]))).bars).toMatchObject([{ text: 'Empty History' }])
    expect(await barsOf([skipped('a', 'not-chosen')], 0)).toEqual(['…: … no node has started [] 0–1'])
  })

  it('tells failed attempts, back-offs and the last attempt apart', async () => {
    const facts = [
      started('pay'),
      retried('pay', { delayMs: 20 }),
      started('pay', { attempt: 2 }),
      failed('pay', { attempt: 2 }),
      started('other'),
      retried('other', { delayMs: 20 }),
    ]
    expect(await barsOf(facts, 0, 0, 10, 30, 45, 45, 50)).toEqual([
      'pay: ✗ attempt 1, 10 ms, no paper [crit] 0–10',
      'pay: ↻ back-off, 20 ms [] 10–30',
      'pay: ✗ attempt 2, 15 ms, no paper [crit] 30–45',
      'other: ✗ 5 ms, no paper [crit] 45–50',
      'other: ↻ back-off, 0 ms [active] 50–51',
    ])
  })

  it('tells waits that are over from those that are not, and leaves out attempts that did nothing else', async () => {
    const facts = [
      started('nap'),
      waited('nap'),
      started('approve'),
      waited('approve', { event: 'approved' }),
      finished('nap'),
      started('slow'),
    ]
    expect(await barsOf(facts, 0, 0, 0, 0, 10, 100, 100)).toEqual([
      'nap: ◷ waited, 100 ms [] 0–100',
      'approve: ◷ 10 ms [done] 0–10',
      'approve: ◷ waiting for approved, 90 ms [active] 10–100',
      'slow: ▶ 0 ms, running [active] 100–101',
    ])
  })

  it('tells what a crash cut off at the last sign of life, and what was cancelled', async () => {
    const facts: readonly Fact[] = [
      started('slow'),
      started('quick'),
      finished('quick'),
      { type: 'workflow:resume', payload: { reason: 'recovery' } },
      started('slow', { attempt: 2 }),
      ended('cancelled'),
    ]
    expect(await barsOf(facts, 0, 0, 0, 10, 500, 500, 600)).toEqual([
      'slow: ✂ attempt 1, 10 ms, cut off [active crit] 0–10',
      'slow: ⊘ attempt 2, 100 ms, cancelled [done crit] 500–600',
      'quick: ✓ 10 ms [done] 0–10',
    ])
  })

  it('shows a failure that came before any attempt, and what has no length', async () => {
    expect(await barsOf([failed('lost'), started('quick'), finished('quick')], 0, 10, 10, 10, 10)).toEqual([
      'lost: ✗ 0 ms, no paper [crit] 10–11',
      'quick: ✓ 0 ms [done] 10–11',
    ])
    expect(await barsOf([started('quick'), finished('quick'), started('last')], 0, 0, 1, 400_000)).toContain(
      'quick: ✓ 1 ms [done] 0–1000',
    )
  })

  it('numbers the runs of a loop, and says which are left out', async () => {
    const turns = Array.from({ length: 10 }, (_, iteration) => [
      started('page', { iteration }),
      iteration === 4 ? failed('page', { iteration }) : finished('page', { iteration }),
    ])
    const { bars } = await parseGantt(generateMermaidGantt(runOf(...turns.flat()), { maxBars: 3 }))
    expect(bars.map(({ text }) => text)).toEqual([
      '✓ run 1, 1 ms',
      '… 7 bars left out',
      '✗ run 5, 1 ms, no paper',
      '✓ run 10, 1 ms',
    ])
  })

  it('shows each worker of a batch, and all as one where they are too many', async () => {
    const items = Array.from({ length: 30 }, (_, index) => `mail[${index}]`)
    const workers = items.flatMap((id, index) => [started(id), index === 4 ? failed(id) : finished(id)])
    const events = runOf(
      started('mail_scatter'),
      dealt('mail', 31),
      ...workers,
      started('mail[30]'),
      finished('mail_scatter'),
    )
    expect((await parseGantt(generateMermaidGantt(events))).bars).toHaveLength(32)
    const { bars } = await parseGantt(generateMermaidGantt(events, { maxBars: 10 }))
    expect(bars.map(({ section, text }) => `${section}: ${text}`)).toEqual([
      'mail_scatter: ✓ 63 ms',
      'mail: ✗ 29 of 31 workers done, 1 failed, 1 running',
      'mail: ✗ mail[4], 1 ms, no paper',
    ])
  })

  it('has sections for the nodes of subflows, and for those of several runs', async () => {
    const child = ofRun('child', runOf(started('charge'), finished('charge')))
    const inOne = [...runOf(started('pay', { childExecutionId: 'child' })), ...child]
    const sectionsOf = async (events: typeof inOne) =>
      (await parseGantt(generateMermaidGantt(events))).bars.map(({ section }) => section)
    expect(await sectionsOf(inOne)).toEqual(['pay', 'pay / charge'])
    const inTwo = [...runOf(started('pay')), ...child]
    expect(await sectionsOf(inTwo)).toEqual(['run / pay', 'child / charge'])
    expect((await parseGantt(generateMermaidGantt(inTwo))).title).toBe('flow, running after 1 ms, and 1 more run')
  })

  it('never draws a bar backwards, whatever the clock did', async () => {
    const facts = [started('a'), finished('a'), started('b'), finished('b')]
    expect(await barsOf(facts, 0, 50, 10, 60, 20)).toEqual(['a: ✓ 0 ms [done] 50–51', 'b: ✓ 0 ms [done] 60–61'])
    for (const time of [NaN, -5, Infinity, 8.64e15 + 1, 0.5]) {
      const { bars } = await parseGantt(generateMermaidGantt(timed(runOf(...facts), time)))
      for (const { from, to } of bars) expect(to - from).toBe(1)
    }
  })

  it('has ticks that fit the length of the run', () => {
    const axes = [5000, 60_000, 3e8, 1e9, 1e12].map(
      (time) => /axisFormat (.*)/.exec(generateMermaidGantt(timed(runOf(started('a')), 0, time)))?.[1],
    )
    expect(axes).toEqual(['%S.%L', '%H:%M:%S', '%a %H:%M', '%m-%d', '%Y-%m'])
  })

  it('fits the limits of Mermaid for large runs, in time in proportion to their size', async () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `node ${index}`)
    const events = runOf(...ids.flatMap((id, index) => [started(id), index % 7 === 0 ? failed(id) : finished(id)]))
    const began = process.cpuUsage()
    const text = generateMermaidGantt(events)
    // The time of the processor, which a busy machine does not change.
    expect(process.cpuUsage(began).user).toBeLessThan(10_000_000)
    const { bars } = await parseGantt(text)
    expect(bars.length).toBeGreaterThan(100)
    const left = bars.length - 1
    expect(bars.at(-1)).toMatchObject({
      section: '… left out',
      text: `… ${50_000 - left} nodes, ${50_000 - left} bars left out, ${7143 - left} failed`,
    })
    expect((await parseGantt(generateMermaidGantt(events, { maxTextSize: 250 }))).bars).toHaveLength(1)
  }, 60_000)
})
