import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { Fact } from '../../src/events/event.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { paused, runOf, stalled, started, waited } from './run-events.ts'

describe('a node that waits or runs another flow', () => {
  const flow = createFlow('order')
    .subflow('pay', { blueprintId: 'payment' })
    .wait('approval', { event: 'approved', timeout: '2d' })
    .sleep('rest', { duration: 5000 })
    .node('poll', () => {})
    .edge('pay', 'approval')
  const blueprint = flow.toBlueprint()

  it('has a shape of its own and says what it is told to do', () => {
    expect(generateMermaid(blueprint)).toBe(
      [
        'flowchart TD',
        'pay[["pay<br/>subflow payment"]]',
        'approval(["approval<br/>wait for approved<br/>at most 2d"])',
        'rest(["rest<br/>sleep 5000 ms"])',
        'poll["poll"]',
        'pay --> approval',
      ].join('\n    '),
    )
  })

  it('says what it waits for and until when', () => {
    const text = generateMermaidForRun(
      blueprint,
      runOf(
        started('approval'),
        waited('approval', { reason: 'external_event', event: 'approved', wakeUpAt: 1_750_000_000_000 }),
        started('rest'),
        waited('rest', { wakeUpAt: 8.64e15 + 1 }),
        started('poll'),
        waited('poll', { reason: 'external_event' }),
      ),
    )
    expect(text).toContain('approval(["◷ approval<br/>waiting for approved until<br/>2025-06-15T15#58;06#58;40.000Z"])')
    expect(text).toContain('rest(["◷ rest<br/>waiting until<br/>8640000000000001"])')
    expect(text).toContain('poll["◷ poll<br/>waiting"]')
    expect(text).toContain('style poll fill:#cff4fc,stroke:#087990,stroke-width:3px,stroke-dasharray:10 4')
  })

  it('names the run of a subflow in full', () => {
    const childExecutionId = `0190b5a6-7a2c-7c1e-9d2e-0123456789ab:${'deeper/'.repeat(10)}pay#0`
    const events = runOf(started('pay', { childExecutionId }), waited('pay'))
    const label = /pay\[\["(.*)"\]\]/.exec(generateMermaidForRun(blueprint, events))?.[1]
    const readable = label?.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    expect(readable).toBe(`◷ pay<br/>subflow payment<br/>waiting<br/>run ${childExecutionId}`)
  })
})

/** The start of a run that has targets. */
function targeted(...targets: readonly string[]): Fact[] {
  const options = { concurrency: 1, maxIterations: 1, strict: false, targets }
  return [{ type: 'workflow:start', payload: { blueprintHash: 'hash', initialContext: {}, options } }]
}

describe('a parked run', () => {
  const nodes = ['a', 'b', 'c'].map((id) => ({ id, uses: 'x' }))
  const blueprint: WorkflowBlueprint = { id: 'parked', nodes, edges: [] }
  const noteOf = async (...facts: readonly Fact[]): Promise<string | undefined> =>
    (await parseFlowchart(generateMermaidForRun(blueprint, runOf(...facts)))).labels.get('parked')

  it('says so, and when it goes on by itself', async () => {
    const waiting = [20, 10].map((wakeUpAt) => ({ nodeId: 'a', reason: 'timer', wakeUpAt }) as const)
    expect(await noteOf(stalled(waiting))).toBe('‖ parked, awaiting<br>wakes up at<br>1970-01-01T00:00:00.010Z')
    expect(await noteOf(paused({ nodeId: 'a', reason: 'external_event' }))).toBe('‖ parked, awaiting')
    const onRequest = paused({ nodeId: 'a', reason: 'user_pause' })
    expect(await noteOf(onRequest)).toBe('‖ parked, awaiting<br>paused on request')
    expect(await noteOf(started('a'))).toBeUndefined()
    expect(await noteOf(onRequest, { type: 'workflow:resume', payload: { reason: 'user' } })).toBeUndefined()
  })

  it('marks what is held back, and says for which targets', async () => {
    const stall = stalled([], { nodeId: 'b', reason: 'no target needs it' })
    expect(await noteOf(stall)).toBe('‖ parked, stalled<br>1 held back')
    expect(await noteOf(...targeted('a', 'c'), stall)).toBe('‖ parked, stalled<br>for a, c<br>1 held back')
    const text = generateMermaidForRun(blueprint, runOf(stall))
    expect(text).toContain('b["‖ b<br/>held back, no target needs it"]')
    expect(text).toContain('style b fill:#ffe5d0,stroke:#ca6510,stroke-width:3px,stroke-dasharray:2 3')
  })

  it('does not hold back any more once it goes on', () => {
    const stall = stalled([], { nodeId: 'b', reason: 'no target needs it' })
    const resumed: Fact = { type: 'workflow:resume', payload: { reason: 'user' } }
    expect(generateMermaidForRun(blueprint, runOf(stall, resumed))).toContain('b["b"]')
  })

  it('keeps its note where the drawing is collapsed', () => {
    const steps = Array.from({ length: 20 }, (_, index) => ({ id: `step${index}`, uses: 'x' }))
    const text = generateMermaidForRun({ id: 'many', nodes: steps, edges: [] }, runOf(paused()), { maxTextSize: 300 })
    expect(text).toMatch(/omitted\["… \d+ nodes/)
    expect(text).toContain('parked>"‖ parked, awaiting"]')
  })
})
