import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { hostileText } from './hostile-text.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { decided, failed, finished, replaced, runOf, skipped, started } from './run-events.ts'
import { checkedWith } from '../laws/runs.ts'

const blueprints: fc.Arbitrary<WorkflowBlueprint> = fc
  .uniqueArray(hostileText, { minLength: 1, maxLength: 5 })
  .chain((ids) => {
    const label = fc.option(hostileText, { nil: undefined })
    const id = fc.constantFrom(...ids)
    return fc.record({
      id: fc.constant('hostile'),
      nodes: fc.tuple(
        ...ids.map((nodeId) =>
          fc.record({
            id: fc.constant(nodeId),
            uses: hostileText,
            params: fc.dictionary(hostileText, fc.jsonValue(), { maxKeys: 3 }),
            config: fc.record({ fallback: fc.oneof(id, label) }),
          }),
        ),
      ),
      edges: fc.array(fc.record({ source: id, target: id, action: label, condition: label, transform: label }), {
        maxLength: 6,
      }),
    })
  })

/** What is left of an id in its label. */
function shown(id: string): string {
  return Array.from(id).slice(0, 59).join('')
}

it('whatever ids, labels and params contain, Mermaid reads every node under its own label', async () => {
  await fc.assert(
    fc.asyncProperty(blueprints, async (blueprint) => {
      const text = generateMermaid(blueprint)
      const { labels, edges } = await parseFlowchart(text)
      const nodes = [...labels.values()]
      expect(nodes).toHaveLength(blueprint.nodes.length)
      for (const [index, { id }] of blueprint.nodes.entries()) {
        const label = id.trim() === '' ? '(empty)' : shown(id).trim()
        expect(nodes[index]?.trim().slice(0, label.length)).toBe(label)
      }
      const ids = [...labels.keys()]
      const positions = new Map(blueprint.nodes.map(({ id }, index) => [id, ids[index]]))
      expect(edges.slice(0, blueprint.edges.length).map(({ start, end }) => [start, end])).toEqual(
        blueprint.edges.map(({ source, target }) => [positions.get(source), positions.get(target)]),
      )
      expect(generateMermaid(structuredClone(blueprint))).toBe(text)
    }),
    checkedWith(1000),
  )
}, 300_000)

it('whatever happened, Mermaid reads the drawing of the run', async () => {
  const runs = blueprints.chain((blueprint) => {
    const id = fc.constantFrom(...blueprint.nodes.map((node) => node.id))
    const fact = fc.oneof(
      id.map((nodeId) => started(nodeId)),
      id.map((nodeId) => started(nodeId, { attempt: 3, iteration: 2 })),
      fc.tuple(id, id).map(([nodeId, fallbackFor]) => started(nodeId, { fallbackFor })),
      id.map((nodeId) => finished(nodeId)),
      id.map((nodeId) => failed(nodeId)),
      id.map((nodeId) => skipped(nodeId, 'not-chosen')),
      fc.tuple(id, hostileText).map(([nodeId, fallback]) => replaced(nodeId, fallback)),
      fc.tuple(fc.nat(12), fc.boolean()).map(([edge, isTaken]) => decided(edge, isTaken)),
    )
    return fc.tuple(fc.constant(blueprint), fc.array(fact, { maxLength: 20 }))
  })
  await fc.assert(
    fc.asyncProperty(runs, async ([blueprint, facts]) => {
      const { labels, edges } = await parseFlowchart(
        generateMermaidForRun(blueprint, runOf(...facts), { params: true }),
      )
      expect(labels.size).toBe(blueprint.nodes.length)
      expect(edges.length).toBeGreaterThanOrEqual(blueprint.edges.length)
    }),
    checkedWith(300),
  )
}, 300_000)
