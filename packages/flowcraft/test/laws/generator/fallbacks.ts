import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import { checkForCycles } from '../../../src/blueprint/analysis.ts'
import type { Draw } from './draw.ts'
import { loopsAround, shapeOf, type Shape } from '../referee/shape.ts'
import { hasProgram, plainAttempt, type FlowDraft, type Piece } from './draft.ts'

/** Fallbacks: nodes of the flow or of their own, shared ones, chains of them, with edges of their own, and registry keys. */
export const fallbacks: Piece = (draw, flow) => {
  const count = draw.pick([0, 1, 2, 4])
  for (let nth = 0; nth < count; nth += 1) {
    const primary = draw.pick(flow.nodes)
    if (primary.config?.fallback !== undefined || !hasProgram(flow, primary)) continue
    const fallback = chooseFallback(draw, flow, primary)
    const before = shapeOf(flow)
    primary.config = { ...primary.config, fallback }
    if (isUnfit(flow, primary, before)) giveUp(flow, primary, fallback)
    else makeFail(draw, flow, primary)
  }
}

/** What was to stand in and now stands in for nobody leads nowhere. */
function giveUp({ nodes, edges }: FlowDraft, primary: NodeDefinition, fallback: string): void {
  delete primary.config?.fallback
  const isNeeded = nodes.some(({ config }) => config?.fallback === fallback) || !fallback.startsWith('f')
  if (!isNeeded) edges.splice(0, Infinity, ...edges.filter(({ source }) => source !== fallback))
}

function chooseFallback(draw: Draw, flow: FlowDraft, primary: NodeDefinition): string {
  const known = flow.nodes.flatMap(({ config }) => config?.fallback ?? [])
  switch (draw.pick(['own', 'key', 'any', 'shared'] as const)) {
    case 'own':
      return addNode(draw, flow, primary)
    case 'key':
      return addKey(draw, flow)
    case 'any':
      return draw.pick(flow.nodes.filter((node) => hasProgram(flow, node))).id
    case 'shared':
      return known.length > 0 ? draw.pick(known) : addNode(draw, flow, primary)
  }
}

function addNode(draw: Draw, flow: FlowDraft, primary: NodeDefinition): string {
  const id = `f${flow.nodes.length}`
  // Not into the middle of a loop from outside.
  const { loops } = shapeOf(flow)
  const targets = flow.nodes
    .map((node) => node.id)
    .filter((target) =>
      loops.every(({ members, head }) => !members.has(target) || head === target || members.has(primary.id)),
    )
  flow.nodes.splice(draw.int(0, flow.nodes.length), 0, { id, uses: id })
  flow.programs.set(id, [[draw.chance(30) ? failing() : plainAttempt()]])
  if (targets.length === 0 || !draw.chance(40)) return id
  const before = shapeOf(flow)
  flow.edges.push({ source: id, target: draw.pick(targets) })
  if (hasCycle(flow) || changesLoops(flow, before)) flow.edges.pop()
  return id
}

function addKey(draw: Draw, flow: FlowDraft): string {
  const key = `key${draw.int(1, 2)}`
  if (!flow.programs.has(key)) flow.programs.set(key, [[draw.chance(30) ? failing() : plainAttempt()]])
  return key
}

function failing(): ReturnType<typeof plainAttempt> {
  return { ...plainAttempt(), ending: { kind: 'throw', error: 'error' } }
}

/** A fallback matters most when its primary fails. */
function makeFail(draw: Draw, flow: FlowDraft, primary: NodeDefinition): void {
  if (!draw.chance(70)) return
  for (const turn of flow.programs.get(primary.uses)!) for (const attempt of turn) attempt.ending = failing().ending
}

/** Whether an edge has changed what loops consist of, or leads back. */
function changesLoops(flow: FlowDraft, before: Shape): boolean {
  const shape = shapeOf(flow)
  return portraitOf(shape) !== portraitOf(before) || shape.backEdges.size !== before.backEdges.size
}

/** A fallback stands where all of its primaries stand, and changes no loop. */
function isUnfit(flow: FlowDraft, primary: NodeDefinition, before: Shape): boolean {
  const { fallback } = primary.config ?? {}
  if (hasCycle(flow)) return true
  if (fallback === undefined || !flow.nodes.some(({ id }) => id === fallback)) return false
  const loopsIn = (shape: Shape, id: string): string =>
    loopsAround(shape, id)
      .map(({ head }) => head)
      .join()
  const shape = shapeOf(flow)
  const primaries = flow.nodes.filter(({ config }) => config?.fallback === fallback)
  if (primaries.some(({ id }) => loopsIn(before, id) !== loopsIn(before, primary.id))) return true
  const hasPlace = flow.edges.some(({ target }) => target === fallback)
  if (hasPlace && loopsIn(before, fallback) !== loopsIn(before, primary.id)) return true
  return (
    loopsIn(shape, fallback) !== loopsIn(shape, primary.id) ||
    portraitOf(shape, fallback) !== portraitOf(before, fallback)
  )
}

/** What loops consist of, but for the fallback that joins them. */
function portraitOf({ loops }: Shape, except?: string): string {
  return JSON.stringify(loops.map(({ head, members }) => [head, ...[...members].filter((id) => id !== except).sort()]))
}

function hasCycle(flow: FlowDraft): boolean {
  const { nodes, edges, backEdges } = shapeOf(flow)
  const ids = new Set(nodes.map((node) => node.id))
  const standIns = nodes.flatMap(({ id, config }) =>
    config?.fallback !== undefined && ids.has(config.fallback) ? [{ source: id, target: config.fallback }] : [],
  )
  const forward = edges.filter((_, index) => !backEdges.has(index))
  return checkForCycles({ id: 'random', nodes: [...nodes], edges: [...forward, ...standIns] }).length > 0
}
