import type { EdgeDefinition, NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import { backEdgesOf, reachableFrom, reaching } from './graph.ts'

/** What a blueprint is to the rules: which edges lead back, and what the loops are. */
export interface Shape {
  readonly nodes: readonly NodeDefinition[]
  readonly edges: readonly EdgeDefinition[]
  readonly backEdges: ReadonlySet<number>
  /** Outer ones first. */
  readonly loops: readonly Loop[]
  readonly startNodes: readonly string[]
}

/** The loop of all back edges to one head. */
export interface Loop {
  readonly head: string
  readonly members: ReadonlySet<string>
  readonly backEdges: readonly number[]
  readonly controller: string | undefined
  /** From where it goes to the head again, or to the controller. */
  readonly ends: readonly string[]
}

/** What a blueprint may consist of. */
export interface Parts {
  readonly nodes: readonly NodeDefinition[]
  readonly edges: readonly EdgeDefinition[]
  readonly metadata?: { readonly cycleEntryPoints?: readonly string[] | undefined } | undefined
}

/** The key of the node that decides about another turn. */
export const loopController = 'loop-controller'

type Numbered = EdgeDefinition & { readonly index: number }

/** From a node to one that may come after it. */
interface Step {
  readonly source: string
  readonly target: string
}

/** Reads the shape off a blueprint, in the plainest way. */
export function shapeOf({ nodes, edges, metadata }: Parts): Shape {
  const numbered = edges.map((edge, index): Numbered => ({ ...edge, index }))
  const standIns = nodes.flatMap(({ id, config }) => {
    const fallback = nodes.find((node) => node.id === config?.fallback)?.id
    if (fallback === undefined) return []
    // Of a chain of fallbacks, each goes on where the first of its primaries does.
    const primaries = new Set([id])
    for (const primary of primaries) {
      for (const node of nodes) if (node.config?.fallback === primary) primaries.add(node.id)
    }
    const onwards = edges
      .filter((edge) => primaries.has(edge.source))
      .map(({ target }) => ({ source: fallback, target }))
    return [{ source: id, target: fallback }, ...onwards]
  })
  const standsIn = new Set(nodes.map(({ config }) => config?.fallback))
  const hasEntry = new Set(edges.map((edge) => edge.target))
  const first = nodes.map((node) => node.id).filter((id) => !hasEntry.has(id) && !standsIn.has(id))
  const startNodes = first.length > 0 ? first : (metadata?.cycleEntryPoints ?? [])

  const controllers = nodes.filter(({ uses }) => uses === loopController).map(({ id }) => id)
  const fixed = controllers.flatMap(backEdgesOfController)
  const others = numbered.filter(({ index }) => !fixed.some((edge) => edge.index === index))
  const inOrder: (Step | Numbered)[] = [...others, ...standIns.filter(({ target }) => standsIn.has(target))]
  const searched = backEdgesOf(inOrder, startNodes).flatMap((edge): Numbered[] => ('index' in edge ? [edge] : []))
  const backEdges = new Set([...fixed, ...searched].map(({ index }) => index))
  const isBackPair = new Set([...backEdges].map((index) => pairOf(edges[index]!)))
  const forward = {
    edges: [
      ...numbered.filter(({ index }) => !backEdges.has(index)),
      ...standIns.filter((edge) => !isBackPair.has(pairOf(edge)) && !leadsBack(edge)),
    ],
  }
  const heads = new Set([...backEdges].map((index) => edges[index]!.target))
  const loops = [...heads].map((head) => loopOf(head))
  return { nodes, edges, backEdges, loops: loops.sort((a, b) => b.members.size - a.members.size), startNodes }

  /** Where a stand-in's primary goes back to, so does the stand-in. */
  function leadsBack({ source, target }: Step): boolean {
    return [...backEdges].some((index) => {
      const { source: primary, target: head } = edges[index]!
      return head === target && nodes.some(({ id, config }) => id === primary && config?.fallback === source)
    })
  }

  function backEdgesOfController(id: string): Numbered[] {
    const onwards = numbered.filter((edge) => edge.source === id && edge.action === 'continue')
    const start = onwards[0]?.target
    if (start === undefined) return []
    const continued = numbered.filter(({ source, action }) => action === 'continue' && controllers.includes(source))
    // Past another controller it may go round an outer loop, and so come to what leads into this one.
    const near = reachableFrom({ edges: numbered.filter((edge) => !continued.includes(edge)) }, start, id)
    const far = reachableFrom({ edges: numbered }, start, id)
    const entering = numbered.filter((edge) => edge.target === id)
    const inside = entering.some(({ source }) => near.has(source)) ? near : far
    const fromEnds = entering.filter(({ source }) => inside.has(source))
    return fromEnds.length < entering.length ? fromEnds : onwards
  }

  function loopOf(head: string): Loop {
    const back = [...backEdges].filter((index) => edges[index]!.target === head)
    const members = new Set([head])
    let controller: string | undefined
    for (const index of back) {
      const tail = edges[index]!.source
      const behind = reachableFrom(forward, head)
      for (const id of reaching(forward, tail)) if (behind.has(id)) members.add(id)
      members.add(tail)
      const owner = ownerOf(index)
      const start = numbered.find((edge) => edge.source === owner && edge.action === 'continue')?.target
      if (owner === undefined || start === undefined) continue
      controller = owner
      const exits = forward.edges.filter(({ source, target }) => source === controller && target !== start)
      const outside = new Set(exits.flatMap(({ target }) => [...reachableFrom(forward, target)]))
      const turn = reachableFrom(forward, start, controller)
      const isAround = (target: string): boolean => !turn.has(target) && target !== owner
      const endsAround = [...backEdges].map((other) => edges[other]!).filter(({ target }) => isAround(target))
      // What leads to the end of a loop around this one is a way out.
      const around = new Set(endsAround.flatMap(({ source }) => [...reaching(forward, source)]))
      for (const id of turn) if (!outside.has(id) && !around.has(id)) members.add(id)
    }
    for (const { id } of nodes) {
      const primaries = nodes.filter(({ config }) => config?.fallback === id)
      if (!hasEntry.has(id) && primaries.length > 0 && primaries.every((node) => members.has(node.id))) members.add(id)
    }
    const ends =
      controller === undefined
        ? back.map((index) => edges[index]!.source)
        : edges.filter(({ source, target }) => target === controller && members.has(source)).map(({ source }) => source)
    return { head, members, backEdges: back, controller, ends: [...new Set(ends)] }
  }

  /** The controller that has a back edge by being one. */
  function ownerOf(index: number): string | undefined {
    return controllers.find((id) => backEdgesOfController(id).some((edge) => edge.index === index))
  }
}

/** The nodes from which one of these can be reached; of a loop all or none. */
export function neededFor({ nodes, edges, loops }: Shape, targets: readonly string[]): Set<string> {
  const needed = new Set(targets)
  for (let size = -1; size !== needed.size;) {
    size = needed.size
    for (const { source, target } of edges) if (needed.has(target)) needed.add(source)
    for (const { id, config } of nodes) {
      if (config?.fallback === undefined || !nodes.some((node) => node.id === config.fallback)) continue
      if (needed.has(id)) needed.add(config.fallback)
      if (needed.has(config.fallback)) needed.add(id)
    }
    for (const { members } of loops)
      if ([...members].some((id) => needed.has(id))) for (const id of members) needed.add(id)
  }
  return needed
}

/** The loops that a node is in, outer ones first. */
export function loopsAround({ loops }: Shape, id: string): Loop[] {
  return loops.filter(({ members }) => members.has(id))
}

/** The loops that an edge leaves, outer ones first. */
export function loopsLeft({ loops, edges }: Shape, index: number): Loop[] {
  const { source, target } = edges[index]!
  return loops.filter(({ members }) => members.has(source) && !members.has(target))
}

/** Whether of any two loops one lies within the other, or they have nothing in common. */
export function isNested({ loops }: Shape): boolean {
  return loops.every((one, nth) =>
    loops.slice(nth + 1).every(({ members }) => {
      const common = [...members].filter((id) => one.members.has(id)).length
      return common === 0 || (common === members.size && common < one.members.size)
    }),
  )
}

function pairOf({ source, target }: Step): string {
  return `${source} → ${target}`
}
