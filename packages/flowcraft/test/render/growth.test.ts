import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { createFlow } from '../../src/blueprint/builder.ts'
import { generateMermaidForRun } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { dealt, decided, failed, finished, replaced, runOf, started } from './run-events.ts'

const plan: WorkflowBlueprint = {
  id: 'plan',
  nodes: [
    { id: 'plan', uses: 'x' },
    { id: 'join', uses: 'x' },
    { id: 'spare', uses: 'x' },
  ],
  edges: [{ source: 'plan', target: 'join' }],
}

describe('a drawing of a run in which nodes were added', () => {
  const grown = finished('plan', {
    result: {
      dynamicNodes: [
        { id: 'fetch', uses: 'x', config: { fallback: 'spare' } },
        { id: 'loner', uses: 'sleep', params: { duration: '5s' } },
      ],
      dynamicEdges: [
        { source: 'plan', target: 'fetch' },
        { source: 'fetch', target: 'join', action: 'ok' },
      ],
    },
  })

  it('has them and their edges, which go on counting, after those of the blueprint', () => {
    const events = runOf(started('plan'), grown, decided(0, true), decided(1, true), started('loner'))
    expect(generateMermaidForRun(plan, events)).toBe(
      [
        'flowchart TD',
        'plan["✓ plan"]',
        'join["join"]',
        'spare["spare"]',
        'fetch["fetch<br/>added by plan"]',
        'loner(["▶ loner<br/>sleep 5s<br/>added by plan<br/>running"])',
        'plan --> join',
        'plan --> fetch',
        'fetch -->|ok| join',
        'fetch -.->|fallback| spare',
        'plan -.->|added| loner',
        'classDef default fill:#ffffff,stroke:#6c757d,color:#212529',
        'style plan fill:#d4edda,stroke:#c3e6cb',
        'style loner fill:#fff3cd,stroke:#b8860b,stroke-width:3px',
        'linkStyle 0 stroke:#007bff,stroke-width:3px',
        'linkStyle 1 stroke:#007bff,stroke-width:3px',
        'linkStyle 4 stroke:#007bff,stroke-width:3px',
      ].join('\n    '),
    )
  })

  it('does not have them at a moment before', () => {
    const events = runOf(started('plan'), grown)
    expect(generateMermaidForRun(plan, events, { at: 1 })).not.toContain('fetch')
    expect(generateMermaidForRun(plan, events, { at: 2 })).toContain('fetch')
  })

  it('draws what every turn adds once, and counts', () => {
    const result = {
      dynamicNodes: [{ id: 'fetch', uses: 'x' }],
      dynamicEdges: [{ source: 'plan', target: 'fetch' }],
    }
    const turn = (iteration: number, isTaken: boolean) => [
      started('plan', { iteration }),
      finished('plan', { iteration, result }),
      decided(1 + iteration, isTaken),
    ]
    const text = generateMermaidForRun(plan, runOf(...turn(0, true), ...turn(1, true), ...turn(2, false)))
    expect(text.match(/plan --.*fetch/g)).toEqual(['plan -->|"× 2"| fetch'])
    expect(text).toContain('linkStyle 1 ')
    expect(generateMermaidForRun(plan, runOf(...turn(0, false), ...turn(1, false)))).not.toContain('linkStyle')
  })

  it('draws what a worker of a batch adds from the node for all workers', async () => {
    const blueprint = createFlow('crawl')
      .batch('pages', () => {}, { inputKey: 'urls' })
      .toBlueprint()
    const result = {
      dynamicNodes: [
        { id: 'deep', uses: 'x' },
        { id: 'log', uses: 'x' },
      ],
      dynamicEdges: [{ source: 'pages[1]', target: 'deep' }],
    }
    const events = runOf(
      started('pages_scatter'),
      dealt('pages', 2),
      finished('pages[1]', { result }),
      decided(1, true),
    )
    const { edges, labels } = await parseFlowchart(generateMermaidForRun(blueprint, events))
    expect(labels.size).toBe(5)
    expect(edges.filter(({ start }) => start === 'workers').map(({ end }) => end)).toEqual([
      'deep',
      'pages_gather',
      'log',
    ])
  })

  it('draws a run whose blueprint has no nodes but which has some', () => {
    const events = runOf(finished('plan', { result: { dynamicNodes: [{ id: 'late', uses: 'x' }] } }))
    expect(generateMermaidForRun({ id: 'none', nodes: [], edges: [] }, events)).toContain(
      'late["late<br/>added by plan"]',
    )
  })
})

it('marks the way to a fallback that stood in in an earlier turn', () => {
  const blueprint = {
    ...plan,
    nodes: plan.nodes.map((node) => (node.id === 'join' ? { ...node, config: { fallback: 'spare' } } : node)),
  }
  const events = runOf(
    started('join'),
    replaced('join', 'spare'),
    failed('join'),
    started('spare', { fallbackFor: 'join' }),
    finished('spare'),
    started('join', { iteration: 1 }),
    finished('join', { iteration: 1 }),
  )
  expect(generateMermaidForRun(blueprint, events)).toContain('linkStyle 1 ')
})
