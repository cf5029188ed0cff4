import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/events/event.ts'
import { formatTimeline } from '../../src/render/text-timeline.ts'
import { columnsOf, cutTo, printable } from '../../src/render/terminal-text.ts'
import {
  dealt,
  ended,
  errorOf,
  failed,
  finished,
  ofRun,
  replaced,
  retried,
  runOf,
  skipped,
  started,
  timed,
  waited,
} from './run-events.ts'

describe('a timeline', () => {
  it('has a line for each attempt, with its place in time', () => {
    const events = timed(
      runOf(started('a'), finished('a'), started('price'), finished('price'), ended('completed')),
      0,
      0,
      10,
      10,
      40,
    )
    expect(formatTimeline(events, { width: 40 }).split('\n')).toEqual([
      'flow, completed in 40 ms',
      '✓ a      ██████                    10 ms',
      '✓ price        ██████████████████  30 ms',
    ])
  })

  it('has a placeholder for no events, and a title for a run in which no node has started', () => {
    expect(formatTimeline([])).toBe('(empty history)')
    expect(formatTimeline(runOf())).toBe('flow, running after 0 ms')
  })

  it('tells retries, back-offs, fallbacks, waits and skipped nodes apart by more than colour', () => {
    const facts = [
      started('pay'),
      retried('pay', { delayMs: 10 }),
      started('pay', { attempt: 2 }),
      failed('pay', { attempt: 2 }),
      replaced('pay', 'bill'),
      started('bill', { fallbackFor: 'pay' }),
      waited('bill', { event: 'paid' }),
      skipped('thank', 'upstream-failed'),
      finished('bill'),
      ended('cancelled'),
    ]
    const lines = formatTimeline(timed(runOf(...facts), 0, 0, 10, 20, 30, 30, 30, 40, 40, 60, 60), { width: 70 }).split(
      '\n',
    )
    expect(lines).toEqual([
      'flow, cancelled after 60 ms',
      '✗ pay attempt 1  █████                        10 ms, no paper',
      '↻ pay                ╌╌╌╌╌                    back-off, 10 ms',
      '✗ pay attempt 2           █████               10 ms, no paper',
      '◷ bill                        █████           10 ms',
      '◷ bill                             ░░░░░░░░░  waited for paid, 20 ms',
      '↷ thank                            ·          skipped, upstream failed',
    ])
  })

  it('shows edges among the rest when asked, with how they were decided', () => {
    const edge = (more: object): Fact => ({
      type: 'edge:evaluate',
      payload: { edge: 0, source: 'a', target: 'b', result: true, ...more },
    })
    const facts = [
      started('a'),
      finished('a'),
      edge({ action: 'go' }),
      edge({ result: false, reason: 'condition-false', condition: 'x > 1' }),
      edge({ result: false, error: errorOf('a') }),
      started('b'),
    ]
    const texts = formatTimeline(runOf(...facts), { width: 120, showEdges: true })
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '))
    expect(texts.slice(1)).toEqual([
      expect.stringMatching(/^✓ a █+ 1 ms$/),
      '→ a → b · taken, action go',
      '⇥ a → b · not taken, condition false, if x > 1',
      "⇥ a → b · not taken, Node 'a' execution failed",
      '▶ b █ 0 ms, running',
    ])
    expect(formatTimeline(runOf(...facts))).not.toContain('→')
  })

  it('tells of runs of loops, workers of batches, and nodes of subflows', () => {
    const child = ofRun('child', runOf(started('charge'), { ...finished('charge') }))
    const facts = [
      started('page'),
      finished('page'),
      started('page', { iteration: 1 }),
      dealt('mail', 1),
      started('mail[0]'),
      started('pay', { childExecutionId: 'child' }),
    ]
    const labels = formatTimeline([...runOf(...facts), ...child])
      .split('\n')
      .map((line) => line.split('  ')[0])
    expect(labels.slice(1).toSorted()).toEqual(['▶ mail[0]', '▶ page run 2', '▶ pay', '✓ page run 1', '✓ pay/charge'])
  })

  it('keeps its columns, and fits its width, where names are wide, long or control the terminal', () => {
    const names = ['日本語', '🦊 fox', 'e\u0301', '\u001b[31mred\u001b[0m\n', '\u202eabc', 'long '.repeat(40), '\ud83e']
    const facts = names.flatMap((name) => [
      started(name),
      failed(name, { error: { ...errorOf(name), cause: { name, message: name } } }),
    ])
    for (const width of [1, 40, 57, 80, 200, NaN, Infinity]) {
      const lines = formatTimeline(runOf(...facts), { width, showEdges: true })
        .split('\n')
        .slice(1)
      expect(lines).toHaveLength(names.length)
      const columns = width >= 40 ? width : Number.isNaN(width) ? 80 : 40
      for (const line of lines) {
        expect(columnsOf(line)).toBeLessThanOrEqual(columns)
        expect(line).toBe(printable(line))
      }
      const starts = lines.map((line) => columnsOf(line.slice(0, line.indexOf('█'))))
      expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    }
  })

  it('has colours only when asked, and the same columns with them', () => {
    const events = runOf(
      started('a'),
      finished('a'),
      started('b'),
      failed('b'),
      skipped('c', 'not-chosen'),
      started('d'),
    )
    const plain = formatTimeline(events)
    const coloured = formatTimeline(events, { color: true })
    expect(plain).toBe(printable(plain.replaceAll('\n', '')) && plain)
    expect(coloured).toContain('\u001b[31m✗ b')
    expect(coloured).toContain('\u001b[32m✓ a')
    // oxlint-disable-next-line no-control-regex -- what is looked for is a control character
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain)
  })

  it('leaves out what matters least past the limit of lines, and says how much', () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `n${index}`)
    const events = runOf(...ids.flatMap((id, index) => [started(id), index === 500 ? failed(id) : finished(id)]))
    const began = process.cpuUsage()
    const lines = formatTimeline(events, { maxLines: 3 }).split('\n')
    // The time of the processor, which a busy machine does not change.
    expect(process.cpuUsage(began).user).toBeLessThan(10_000_000)
    expect(lines.map((line) => line.split('  ')[0])).toEqual([
      'flow, running after 1 min 40 s',
      '✓ n0',
      '… 499 lines left out',
      '✗ n500',
      '… 49498 lines left out',
      '✓ n49999',
    ])
    expect(formatTimeline(events).split('\n').length).toBeLessThan(510)
  }, 60_000)
})

it('text for a terminal has one column for a letter, two for a wide one, and none for a combining mark', () => {
  expect(['a', '日', '🦊', 'é', 'e\u0301', '한', '！', '✓', ''].map(columnsOf)).toEqual([1, 2, 2, 1, 1, 2, 2, 1, 0])
  expect(['日本語', 'abcdef'].map((text) => cutTo(text, 4))).toEqual(['日…', 'abc…'])
  expect(cutTo('abc', 0)).toBe('')
})

it('text for a terminal has no character that is not seen', () => {
  const hidden = 'a\n\t\0\u001b\u200d\ufe0f\u2028\u00a0\ud800é'
  expect(printable(hidden)).toBe('a\\n\\t\\u{0}\\u{1b}\\u{200d}\\u{fe0f}\\u{2028}\\u{a0}\\u{d800}é')
})
