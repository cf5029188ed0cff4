import type { EdgeDefinition, NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import { backEdgesOf, reachableFrom } from '../referee/graph.ts'
import { isNested, loopController, loopsAround, shapeOf, type Shape } from '../referee/shape.ts'
import type { Draw } from './draw.ts'
import { hasProgram, plainAttempt, type FlowDraft, type LoopScope, type Piece } from './draft.ts'

/** Whether each controller is entered itself, or else its start node. */
type Ways = Map<string, 'itself' | 'start'>

/** Loops of every kind, also within each other: with a controller, entered at either end, and mere cycles. */
export const loops: Piece = (draw, flow) => {
  const count = draw.pick([0, 1, 0, 2, 1, 3])
  const ways: Ways = new Map()
  for (let nth = 0; nth < count; nth += 1) {
    if (draw.chance(65)) unlessUnfit(flow, ways, true, () => addLoop(draw, flow, `l${nth}`, ways))
    else unlessUnfit(flow, ways, false, () => addCycle(draw, flow))
  }
  if (flow.edges.some((edge) => isOfLoop(flow, edge))) flow.maxIterations = 150
}

/** Whether an edge leads to or from a controller, or back. */
export function isOfLoop({ nodes }: FlowDraft, { source, target, action, condition }: EdgeDefinition): boolean {
  if (action === 'again' || condition === again) return true
  return nodes.some(({ id, uses }) => uses === loopController && (id === source || id === target))
}

/** The condition of an edge that leads back. */
const again = 'result.action == "again"'

/** Puts a loop in the place of a node, or behind it. */
function addLoop(draw: Draw, flow: FlowDraft, id: string, ways: Ways): void {
  const place = draw.pick(flow.nodes)
  if (!hasProgram(flow, place) || flow.drivers.get(place.uses)?.some((drive) => 'action' in drive)) return
  const heads = new Set(shapeOf(flow).loops.map(({ head }) => head))
  const stays = heads.has(place.id) || flow.drivers.has(place.uses)
  const isBehind = stays || !flow.edges.some(({ target }) => target === place.id) || draw.chance(20)
  const isByController = draw.chance(50)
  ways.set(id, isByController ? 'itself' : 'start')
  const body = Array.from({ length: draw.pick([1, 2, 3, 4]) }, (_, nth) => `${id}${'abcd'[nth]}`)
  const [start, end] = [body[0]!, body.at(-1)!]

  for (const edge of flow.edges) {
    if (edge.source === place.id) leave(draw, flow, edge, id, body)
    if (edge.target === place.id && !isBehind) edge.target = isByController ? id : start
  }
  const nodes = [...body, id].map((node): NodeDefinition => ({ id: node, uses: node }))
  Object.assign(nodes.at(-1)!, {
    uses: loopController,
    params: { condition: conditionFor(draw, flow, start) },
    config: { joinStrategy: 'any' },
  })
  if (draw.chance(30)) nodes.reverse()
  flow.nodes.splice(flow.nodes.indexOf(place), isBehind ? 0 : 1, ...nodes)
  if (!isBehind) flow.programs.delete(place.uses)
  for (const node of body) flow.programs.set(node, turnsOf(draw))
  flow.drivers.set(
    start,
    drawTurns(draw).map((output) => ({ output })),
  )

  if (isBehind) flow.edges.push({ source: place.id, target: isByController ? id : start })
  for (const [nth, target] of body.entries()) {
    const count = nth === 0 ? 0 : draw.pick([1, 1, 2])
    for (let more = 0; more < count; more += 1) flow.edges.push({ source: body[draw.int(0, nth - 1)]!, target })
  }
  flow.edges.push({ source: end, target: id }, { source: id, target: start, action: 'continue' })
  if (!isByController && draw.chance(40)) feed(draw, flow, id, body)
}

/** What came after the place comes after the loop, or after a node of it. */
function leave(draw: Draw, { nodes }: FlowDraft, edge: EdgeDefinition, id: string, body: readonly string[]): void {
  const isEnd = nodes.some((node) => node.id === edge.target && node.uses === loopController)
  if (!isEnd && draw.chance(30)) edge.source = draw.pick(body)
  else {
    edge.source = id
    edge.action = 'break'
  }
}

/** An edge from outside into the body: from a node before the loop, or in the same turn of the loop around it. */
function feed(draw: Draw, flow: FlowDraft, id: string, body: readonly string[]): void {
  const target = draw.pick(body)
  const shape = shapeOf(flow)
  const forward = { edges: shape.edges.filter((_, index) => !shape.backEdges.has(index)) }
  const [behind, everBehind] = [reachableFrom(forward, target), reachableFrom(shape, target)]
  const around = loopsAround(shape, id).at(-2)?.members
  const before = flow.nodes.filter((node) => {
    const isBefore = !everBehind.has(node.id) || (!behind.has(node.id) && around?.has(node.id) === true)
    return isBefore && hasProgram(flow, node) && !body.includes(node.id)
  })
  if (before.length > 0) flow.edges.push({ source: draw.pick(before).id, target })
}

/** An edge from a node to one before it, or to itself. */
function addCycle(draw: Draw, flow: FlowDraft): void {
  const head = draw.pick(flow.nodes)
  const { edges, backEdges, loops: known } = shapeOf(flow)
  const behind = reachableFrom({ edges: edges.filter((_, index) => !backEdges.has(index)) }, head.id)
  const tail = draw.pick(flow.nodes.filter(({ id }) => behind.has(id)))
  if (!hasProgram(flow, head) || !hasProgram(flow, tail) || flow.drivers.has(tail.uses)) return
  if (known.some((loop) => loop.head === head.id)) return
  const edge = { source: tail.id, target: head.id, ...(draw.chance(30) ? { condition: again } : { action: 'again' }) }
  flow.edges.push(edge)
  const turns = drawTurns(draw)
  flow.drivers.set(
    tail.uses,
    turns.map((turn) => ({ action: turn === 'done' ? undefined : turn })),
  )
  for (const { id } of flow.nodes) if (draw.chance(40) && flow.programs.has(id)) flow.programs.set(id, turnsOf(draw))
}

/** Takes a change back where loops would not stay within each other. */
function unlessUnfit(flow: FlowDraft, ways: Ways, grows: boolean, change: () => void): void {
  const nodes = [...flow.nodes]
  const edges = flow.edges.map((edge) => ({ ...edge }))
  const drivers = new Map(flow.drivers)
  const before = sizesOf(flow)
  change()
  const shape = shapeOf(flow)
  const reached = new Set(shape.startNodes.flatMap((id) => [...reachableFrom(shape, id)]))
  const after = sizesOf(flow)
  const isSame = before.every(([head, size]) =>
    after.some((other) => other[0] === head && (grows || other[1] === size)),
  )
  const isMeant = shape.loops.every(({ controller, head, members }) => {
    if (controller === undefined) return true
    const goesOut = flow.edges.every(({ source, target, action }) => {
      return source !== controller || action !== 'break' || !members.has(target)
    })
    return goesOut && ways.get(controller) === (controller === head ? 'itself' : 'start')
  })
  if (isSame && isMeant && !isKnotted(shape) && isNested(shape) && flow.nodes.every(({ id }) => reached.has(id))) return
  flow.nodes.splice(0, Infinity, ...nodes)
  flow.edges.splice(0, Infinity, ...edges)
  flow.drivers.clear()
  for (const [key, given] of drivers) flow.drivers.set(key, given)
  for (const { id } of nodes) if (!flow.programs.has(id)) flow.programs.set(id, [[plainAttempt()]])
}

/** Whether two loops that lie beside each other wait for each other. */
function isKnotted(shape: Shape): boolean {
  const pathOf = (id: string): string[] => [...loopsAround(shape, id).map(({ head }) => `in ${head}`), id]
  const steps = shape.edges.flatMap(({ source, target }, index) => {
    const [from, to] = [pathOf(source), pathOf(target)]
    const depth = from.findIndex((part, nth) => part !== to[nth])
    return depth < 0 || shape.backEdges.has(index) ? [] : [{ source: from[depth]!, target: to[depth]! }]
  })
  const starts = [...new Set(steps.map(({ source }) => source))]
  return backEdgesOf(steps, starts).length > 0
}

function sizesOf(flow: FlowDraft): [string, number][] {
  return shapeOf(flow).loops.map(({ head, members }) => [head, members.size])
}

function turnsOf(draw: Draw): ReturnType<typeof plainAttempt>[][] {
  return Array.from({ length: draw.pick([1, 2, 3]) }, () => [plainAttempt()])
}

/** Whether there is another turn, by iteration; the last one is the end, whatever happens. */
function drawTurns(draw: Draw): string[] {
  return [...Array.from({ length: draw.pick([1, 2, 0, 4]) }, () => (draw.chance(75) ? 'again' : 'done')), 'done']
}

function conditionFor(draw: Draw, { loopConditions }: FlowDraft, start: string): string {
  const output = `_outputs.${start}`
  const [text, meaning] = draw.pick<[string, (scope: LoopScope) => boolean]>([
    [`context["${output}"] === "again"`, ({ read }) => read(output) === 'again'],
    [`context["${output}"] !== "done"`, ({ read }) => read(output) !== 'done'],
    [`context.${start} === "again"`, ({ read }) => read(start) === 'again'],
    [
      `context["${output}"] === "again" && (typeof input != "number" || input > 0)`,
      ({ input, read }) => read(output) === 'again' && (typeof input !== 'number' || input > 0),
    ],
    [
      `context["${output}"] === "again" || "key" in 5`,
      ({ read }) => {
        if (read(output) === 'again') return true
        throw new TypeError('fails by itself')
      },
    ],
  ])
  loopConditions.set(text, meaning)
  return text
}
