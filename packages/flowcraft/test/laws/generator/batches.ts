import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import type { Draw } from './draw.ts'
import { hasProgram, plainAttempt, type FlowDraft, type Piece } from './draft.ts'

/** Batches in the place of nodes: of every size, in chunks or at once, over what comes in or over a key of the context. */
export const batches: Piece = (draw, flow) => {
  if (!draw.chance(25)) return
  const count = draw.pick([1, 1, 2])
  for (let nth = 0; nth < count; nth += 1) addBatch(draw, flow, `b${nth}`)
}

function addBatch(draw: Draw, flow: FlowDraft, id: string): void {
  const place = draw.pick(flow.nodes)
  if (!hasProgram(flow, place) || flow.drivers.has(place.uses)) return
  const [scatter, gather, worker] = [`${id}_scatter`, `${id}_gather`, `${id}_worker`]
  const items = Array.from({ length: draw.pick([2, 3, 1, 0, 5]) }, () =>
    draw.chance(40) ? draw.value() : draw.int(0, 9),
  )
  flow.initial[`${id}_items`] = draw.chance(95) ? items : 'no list'
  const nodes: NodeDefinition[] = [
    {
      id: scatter,
      uses: 'batch-scatter',
      inputs: `${id}_items`,
      params: { workerUsesKey: worker, gatherNodeId: gather, ...paramsOf(draw) },
      ...(draw.chance(40) && { config: configOf(draw) }),
    },
    {
      id: gather,
      uses: 'batch-gather',
      params: { gatherNodeId: gather, ...(draw.chance(30) && { outputKey: `${id}_all` }) },
    },
  ]
  // Without `inputs`, it works on whatever comes in.
  if (draw.chance(15)) delete nodes[0]!.inputs
  if (draw.chance(20)) nodes.reverse()
  flow.nodes.splice(flow.nodes.indexOf(place), 1, ...nodes)
  flow.programs.delete(place.uses)
  flow.programs.set(
    worker,
    Array.from({ length: draw.pick([1, 3, 6]) }, () => [plainAttempt(), plainAttempt()]),
  )
  for (const edge of flow.edges) {
    if (edge.target === place.id) edge.target = scatter
    if (edge.source === place.id) edge.source = gather
  }
  flow.edges.push({ source: scatter, target: gather })
}

function paramsOf(draw: Draw): Record<string, unknown> {
  return {
    ...(draw.chance(50) && { chunkSize: draw.pick([1, 2, 4]) }),
    ...(draw.chance(40) && { concurrency: draw.pick([1, 2]) }),
    ...(draw.chance(60) && { onError: draw.pick(['collect', 'fail']) }),
  }
}

function configOf(draw: Draw): NonNullable<NodeDefinition['config']> {
  return { maxRetries: draw.pick([2, 3]), retryDelay: draw.pick([0, 5]) }
}
