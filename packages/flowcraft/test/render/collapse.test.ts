import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { decided, failed, finished, runOf, started } from './run-events.ts'

function blueprintOf(size: number, edges: readonly (readonly [number, number])[]): WorkflowBlueprint {
  return {
    id: 'large',
    nodes: Array.from({ length: size }, (_, index) => ({ id: `s${index}`, uses: 'step' })),
    edges: edges.map(([source, target]) => ({ source: `s${source}`, target: `s${target}` })),
  }
}

function chain(size: number): WorkflowBlueprint {
  return blueprintOf(
    size,
    Array.from({ length: size - 1 }, (_, index) => [index, index + 1] as const),
  )
}

/** A node that leads to `width` others, and one that joins them. */
function fan(width: number): WorkflowBlueprint {
  const edges = Array.from({ length: width }, (_, index) => [
    [0, index + 1] as const,
    [index + 1, width + 1] as const,
  ]).flat()
  return blueprintOf(width + 2, edges)
}

describe('a drawing past the limits of Mermaid', () => {
  it('keeps everything up to the limit of edges', () => {
    expect(generateMermaid(chain(501))).not.toContain('omitted')
    expect(generateMermaid(chain(502))).toContain('omitted')
  })

  it('draws both ends of a long chain and says how much is between', () => {
    expect(generateMermaid(chain(12), { maxEdges: 3 })).toBe(
      [
        'flowchart TD',
        's0["s0"]',
        's1["s1"]',
        's11["s11"]',
        'omitted["… 9 nodes, 8 edges …"]',
        's0 --> s1',
        's1 --> omitted',
        'omitted --> s11',
        'style omitted stroke-dasharray:1 6',
      ].join('\n    '),
    )
  })

  it('draws a failed node in the middle of a long chain', () => {
    const steps = Array.from({ length: 6 }, (_, index) => [
      ...(index === 0 ? [] : [decided(index - 1, true)]),
      started(`s${index}`),
      index === 5 ? failed('s5') : finished(`s${index}`),
    ])
    const text = generateMermaidForRun(chain(12), runOf(...steps.flat()), { maxEdges: 3 })
    expect(text).toContain('s5["✗ s5<br/>no paper"]')
    expect(text).toContain('omitted["… 6 nodes, 5 edges …<br/>6 pending"]')
    expect(text).toContain('omitted_2["… 4 nodes, 3 edges …<br/>4 completed"]')
  })

  it('draws the middle of a wide fan as one group with the edges counted', async () => {
    const { labels, edges } = await parseFlowchart(generateMermaid(fan(1000)))
    const [group] = [...labels].filter(([id]) => id.startsWith('omitted'))
    const shown = labels.size - 3
    expect(group).toEqual(['omitted', `… ${1000 - shown} nodes …`])
    expect(edges).toContainEqual(
      expect.objectContaining({ start: 'omitted', end: 's1001', text: `${1000 - shown} edges` }),
    )
  })

  it('never takes the id of a node for a group', () => {
    const blueprint = chain(12)
    blueprint.nodes.push({ id: 'omitted', uses: 'step' })
    expect(generateMermaid(blueprint, { maxEdges: 3 })).toContain('omitted_2["… ')
  })

  const shapes: readonly (readonly [string, WorkflowBlueprint])[] = [
    ['chain', chain(3000)],
    ['fan', fan(3000)],
    [
      'mesh',
      blueprintOf(
        60,
        Array.from({ length: 3600 }, (_, index) => [index % 60, Math.floor(index / 60)]),
      ),
    ],
    ['crowd without edges', blueprintOf(6000, [])],
    [
      'forest',
      blueprintOf(
        6000,
        Array.from({ length: 3000 }, (_, index) => [2 * index, 2 * index + 1]),
      ),
    ],
    [
      'comb',
      blueprintOf(
        4000,
        Array.from({ length: 3998 }, (_, i) => (i % 2 === 0 ? [i, i + 2] : [i - 1, i])),
      ),
    ],
  ]
  for (const [shape, blueprint] of shapes) {
    it(`fits the limits and leaves out no node unsaid: ${shape}`, async () => {
      const facts = blueprint.nodes.flatMap(({ id }, index) => [
        started(id),
        index % 7 === 0 ? failed(id) : finished(id),
      ])
      for (const text of [generateMermaid(blueprint), generateMermaidForRun(blueprint, runOf(...facts))]) {
        const { labels } = await parseFlowchart(text)
        const groups = [...labels].filter(([id]) => id.startsWith('omitted'))
        const counted = groups.reduce((sum, [, label]) => sum + Number(/^… (\d+)/.exec(label)?.[1]), 0)
        expect(labels.size - groups.length + counted).toBe(blueprint.nodes.length)
        expect(labels.size - groups.length).toBeGreaterThan(10)
      }
    })
  }

  it('takes time in proportion to the size: 100 000 nodes in seconds at most', () => {
    const facts = Array.from({ length: 100_000 }, (_, index) => started(`s${index}`))
    const began = process.cpuUsage()
    const text = generateMermaidForRun(chain(100_000), runOf(...facts))
    // The time of the processor, which a busy machine does not change.
    expect(process.cpuUsage(began).user).toBeLessThan(10_000_000)
    expect(text).toContain('… 99')
  }, 60_000)
})
