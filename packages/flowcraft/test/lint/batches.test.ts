import { expect, it } from 'vitest'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'

const batch = (scatter: string, gather: string, params: object = {}, config: object = {}) => ({
  nodes: [
    { id: scatter, uses: 'batch-scatter', params: { workerUsesKey: 'work', gatherNodeId: gather, ...params } },
    { id: gather, uses: 'batch-gather', params: { gatherNodeId: gather }, config },
  ],
  edges: [{ source: scatter, target: gather }],
})
const work = { id: 'a', uses: 'work' }
const [one, other] = [batch('b', 'g'), batch('b_scatter', 'h')]

it.each([
  ['two batches whose workers have the same ids', [one, other], [], 'DUPLICATE_NODE_ID b_scatter b'],
  ['results under a key of the engine', [batch('b', 'g', { outputKey: '_run' })], [], 'INVALID_INPUT b undefined'],
  [
    'a gather that could run before its batch has ended',
    [batch('b', 'g', {}, { joinStrategy: 'any' })],
    [{ source: 'a', target: 'g' }],
    'INVALID_INPUT g undefined',
  ],
])('finds %s, as the engine does', (_, batches, links, expected) => {
  const nodes = [work, ...batches.flatMap((part) => part.nodes)]
  const edges = [...batches.flatMap((part) => part.edges), ...links]
  const blueprint = { id: 'f', nodes, edges } as WorkflowBlueprint
  const { issues } = lintBlueprint(blueprint, { work: () => {} })
  const found = issues.filter(({ code }) => code !== 'ORPHAN_NODE')
  expect(found.map(({ code, nodeId, relatedId }) => `${code} ${nodeId} ${relatedId}`)).toEqual([expected])
  expect(isPlan(planOf(blueprint))).toBe(false)
})
