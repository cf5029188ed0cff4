import type { NodeStatus } from '../state/run-state.ts'
import { print } from './chart.ts'
import type { Chart, ChartEdge, ChartNode } from './chart.ts'
import { byImportance, type Weight } from './importance.ts'
import { defaultLimits, idAllocator } from './mermaid-text.ts'
import type { MermaidLimits } from './mermaid-text.ts'

const firstTry = 400
const maxGroups = 40

/**
 * The text of `chart` within `limits`. A chart that is too large keeps as many nodes as it can, failed ones first; the
 * others are drawn as groups that say how many they are. `complete` adds what a chart is to have besides, such as a
 * legend; that is left out where there is no room for it.
 */
export function printWithin(chart: Chart, limits: MermaidLimits, complete = (drawn: Chart): Chart => drawn): string {
  const { maxEdges = defaultLimits.maxEdges, maxTextSize = defaultLimits.maxTextSize } = limits
  const fitting = (candidate: Chart): string | undefined => {
    const completed = complete(candidate)
    if (completed.edges.length > maxEdges) return undefined
    const text = print(completed)
    return text.length > maxTextSize ? undefined : text
  }
  const whole = fitting(chart)
  if (whole !== undefined) return whole
  const nodes = byImportance(chart.nodes, weightOf)
  for (let size = Math.min(firstTry, nodes.length - 1); size > 0; size = Math.floor(size * 0.75)) {
    const text = fitting(collapse(chart, new Set(nodes.slice(0, size))))
    if (text !== undefined) return text
  }
  const least = collapse(chart, new Set())
  return fitting(least) ?? print(least)
}

function weightOf({ status, isNotable }: ChartNode): Weight {
  return status === 'failed' ? 2 : isNotable === true ? 1 : 0
}

/** `chart` with the nodes in `kept` as they are, and the others in groups. */
function collapse(chart: Chart, kept: ReadonlySet<ChartNode>): Chart {
  const groups = groupsOf(chart, kept)
  const groupOf = new Map(groups.flatMap((group) => group.map((node) => [node, group] as const)))
  const edgesInside = new Map<readonly ChartNode[], number>()
  for (const { source, target } of chart.edges) {
    const group = groupOf.get(source)
    if (group !== undefined && group === groupOf.get(target)) edgesInside.set(group, (edgesInside.get(group) ?? 0) + 1)
  }
  const allocate = idAllocator(chart.nodes.map(({ id }) => id))
  const drawn = new Map<ChartNode, ChartNode>()
  const summaries = groups.map((group) => {
    const summary = groupNode(allocate('omitted'), group, edgesInside.get(group) ?? 0)
    for (const node of group) drawn.set(node, summary)
    return summary
  })
  return {
    ...chart,
    nodes: [...chart.nodes.filter((node) => kept.has(node)), ...summaries],
    edges: mergeEdges(chart.edges, drawn),
    groups: chart.groups
      .map((group) => ({ ...group, members: group.members.filter((node) => kept.has(node)) }))
      .filter(({ members }) => members.length > 1),
  }
}

/** `edges` between the nodes that are `drawn` in place of theirs: one for all that join the same group and node. */
function mergeEdges(edges: readonly ChartEdge[], drawn: ReadonlyMap<ChartNode, ChartNode>): readonly ChartEdge[] {
  const bundles = new Map<string | ChartEdge, ChartEdge[]>()
  for (const edge of edges) {
    const source = drawn.get(edge.source) ?? edge.source
    const target = drawn.get(edge.target) ?? edge.target
    const isBetweenKept = source === edge.source && target === edge.target
    if (source === target && !isBetweenKept) continue
    const key = isBetweenKept ? edge : `${source.id} ${target.id}`
    const bundle = bundles.get(key)
    if (bundle === undefined) bundles.set(key, [{ ...edge, source, target }])
    else bundle.push({ ...edge, source, target })
  }
  return [...bundles.values()].flatMap((bundle) => {
    if (bundle.length === 1) return bundle
    const isDotted = bundle.every((edge) => edge.isDotted)
    const isTaken = bundle.some((edge) => edge.isTaken)
    return bundle.slice(0, 1).map((edge) => ({ ...edge, label: `${bundle.length} edges`, isDotted, isTaken }))
  })
}

/**
 * The nodes that are not kept: those of all connected stretches with the same kept neighbours are a group, so that a
 * wide fan is one, and the last of {@link maxGroups} groups has whatever is left.
 */
function groupsOf(chart: Chart, kept: ReadonlySet<ChartNode>): readonly (readonly ChartNode[])[] {
  const stretchOf = stretches(chart, kept)
  const neighbours = new Map<ChartNode, Set<string>>()
  for (const { source, target } of chart.edges) {
    if (kept.has(source) === kept.has(target)) continue
    const stretch = stretchOf(kept.has(source) ? target : source)
    const side = kept.has(source) ? `${source.id} >` : `> ${target.id}`
    neighbours.set(stretch, (neighbours.get(stretch) ?? new Set()).add(side))
  }
  const keys = new Map([...neighbours].map(([stretch, sides]) => [stretch, [...sides].toSorted().join()]))
  const groups = new Map<string, ChartNode[]>()
  for (const node of chart.nodes) {
    if (kept.has(node)) continue
    const key = keys.get(stretchOf(node)) ?? ''
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [node])
    else group.push(node)
  }
  const bySize = [...groups.values()].toSorted((a, b) => b.length - a.length)
  if (bySize.length <= maxGroups) return bySize
  return [...bySize.slice(0, maxGroups - 1), bySize.slice(maxGroups - 1).flat()]
}

/** Tells for a node that is not kept a node that stands for its whole stretch (union–find with path halving). */
function stretches(chart: Chart, kept: ReadonlySet<ChartNode>): (node: ChartNode) => ChartNode {
  const parents = new Map<ChartNode, ChartNode>()
  const find = (node: ChartNode): ChartNode => {
    let at = node
    for (let parent = parents.get(at); parent !== undefined; parent = parents.get(at)) {
      const grandparent = parents.get(parent)
      if (grandparent !== undefined) parents.set(at, grandparent)
      at = parent
    }
    return at
  }
  for (const { source, target } of chart.edges) {
    if (kept.has(source) || kept.has(target)) continue
    const [from, to] = [find(source), find(target)]
    if (from !== to) parents.set(to, from)
  }
  return find
}

const statuses: readonly NodeStatus[] = ['failed', 'running', 'waiting', 'cancelled', 'completed', 'skipped', 'pending']

function groupNode(id: string, group: readonly ChartNode[], edgesInside: number): ChartNode {
  const size = `… ${counted(group.length, 'node')}${edgesInside > 0 ? `, ${counted(edgesInside, 'edge')}` : ''} …`
  const counts = new Map<NodeStatus, number>()
  for (const { status } of group) if (status !== undefined) counts.set(status, (counts.get(status) ?? 0) + 1)
  const parts = statuses.filter((status) => counts.has(status)).map((status) => `${counts.get(status)} ${status}`)
  return { id, label: parts.length === 0 ? size : `${size}<br/>${parts.join(', ')}`, style: 'stroke-dasharray:1 6' }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
