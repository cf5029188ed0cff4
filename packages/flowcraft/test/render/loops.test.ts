import { describe, expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { decided, finished, runOf, started } from './run-events.ts'

const step = () => ({ output: 1 })

describe('a loop', () => {
  const flow = createFlow('draft')
    .node('write', step)
    .node('review', step)
    .node('print', step)
    .loop('again', { startNodeId: 'write', endNodeId: 'review', condition: 'input.mistakes > 0' })
    .edge('write', 'review')
    .edge('again', 'print')
  const blueprint = flow.toBlueprint()
  const edge = (source: string, target: string): number =>
    blueprint.edges.findIndex((each) => each.source === source && each.target === target)
  const turn = (iteration: number, goesOn: boolean) => [
    ...['write', 'review', 'again'].flatMap((id) => [started(id, { iteration }), finished(id, { iteration })]),
    decided(edge('write', 'review'), true),
    decided(edge('review', 'again'), true),
    decided(edge('again', 'write'), goesOn),
    decided(edge('again', 'print'), !goesOn),
  ]

  it('has a hexagon with its condition, and a dotted edge that leads back', () => {
    expect(generateMermaid(blueprint)).toBe(
      [
        'flowchart TD',
        'write["write"]',
        'review["review"]',
        'print["print"]',
        'again{{"again<br/>while input.mistakes #62; 0"}}',
        'review --> again',
        'again -.->|"↺ continue"| write',
        'write --> review',
        'again -->|break| print',
      ].join('\n    '),
    )
  })

  it('tells in a run how many turns have begun, how often edges were taken and nodes ran', () => {
    const text = generateMermaidForRun(blueprint, runOf(...turn(0, true), ...turn(1, true), ...turn(2, false)))
    expect(text).toContain('again{{"✓ again<br/>while input.mistakes #62; 0<br/>↺ 3 turns"}}')
    expect(text).toContain('review["✓ review<br/>× 3 runs"]')
    expect(text).toContain('write -->|"× 3"| review')
    expect(text).toContain('again -.->|"↺ continue | × 2"| write')
    expect(text).toContain('again -->|break| print')
    const between = generateMermaidForRun(blueprint, runOf(...turn(0, true), started('write', { iteration: 1 })))
    expect(between).toContain('↺ 2 turns')
    expect(generateMermaidForRun(blueprint, runOf(...turn(0, false)))).toContain('↺ 1 turn"}}')
    expect(generateMermaidForRun(blueprint, runOf(started('write')))).not.toContain('turn')
  })

  it('keeps an edge marked that was taken in an earlier turn and not in the last', async () => {
    const { edges } = await parseFlowchart(generateMermaidForRun(blueprint, runOf(...turn(0, true), ...turn(1, false))))
    expect(edges.map(({ stroke }) => stroke)).toEqual(['normal', 'dotted', 'normal', 'normal'])
    for (const { style } of edges) expect(style).toContain('stroke:#007bff')
  })

  it('is entered at its controller: then the edge from its end leads back', () => {
    const entered = createFlow('draft')
      .node('plan', step)
      .node('write', step)
      .loop('again', { startNodeId: 'write', endNodeId: 'write', condition: 'input < 3' })
      .edge('plan', 'again')
    const text = generateMermaid(entered.toBlueprint())
    expect(text).toContain('write -.->|"↺"| again')
    expect(text).toContain('again -->|continue| write')
    expect(text).toContain('plan --> again')
  })

  it('needs no controller, and a blueprint that cannot run has loops too', () => {
    const nodes = ['a', 'b', 'c'].map((id) => ({ id, uses: 'x' }))
    const edges = [
      { source: 'a', target: 'b' },
      { source: 'b', target: 'c' },
      { source: 'c', target: 'b', action: 'retry' },
      { source: 'c', target: 'nowhere' },
    ]
    const text = generateMermaid({ id: 'cycle', nodes, edges })
    expect(text).toContain('c -.->|"↺ retry"| b')
    expect(text.match(/-\.->/g)).toHaveLength(1)
  })

  it('takes the first of two continue edges for its own', () => {
    const nodes = [{ id: 'again', uses: 'loop-controller' }, ...['a', 'b'].map((id) => ({ id, uses: 'x' }))]
    const edges = ['a', 'b'].flatMap((id) => [
      { source: id, target: 'again' },
      { source: 'again', target: id, action: 'continue' },
    ])
    const events = runOf(started('a'), started('a', { iteration: 1 }), started('b'), started('again'))
    expect(generateMermaidForRun({ id: 'two', nodes, edges }, events)).toContain('↺ 2 turns')
  })

  it('is drawn in a group that stands for many nodes as well', async () => {
    const nodes = Array.from({ length: 30 }, (_, index) => ({ id: `s${index}`, uses: 'x' }))
    const chain = nodes.slice(1).map(({ id }, index) => ({ source: `s${index}`, target: id }))
    const text = generateMermaid(
      { id: 'wheel', nodes, edges: [...chain, { source: 's29', target: 's0' }] },
      { maxEdges: 5 },
    )
    expect((await parseFlowchart(text)).edges).toContainEqual(
      expect.objectContaining({ start: 's29', end: 's0', stroke: 'dotted' }),
    )
  })
})
