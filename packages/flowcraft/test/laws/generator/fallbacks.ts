import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import { checkForCycles } from '../../../src/blueprint/analysis.ts'
import type { Draw } from './draw.ts'
import { plainAttempt, type FlowDraft, type Piece } from './draft.ts'

/** Fallbacks: nodes of the flow or of their own, shared ones, chains of them, with edges of their own, and registry keys. */
export const fallbacks: Piece = (draw, flow) => {
  const count = draw.pick([0, 1, 2, 4])
  for (let nth = 0; nth < count; nth += 1) {
    const primary = draw.pick(flow.nodes)
    if (primary.config?.fallback !== undefined) continue
    const fallback = chooseFallback(draw, flow)
    primary.config = { ...primary.config, fallback }
    if (hasCycle(flow)) delete primary.config.fallback
    else makeFail(draw, flow, primary)
  }
}

function chooseFallback(draw: Draw, flow: FlowDraft): string {
  const known = flow.nodes.flatMap(({ config }) => config?.fallback ?? [])
  switch (draw.pick(['own', 'key', 'any', 'shared'] as const)) {
    case 'own':
      return addNode(draw, flow)
    case 'key':
      return addKey(draw, flow)
    case 'any':
      return draw.pick(flow.nodes).id
    case 'shared':
      return known.length > 0 ? draw.pick(known) : addNode(draw, flow)
  }
}

function addNode(draw: Draw, flow: FlowDraft): string {
  const id = `f${flow.nodes.length}`
  const targets = flow.nodes.map((node) => node.id)
  flow.nodes.splice(draw.int(0, flow.nodes.length), 0, { id, uses: id })
  flow.programs.set(id, [draw.chance(30) ? failing() : plainAttempt()])
  if (!draw.chance(40)) return id
  flow.edges.push({ source: id, target: draw.pick(targets) })
  if (hasCycle(flow)) flow.edges.pop()
  return id
}

function addKey(draw: Draw, flow: FlowDraft): string {
  const key = `key${draw.int(1, 2)}`
  if (!flow.programs.has(key)) flow.programs.set(key, [draw.chance(30) ? failing() : plainAttempt()])
  return key
}

function failing(): ReturnType<typeof plainAttempt> {
  return { ...plainAttempt(), ending: { kind: 'throw', error: 'error' } }
}

/** A fallback matters most when its primary fails. */
function makeFail(draw: Draw, flow: FlowDraft, primary: NodeDefinition): void {
  if (!draw.chance(70)) return
  for (const attempt of flow.programs.get(primary.uses)!) attempt.ending = failing().ending
}

function hasCycle({ nodes, edges }: FlowDraft): boolean {
  const ids = new Set(nodes.map((node) => node.id))
  const standIns = nodes.flatMap(({ id, config }) =>
    config?.fallback !== undefined && ids.has(config.fallback) ? [{ source: id, target: config.fallback }] : [],
  )
  return checkForCycles({ id: 'random', nodes, edges: [...edges, ...standIns] }).length > 0
}
