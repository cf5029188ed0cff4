import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { WorkflowError } from '../../src/errors.ts'
import { fold } from '../../src/state/fold.ts'
import { drawRun, generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { decided, ended, errorOf, failed, finished, replaced, retried, runOf, skipped, started } from './run-events.ts'

const review: WorkflowBlueprint = {
  id: 'review',
  nodes: [
    { id: 'check', uses: 'check' },
    { id: 'approve', uses: 'approve' },
    { id: 'reject', uses: 'reject' },
  ],
  edges: [
    { source: 'check', target: 'approve', action: 'ok', condition: 'result.output > 5', transform: 'input.total' },
    { source: 'check', target: 'reject' },
  ],
}

const printing: WorkflowBlueprint = {
  id: 'printing',
  nodes: [
    { id: 'print', uses: 'print', config: { maxRetries: 2, fallback: 'mail' } },
    { id: 'mail', uses: 'mail' },
    { id: 'file', uses: 'file' },
  ],
  edges: [{ source: 'print', target: 'file' }],
}

function linesOf(...lines: readonly string[]): string {
  return lines.join('\n    ')
}

describe('a drawing of a blueprint', () => {
  it('says that a blueprint without nodes is empty', () => {
    expect(generateMermaid({ id: 'none', nodes: [], edges: [] })).toBe('flowchart TD\n    empty[Empty Blueprint]')
  })

  it('has the action, the condition and the transform of an edge as its label', () => {
    expect(generateMermaid(review)).toBe(
      linesOf(
        'flowchart TD',
        'check["check"]',
        'approve["approve"]',
        'reject["reject"]',
        'check -->|"ok | result.output #62; 5 | input.total"| approve',
        'check --> reject',
      ),
    )
  })

  it('has a dotted edge to each fallback node, after the edges of the blueprint', () => {
    expect(generateMermaid(printing)).toBe(
      linesOf(
        'flowchart TD',
        'print["print"]',
        'mail["mail"]',
        'file["file"]',
        'print --> file',
        'print -.->|fallback| mail',
      ),
    )
  })

  it('shows params on request only, and says how many more there are', () => {
    const params = { url: 'https://x.y', retries: 3, a: 1, b: 2, c: 3, d: 4 }
    const blueprint = { id: 'get', nodes: [{ id: 'get', uses: 'get', params }], edges: [] }
    expect(generateMermaid(blueprint)).toBe('flowchart TD\n    get["get"]')
    expect(generateMermaid(blueprint, { params: true })).toBe(
      'flowchart TD\n    get["get<br/>url#58; #34;https#58;#47;#47;x.y#34;<br/>retries#58; 3<br/>a#58; 1<br/>b#58; 2' +
        '<br/>c#58; 3<br/>… 1 more params"]',
    )
  })

  it('replaces and labels an id that Mermaid would misread', () => {
    const nodes = ['end', 'fetch data', 'fetch-data', 'n_end'].map((id) => ({ id, uses: 'x' }))
    const blueprint = { id: 'ids', nodes, edges: [{ source: 'end', target: 'fetch data' }] }
    expect(generateMermaid(blueprint)).toBe(
      linesOf(
        'flowchart TD',
        'n_end_2["end"]',
        'n_fetch_data["fetch data"]',
        'fetch-data["fetch-data"]',
        'n_end["n_end"]',
        'n_end_2 --> n_fetch_data',
      ),
    )
  })

  it('never lets an id end a line that Mermaid would read on as a direction', async () => {
    const nodes = ['a', 'wind_direction', 'TBx'].map((id) => ({ id, uses: 'x' }))
    const edges = [
      { source: 'a', target: 'wind_direction' },
      { source: 'TBx', target: 'a' },
    ]
    expect((await parseFlowchart(generateMermaid({ id: 'wind', nodes, edges }))).edges).toHaveLength(2)
  })

  it('replaces ids that layouts would find on every object', () => {
    const nodes = ['constructor', '__proto__'].map((id) => ({ id, uses: 'x' }))
    expect(generateMermaid({ id: 'keys', nodes, edges: [] })).toBe(
      linesOf('flowchart TD', 'n_constructor["constructor"]', 'n_proto["#95;#95;proto#95;#95;"]'),
    )
  })

  it('shows a node that only an edge names as missing, and a node that is there twice once', () => {
    const a = { id: 'a', uses: 'a' }
    expect(generateMermaid({ id: 'odd', nodes: [a, a], edges: [{ source: 'a', target: 'b' }] })).toBe(
      linesOf('flowchart TD', 'a["a"]', 'b["b<br/>not in the blueprint"]', 'a --> b'),
    )
  })
})

describe('a drawing of a run', () => {
  it('marks what completed, what was skipped and why, and the edges taken, conditional or not', () => {
    const events = runOf(
      started('check'),
      finished('check'),
      decided(0, false),
      decided(1, true),
      skipped('approve', 'not-chosen'),
      started('reject'),
      finished('reject'),
      ended('completed'),
    )
    expect(generateMermaidForRun(review, events)).toBe(
      linesOf(
        'flowchart TD',
        'check["✓ check"]',
        'approve["↷ approve<br/>skipped, not chosen"]',
        'reject["✓ reject"]',
        'check -->|"ok | result.output #62; 5 | input.total"| approve',
        'check --> reject',
        'classDef default fill:#ffffff,stroke:#6c757d,color:#212529',
        'style check fill:#d4edda,stroke:#c3e6cb',
        'style approve fill:#e9ecef,stroke:#868e96,stroke-width:2px,stroke-dasharray:6 4',
        'style reject fill:#d4edda,stroke:#c3e6cb',
        'linkStyle 1 stroke:#007bff,stroke-width:3px',
      ),
    )
  })

  it('marks retries, a failure with its cause, and the fallback that took over', () => {
    const events = runOf(
      started('print'),
      retried('print'),
      started('print', { attempt: 2 }),
      replaced('print', 'mail'),
      failed('print', { attempt: 2 }),
      started('mail', { fallbackFor: 'print' }),
      failed('mail'),
      skipped('file', 'upstream-failed'),
      ended('failed'),
    )
    expect(generateMermaidForRun(printing, events)).toBe(
      linesOf(
        'flowchart TD',
        'print["✗ print<br/>no paper<br/>↻ 2 attempts<br/>fallback mail"]',
        'mail["✗ mail<br/>no paper<br/>in place of print"]',
        'file["↷ file<br/>skipped, upstream failed"]',
        'print --> file',
        'print -.->|fallback| mail',
        'classDef default fill:#ffffff,stroke:#6c757d,color:#212529',
        'style print fill:#f8d7da,stroke:#f5c6cb',
        'style mail fill:#f8d7da,stroke:#f5c6cb',
        'style file fill:#e9ecef,stroke:#868e96,stroke-width:2px,stroke-dasharray:6 4',
        'linkStyle 1 stroke:#007bff,stroke-width:3px',
      ),
    )
  })

  it('tells running from cancelled, and a second turn from a first', () => {
    const cut = runOf(started('print'), finished('print'), started('print', { iteration: 1 }))
    const running = generateMermaidForRun(printing, cut)
    expect(running).toContain('print["▶ print<br/>running<br/>× 2 runs"]')
    expect(running).toContain('style print fill:#fff3cd,stroke:#b8860b,stroke-width:3px')
    expect(running).not.toMatch(/style (mail|file)/)
    const cancelled = drawRun(printing, fold(runOf(started('print'), ended('cancelled'))))
    expect(cancelled).toContain('print["⊘ print<br/>cancelled"]')
    expect(cancelled).toContain('style print fill:#e2d9f3,stroke:#6f42c1,stroke-width:2px,stroke-dasharray:2 3')
  })

  it('says why a node failed: what was thrown first, and a message that was meant to be read as it is', () => {
    const reasonOf = (error: Partial<WorkflowError>): string | undefined => {
      const events = runOf(started('print'), failed('print', { error: { ...errorOf('print'), ...error } }))
      return /print\["✗ print<br\/>(.*)"\]/.exec(generateMermaidForRun(printing, events))?.[1]
    }
    const worker = { name: 'FlowcraftError', message: 'a worker failed', code: 'NODE_FAILED' }
    const batch = { code: 'BATCH_FAILED', message: '1 of 2 failed' }
    expect(reasonOf({ ...batch, cause: { ...worker, cause: { name: 'Error', message: 'no paper' } } })).toBe('no paper')
    expect(reasonOf({ ...batch, cause: worker })).toBe('a worker failed')
    expect(reasonOf({ code: 'FLOWCRAFT', message: 'call the office' })).toBe('call the office')
    expect(reasonOf({ cause: { name: 'Error', message: '' } })).toBe('Node #39;print#39; execution failed')
    expect(reasonOf({ code: 'FLOWCRAFT', message: '' })).toBe('failed')
  })

  it('says at an edge that its expression failed', () => {
    const events = runOf({
      type: 'edge:evaluate',
      payload: {
        edge: 1,
        source: 'check',
        target: 'reject',
        result: false,
        reason: 'condition-error',
        error: {
          message: 'no such key',
          name: 'Error',
          blueprintId: 'review',
          executionId: 'run',
          isFatal: false,
          timestamp: '1970-01-01T00:00:00.000Z',
        },
      },
    })
    expect(generateMermaidForRun(review, events)).toContain('check -->|"⚠ error"| reject')
  })

  it('shows the moment after the event at the position asked for', () => {
    const events = runOf(started('check'), finished('check'), decided(1, true))
    const moments = events.map(({ seq }) => generateMermaidForRun(review, events, { at: seq }))
    expect(moments[0]).toContain('check["check"]')
    expect(moments[1]).toContain('check["▶ check<br/>running"]')
    expect(moments[2]).toContain('check["✓ check"]')
    expect(moments[2]).not.toContain('linkStyle')
    expect(moments[3]).toBe(generateMermaidForRun(review, events))
    expect(moments[3]).toContain('linkStyle 1 ')
  })

  it('styles a node that is named as Mermaid names its edges', async () => {
    const nodes = ['a', 'b', 'L_a_b_0'].map((id) => ({ id, uses: 'x' }))
    const blueprint = { id: 'named', nodes, edges: [{ source: 'a', target: 'b' }] }
    const events = runOf(started('L_a_b_0'), finished('L_a_b_0'))
    const { styles } = await parseFlowchart(generateMermaidForRun(blueprint, events))
    expect([...styles.values()]).toEqual([[], [], ['fill:#d4edda', 'stroke:#c3e6cb']])
  })

  it('refuses a position that is not in the events', () => {
    const events = runOf(started('check'))
    expect(() => generateMermaidForRun(review, events, { at: 2 })).toThrowError(
      expect.objectContaining({ code: 'POSITION_NOT_FOUND', message: expect.stringContaining('0 to 1') }),
    )
    expect(() => generateMermaidForRun(review, [], { at: 0 })).toThrowError(/none/)
  })

  it('gives styles to the nodes and edges that Mermaid reads them for', async () => {
    const events = runOf(started('check'), finished('check'), decided(1, true), started('reject'), failed('reject'))
    const { styles, edges } = await parseFlowchart(generateMermaidForRun(review, events))
    expect(styles.get('check')).toEqual(['fill:#d4edda', 'stroke:#c3e6cb'])
    expect(styles.get('reject')).toEqual(['fill:#f8d7da', 'stroke:#f5c6cb'])
    expect(edges.map(({ style }) => style)).toEqual([[], expect.arrayContaining(['stroke:#007bff'])])
  })
})
