import { closingLinks, reach, type Link } from './graph.ts'

/** A loop of a plan: what runs again and again until no edge leads back any more. Nodes, edges and loops are indices. */
export interface PlanLoop {
  readonly index: number
  /** Where each turn begins. */
  readonly head: number
  /** In blueprint order; the head and the nodes of inner loops included. */
  readonly nodes: readonly number[]
  /** The edges that lead back to the head. */
  readonly backEdges: readonly number[]
  /** Edges between two of its nodes, those that lead back included. */
  readonly innerEdges: readonly number[]
  /** Edges that leave this loop and no loop around it. */
  readonly exits: readonly number[]
  /** Loops inside this one. */
  readonly innerLoops: readonly number[]
}

/** A loop controller, as far as loops are concerned. */
export interface Controller {
  readonly node: number
  /** Its `continue` edge. */
  readonly continueEdge: number
}

/** A graph in which loops are to be found. */
export interface LoopGraph {
  readonly nodeCount: number
  readonly edges: readonly Link[]
  readonly controllers: readonly Controller[]
  /** From a node to the one that stands in for it. */
  readonly standIns: readonly Link[]
  /** Where a run begins. */
  readonly startNodes: readonly number[]
}

/** What {@link findLoops} finds. */
export interface FoundLoops {
  /** Inner loops before the loops around them. */
  readonly loops: readonly PlanLoop[]
  /** For each node: the loops that it is in, the outermost first. */
  readonly loopsOf: readonly (readonly number[])[]
  /** The stand-ins that their own primaries wait for. */
  readonly badStandIns: readonly Link[]
}

/** The loops of a graph. Linear in nodes and edges, and in the sizes of the loops. */
export function findLoops(graph: LoopGraph): FoundLoops {
  const { nodeCount, edges, standIns, startNodes } = graph
  const backEdges = new Set(driverEdges(graph))
  const forward = edges.flatMap((edge, index) => (backEdges.has(index) ? [] : [{ ...edge, index }]))
  const links: (Link & { index?: number })[] = [...forward, ...standIns]
  const everywhere = [...startNodes, ...Array.from({ length: nodeCount }, (_, node) => node)]
  const badStandIns: Link[] = []
  for (const link of closingLinks(nodeCount, links, everywhere)) {
    const { index } = links[link]!
    if (index === undefined) badStandIns.push(links[link]!)
    else backEdges.add(index)
  }
  if (backEdges.size === 0) return { loops: [], loopsOf: Array.from({ length: nodeCount }, () => none), badStandIns }
  return { ...collect(graph, backEdges), badStandIns }
}

const none: readonly number[] = []

/**
 * What leads back by controllers. With an edge from outside into a controller, or when the run begins there, that is what
 * enters it from inside; else its `continue` edge.
 */
function driverEdges(graph: LoopGraph): number[] {
  const { nodeCount, edges, controllers, startNodes } = graph
  if (controllers.length === 0) return []
  const entering = edgesInto(nodeCount, edges)
  const everywhere = targetsOf(graph, () => true)
  const continues = new Set(controllers.map((controller) => controller.continueEdge))
  const onward = targetsOf(graph, (edge) => !continues.has(edge))
  return controllers.flatMap(({ node, continueEdge }) => {
    const first = edges[continueEdge]!.target
    const isElsewhere = (other: number): boolean => other !== node
    const body = reach([first], onward, isElsewhere)
    let beyond: Set<number> | undefined
    let apartNodes: Set<number> | undefined
    const isApart = (other: number): boolean => {
      apartNodes ??= reach(startNodes, everywhere, (next) => next !== node && next !== first)
      return apartNodes.has(other)
    }
    const comesRound = (edge: number): boolean => {
      beyond ??= reach([first], everywhere, isElsewhere)
      return beyond.has(edges[edge]!.source)
    }
    const isInside = (edge: number): boolean => {
      const { source } = edges[edge]!
      // What comes round by another loop's `continue` is from inside, if nothing but this loop leads to it.
      return body.has(source) || (comesRound(edge) && !isApart(source))
    }
    let inside = entering[node]!.filter(isInside)
    // A loop has an end, whatever else leads there.
    if (inside.length === 0) inside = entering[node]!.filter(comesRound)
    if (inside.length < entering[node]!.length || startNodes.includes(node)) return inside
    const isEntered = entering[first]!.length > 1 || startNodes.includes(first)
    // Nothing else leads to the body: what leads there from before the loop and comes round again is from outside.
    if (!isEntered) return inside.filter((edge) => !isApart(edges[edge]!.source))
    return inside.length > 0 ? [continueEdge] : []
  })
}

function edgesInto(nodeCount: number, edges: readonly Link[]): number[][] {
  const into: number[][] = Array.from({ length: nodeCount }, () => [])
  for (const [index, { target }] of edges.entries()) into[target]!.push(index)
  return into
}

function targetsOf({ nodeCount, edges, standIns }: LoopGraph, counts: (edge: number) => boolean): number[][] {
  const next: number[][] = Array.from({ length: nodeCount }, () => [])
  for (const [index, { source, target }] of edges.entries()) if (counts(index)) next[source]!.push(target)
  for (const { source, target } of standIns) next[source]!.push(target)
  return next
}

interface Body {
  readonly head: number
  readonly nodes: Set<number>
  readonly backEdges: readonly number[]
}

function collect(graph: LoopGraph, backEdges: ReadonlySet<number>): Omit<FoundLoops, 'badStandIns'> {
  const { nodeCount, edges } = graph
  const bodies = bodiesOf(graph, backEdges)
  const loopsOf: number[][] = Array.from({ length: nodeCount }, () => [])
  // From the outermost to the innermost.
  for (let index = bodies.length - 1; index >= 0; index -= 1) {
    for (const node of bodies[index]!.nodes) loopsOf[node]!.push(index)
  }
  const innerEdges: number[][] = bodies.map(() => [])
  const exits: number[][] = bodies.map(() => [])
  for (const [index, { source, target }] of edges.entries()) {
    const [outermost] = loopsOf[source]!.filter((loop) => !bodies[loop]!.nodes.has(target))
    if (outermost !== undefined) exits[outermost]!.push(index)
    for (const loop of loopsOf[source]!) if (bodies[loop]!.nodes.has(target)) innerEdges[loop]!.push(index)
  }
  const innerLoops: number[][] = bodies.map(() => [])
  for (const [index, { head }] of bodies.entries()) {
    for (const loop of loopsOf[head]!) {
      if (loop > index) innerLoops[loop]!.push(index)
    }
  }
  const loops = bodies.map(({ head, nodes, backEdges: back }, index): PlanLoop => {
    const inOrder = [...nodes].sort((a, b) => a - b)
    return {
      index,
      head,
      nodes: inOrder,
      backEdges: back,
      innerEdges: innerEdges[index]!,
      exits: exits[index]!,
      innerLoops: innerLoops[index]!,
    }
  })
  return { loops, loopsOf }
}

/** Back edges to one head are one loop. The smallest comes first, so that loops come after the loops inside them. */
function bodiesOf(graph: LoopGraph, backEdges: ReadonlySet<number>): Body[] {
  const { edges, controllers } = graph
  const next = placed(graph, backEdges)
  const previous: number[][] = next.map(() => [])
  for (const [source, targets] of next.entries()) for (const target of targets) previous[target]!.push(source)
  const byHead = new Map<number, number[]>()
  for (const index of [...backEdges].sort((a, b) => a - b)) {
    const { target } = edges[index]!
    const others = byHead.get(target)
    if (others) others.push(index)
    else byHead.set(target, [index])
  }
  const standInOf = new Map(graph.standIns.map(({ source, target }) => [source, target]))
  const drivers = new Map<number, Controller[]>()
  for (const controller of controllers) {
    const head = backEdges.has(controller.continueEdge) ? edges[controller.continueEdge]!.target : controller.node
    drivers.set(head, [...(drivers.get(head) ?? []), controller])
  }
  const bodies = [...byHead].map(([head, back]): Body => {
    const tails = back.map((index) => edges[index]!.source)
    const leadsBack = reach(tails, previous, (node) => node !== head)
    const nodes = reach([head], next, (node) => node === head || leadsBack.has(node))
    for (const tail of tails) nodes.add(tail)
    // A set that grows while it is walked through is walked to its end.
    for (const node of nodes) if (standInOf.has(node)) nodes.add(standInOf.get(node)!)
    for (const controller of drivers.get(head) ?? []) {
      for (const node of sideBranches(controller, nodes, graph, { next, previous, backEdges })) nodes.add(node)
    }
    return { head, nodes, backEdges: back }
  })
  bodies.sort((a, b) => a.nodes.size - b.nodes.size || a.head - b.head)
  // What belongs to an inner loop belongs to the loops around it.
  for (const [index, inner] of bodies.entries()) {
    for (const outer of bodies.slice(index + 1)) {
      if (outer.nodes.has(inner.head)) for (const node of inner.nodes) outer.nodes.add(node)
    }
  }
  return bodies
}

/** Nodes that a turn reaches, that what comes after the loop does not, and that do not end a turn of a loop around it. */
function sideBranches(
  { node, continueEdge }: Controller,
  known: ReadonlySet<number>,
  { edges }: LoopGraph,
  { next, previous, backEdges }: Paths,
): readonly number[] {
  const first = edges[continueEdge]!.target
  const turn = reach([first], next, (other) => other !== node)
  const sides = new Set([...turn].filter((other) => !known.has(other)))
  if (sides.size === 0) return []
  const after = reach(
    next[node]!.filter((target) => target !== first),
    next,
  )
  const outerTails = [...backEdges].flatMap((edge) => {
    const { source, target } = edges[edge]!
    return turn.has(target) || target === node ? [] : [source]
  })
  const around = reach(outerTails, previous, (other) => sides.has(other))
  return [...sides].filter((other) => !after.has(other) && !around.has(other))
}

/** The ways through a graph, edges that lead back left out. */
interface Paths {
  readonly next: readonly (readonly number[])[]
  readonly previous: readonly (readonly number[])[]
  readonly backEdges: ReadonlySet<number>
}

/** The graph without back edges, in which a stand-in leads wherever its primaries lead. */
function placed({ nodeCount, edges, standIns }: LoopGraph, backEdges: ReadonlySet<number>): number[][] {
  const next: number[][] = Array.from({ length: nodeCount }, () => [])
  for (const [index, { source, target }] of edges.entries()) if (!backEdges.has(index)) next[source]!.push(target)
  const standInOf = new Map(standIns.map(({ source, target }) => [source, target]))
  const own = next.map((targets) => [...targets])
  for (const { source, target } of standIns) {
    next[source]!.push(target)
    const seen = new Set<number>()
    for (let node: number | undefined = target; node !== undefined && !seen.has(node); node = standInOf.get(node)) {
      seen.add(node)
      next[node]!.push(...own[source]!)
    }
  }
  return next
}
