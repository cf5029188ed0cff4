import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/events/event.ts'
import { generateMermaidSequence } from '../../src/render/sequence.ts'
import { parseSequence } from './mermaid-parser.ts'
import {
  dealt,
  ended,
  errorOf,
  failed,
  finished,
  ofRun,
  paused,
  replaced,
  retried,
  runOf,
  skipped,
  stalled,
  started,
  timed,
  waited,
} from './run-events.ts'

const messagesOf = async (...facts: readonly Fact[]) =>
  (await parseSequence(generateMermaidSequence(runOf(...facts)))).messages.slice(1)

describe('a sequence diagram', () => {
  it('tells a linear run from its start to its end', () => {
    const events = runOf(started('fetch'), finished('fetch'), started('price'), finished('price'), ended('completed'))
    expect(generateMermaidSequence(events)).toBe(
      [
        'sequenceDiagram',
        'participant runtime',
        'participant fetch',
        'participant price',
        'Note over runtime: ▶ flow starts<br/>run run',
        'runtime->>+fetch: start',
        'fetch-->>-runtime: ✓ 1 ms',
        'runtime->>+price: start',
        'price-->>-runtime: ✓ 1 ms',
        'Note over runtime: ✓ completed, 1 ms',
      ].join('\n    '),
    )
  })

  it('has a placeholder for no events', async () => {
    expect(await parseSequence(generateMermaidSequence([]))).toEqual({ participants: ['Empty History'], messages: [] })
  })

  it('tells of retries, errors, fallbacks and skipped nodes', async () => {
    const facts = [
      started('pay'),
      retried('pay', { delayMs: 1500 }),
      started('pay', { attempt: 2 }),
      failed('pay', { attempt: 2 }),
      replaced('pay', 'invoice'),
      started('invoice', { fallbackFor: 'pay' }),
      finished('invoice', { result: { action: 'late', dynamicNodes: [{ id: 'x', uses: 'x' }] } }),
      skipped('thank', 'not-chosen'),
      ended('failed'),
    ]
    expect(await messagesOf(...facts)).toEqual([
      'runtime pay: start',
      'pay runtime: ✗ no paper',
      'pay: ↻ attempt 2 in 1.5 s',
      'runtime pay: start, attempt 2',
      'pay runtime: ✗ no paper',
      'pay: ↪ fallback invoice',
      'runtime invoice: start, in place of pay',
      'invoice runtime: ✓ 1 ms, action late, adds 1 node',
      'thank: ↷ skipped, not chosen',
      'runtime: ✗ failed, 1 ms',
    ])
  })

  it('tells who answers a node that waits, and what a parked run waits for', async () => {
    const waiting = { nodeId: 'approve', reason: 'external_event', event: 'approved', wakeUpAt: 0 } as const
    const { participants, messages } = await parseSequence(
      generateMermaidSequence(
        runOf(
          started('approve'),
          waited('approve', { reason: 'external_event', event: 'approved', wakeUpAt: 0 }),
          paused(waiting, { nodeId: 'x', reason: 'user_pause' }),
          { type: 'workflow:resume', payload: { reason: 'external', nodeId: 'approve', action: 'yes' } },
          finished('approve'),
          { type: 'workflow:resume', payload: { reason: 'timer' } },
          { type: 'workflow:resume', payload: { reason: 'user' } },
          stalled([], { nodeId: 'x', reason: 'no target needs it' }),
        ),
      ),
    )
    expect(participants).toEqual(['outside', 'runtime', 'approve'])
    expect(messages.slice(2)).toEqual([
      'approve runtime: ◷ waits for approved<br/>until 1970-01-01T00:00:00.000Z',
      'runtime: ‖ parked, awaiting<br/>paused on request<br/>wakes up at 1970-01-01T00:00:00.000Z',
      'outside runtime: answer to approve',
      'runtime approve: answer, action yes',
      'approve runtime: ✓ 1 ms',
      'runtime: ◷ time has come',
      'outside runtime: resume',
      'runtime: ‖ parked, stalled<br/>1 held back',
    ])
  })

  it('tells what was cancelled, and why', async () => {
    const cancel: Fact = { type: 'workflow:cancel', payload: { reason: errorOf('x') } }
    expect(await messagesOf(started('slow'), cancel, ended('cancelled'))).toEqual([
      'runtime slow: start',
      "outside runtime: ⊘ cancel, Node 'x' execution failed",
      'slow runtime: ⊘ cancelled',
      'runtime: ⊘ cancelled, 1 ms',
    ])
  })

  it('tells what a crash cut off, and what has not ended', async () => {
    const recovery: Fact = { type: 'workflow:resume', payload: { reason: 'recovery' } }
    expect(await messagesOf(started('slow'), recovery, started('slow', { attempt: 2 }))).toEqual([
      'runtime slow: start',
      'runtime: ✂ cut off, recovered',
      'slow runtime: ✂ cut off',
      'runtime slow: start, attempt 2',
      'slow: ▶ running',
    ])
  })

  it('tells of a loop turn by turn, and leaves out the middle of a long one', async () => {
    const turns = Array.from({ length: 100 }, (_, iteration) => [
      started('page', { iteration }),
      iteration === 50 ? failed('page', { iteration }) : finished('page', { iteration }),
    ]).flat()
    expect(await messagesOf(...turns)).toHaveLength(200)
    const { messages } = await parseSequence(generateMermaidSequence(runOf(...turns), { maxSteps: 9 }))
    expect(messages).toEqual([
      'runtime: ▶ flow starts<br/>run run',
      'runtime page: start',
      'page runtime: ✓ 1 ms',
      'runtime page: start, run 2',
      'page runtime: ✓ 1 ms',
      'runtime: … 97 steps left out, runs 3 to 51',
      'page runtime: ✗ no paper',
      'runtime: … 95 steps left out, runs 52 to 99',
      'page runtime: ✓ 1 ms',
      'runtime page: start, run 100',
      'page runtime: ✓ 1 ms',
    ])
  })

  it('says how much of what it leaves out failed', async () => {
    const events = runOf(started('a'), failed('a'), started('b'), failed('b'), started('c'), failed('c'))
    const { messages } = await parseSequence(generateMermaidSequence(events, { maxSteps: 1 }))
    expect(messages).toEqual([
      'runtime: … 2 steps left out',
      'a runtime: ✗ no paper',
      'runtime: … 4 steps left out, 2 failed',
    ])
  })

  const items = Array.from({ length: 30 }, (_, index) => `mail[${index}]`)
  const mails = (...more: readonly Fact[]) => [
    started('mail_scatter'),
    dealt('mail', 30),
    ...items.map((id) => started(id)),
    retried('mail[3]'),
    failed('mail[4]'),
    ...more,
  ]
  const done = items.filter((id) => id !== 'mail[4]').map((id) => finished(id))
  const end = [finished('mail_scatter'), started('mail_gather')]

  it('tells of each worker of a batch, and of all as one where they are too many', async () => {
    const events = runOf(...mails(...done, ...end))
    expect((await parseSequence(generateMermaidSequence(events))).participants).toHaveLength(33)
    const { participants, messages } = await parseSequence(generateMermaidSequence(events, { maxNodes: 20 }))
    expect(participants).toEqual(['runtime', 'mail_scatter', 'mail', 'mail_gather'])
    expect(messages.slice(1)).toEqual([
      'runtime mail_scatter: start',
      'runtime mail: 30 workers',
      'mail runtime: ✗ no paper, mail[4]',
      'mail runtime: ✗ 29 of 30 done, 1 failed, ↻ 1 retry',
      'mail_scatter runtime: ✓ 1 ms',
      'runtime mail_gather: start',
      'mail_gather: ▶ running',
    ])
    const half = await parseSequence(generateMermaidSequence(runOf(...mails()), { maxNodes: 20 }))
    expect(half.messages).toContain('mail runtime: ✗ 0 of 30 done, 1 failed, ↻ 1 retry')
  })

  it('tells of the run of a subflow under the node that runs it, in its time', async () => {
    const parent = timed(
      runOf(
        started('cart'),
        started('pay', { childExecutionId: 'child' }),
        finished('cart'),
        finished('pay'),
        ended('completed'),
      ),
      0,
      0,
      0,
      2,
      5,
    )
    const child = timed(ofRun('child', runOf(started('charge'), finished('charge'), ended('completed'))), 0, 1, 3, 5)
    const told = await parseSequence(generateMermaidSequence([...child, ...parent]))
    expect(told.participants).toEqual(['runtime', 'cart', 'pay', 'charge<br/>in pay'])
    expect(told.messages).toEqual([
      'runtime: ▶ flow starts<br/>run run',
      'runtime cart: start',
      'runtime pay: start',
      'pay: ▶ flow of child starts<br/>run child',
      'pay charge<br/>in pay: start',
      'cart runtime: ✓ 1 ms',
      'charge<br/>in pay pay: ✓ 1 ms',
      'pay: ✓ completed, 1 ms',
      'pay runtime: ✓ 1 ms',
      'runtime: ✓ completed, 1 ms',
    ])
  })

  it('keeps apart runs that have nothing to do with each other, and nodes that have the names of its parts', async () => {
    const facts = [started('runtime'), started('outside')]
    const events = [...runOf(...facts), ...ofRun('other', runOf(...facts))]
    expect((await parseSequence(generateMermaidSequence(events))).participants).toEqual([
      'runtime<br/>run run',
      'runtime<br/>run other',
      'runtime<br/>in run',
      'runtime<br/>in other',
      'outside<br/>in run',
      'outside<br/>in other',
    ])
  })

  it('takes events in any order, and each once', () => {
    const events = runOf(started('a'), finished('a'), ended('completed'))
    expect(generateMermaidSequence([...events.toReversed(), ...events])).toBe(generateMermaidSequence(events))
  })

  it('fits the limits of Mermaid for large runs, in time in proportion to their size', async () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `node ${index}`)
    const events = runOf(...ids.flatMap((id, index) => [started(id), index % 7 === 0 ? failed(id) : finished(id)]))
    const began = process.cpuUsage()
    const text = generateMermaidSequence(events)
    // The time of the processor, which a busy machine does not change.
    expect(process.cpuUsage(began).user).toBeLessThan(10_000_000)
    const { participants, messages } = await parseSequence(text)
    expect(participants.length).toBeGreaterThan(10)
    const left = messages.map((message) => Number(/… (\d+) step/.exec(message)?.[1] ?? 0))
    const shown = left.filter((count) => count === 0).length
    expect(shown + left.reduce((a, b) => a + b, 0)).toBe(100_001)
    expect((await parseSequence(generateMermaidSequence(events, { maxTextSize: 150 }))).messages).toHaveLength(1)
  }, 60_000)
})
