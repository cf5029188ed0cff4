import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NodeDefinition, WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import { generateMermaid } from '../../src/render/flowchart.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import { checkedWith } from '../laws/runs.ts'

it('the edges that lead back are those of the plan', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const id = fc.constantFrom(...ids)
  const blueprints = fc
    .record({
      edges: fc.array(fc.record({ source: id, target: id }), { minLength: 1, maxLength: 10 }),
      loops: fc.uniqueArray(fc.record({ controller: id, start: id }), {
        maxLength: 2,
        selector: (loop) => loop.controller,
      }),
      fallback: fc.option(fc.record({ primary: id, standIn: id }), { nil: undefined }),
      entry: fc.option(id, { nil: undefined }),
    })
    .map(({ edges, loops, fallback, entry }): WorkflowBlueprint => {
      const controllers = new Set(loops.map(({ controller }) => controller))
      const nodes = ids.map((each): NodeDefinition => {
        const config = fallback?.primary === each ? { config: { fallback: fallback.standIn } } : {}
        if (!controllers.has(each)) return { id: each, uses: 'x', ...config }
        return { id: each, uses: 'loop-controller', params: { condition: 'input' }, ...config }
      })
      const back = loops.map(({ controller, start }) => ({ source: controller, target: start, action: 'continue' }))
      const metadata = entry === undefined ? {} : { metadata: { cycleEntryPoints: [entry] } }
      return { id: 'cycles', nodes, edges: [...edges, ...back], ...metadata }
    })
  await fc.assert(
    fc.asyncProperty(blueprints, async (blueprint) => {
      const plan = planOf(blueprint)
      fc.pre(isPlan(plan))
      if (!isPlan(plan)) return
      const { edges } = await parseFlowchart(generateMermaid(blueprint))
      const dotted = edges.slice(0, blueprint.edges.length).map(({ stroke }) => stroke === 'dotted')
      expect(dotted).toEqual(plan.edges.map(({ backOf }) => backOf !== undefined))
    }),
    checkedWith(500),
  )
}, 300_000)
