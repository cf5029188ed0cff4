import type { NodeStatus } from '../state/run-state.ts'

/** A flowchart before it is text. */
export interface Chart {
  readonly nodes: readonly ChartNode[]
  readonly edges: readonly ChartEdge[]
  /** Drawn as frames. No node is in two of them. */
  readonly groups: readonly ChartGroup[]
  /** What there is to say about the whole, as a node without edges. */
  readonly note?: ChartNode | undefined
  /** Statements between the edges and the styles. */
  readonly definitions: readonly string[]
}

/** The outline of a node. */
export type Shape = keyof typeof brackets

/** A node of a flowchart; `id` and `label` are safe for Mermaid. */
export interface ChartNode {
  readonly id: string
  readonly label: string
  /** Default `'box'`. */
  readonly shape?: Shape | undefined
  /** Absent in a drawing of a blueprint alone. */
  readonly status?: NodeStatus | undefined
  /** Whether a drawing that cannot show all nodes should show this one before others. */
  readonly isNotable?: boolean
  readonly style?: string | undefined
}

/** An edge between two nodes of the same chart; `label` is safe for Mermaid. */
export interface ChartEdge {
  readonly source: ChartNode
  readonly target: ChartNode
  readonly label: string | undefined
  readonly isDotted: boolean
  readonly isTaken: boolean
  /** Whether it is not seen, and only keeps its source before its target. */
  readonly isHidden?: boolean
}

/** Nodes of a chart inside one frame; `id` is safe for Mermaid. */
export interface ChartGroup {
  readonly id: string
  readonly members: readonly ChartNode[]
  /** Safe for Mermaid. Default none: Mermaid draws it under an edge that comes in from above. */
  readonly title?: string
  /** Whether its edges lead from left to right. */
  readonly isSideways?: boolean
}

/** The Mermaid text of `chart`. */
export function print({ nodes, edges, groups, note, definitions }: Chart): string {
  const lines = ['flowchart TD']
  const all = note === undefined ? nodes : [...nodes, note]
  for (const node of all) lines.push(nodeText(node))
  for (const { id, members, title = ' ', isSideways } of groups) {
    const inside = [...(isSideways === true ? ['direction LR'] : []), ...members.map((node) => node.id)]
    lines.push(`subgraph ${id}["${title}"]`, ...inside.map((line) => `    ${line}`), 'end')
  }
  for (const edge of edges) lines.push(edgeText(edge))
  lines.push(...definitions)
  for (const { id, style } of all) if (style !== undefined) lines.push(`style ${id} ${style}`)
  for (const { id } of groups) lines.push(`style ${id} ${frame}`)
  for (const [index, { isTaken }] of edges.entries()) {
    if (isTaken) lines.push(`linkStyle ${index} stroke:#007bff,stroke-width:3px`)
  }
  return lines.join('\n    ')
}

const brackets = {
  box: ['[', ']'],
  hexagon: ['{{', '}}'],
  stadium: ['([', '])'],
  subroutine: ['[[', ']]'],
  /** Narrow at the top. */
  trapezoid: ['[/', '\\]'],
  /** Narrow at the bottom. */
  funnel: ['[\\', '/]'],
  flag: ['>', ']'],
  circle: ['((', '))'],
} as const

const frame = 'fill:none,stroke:#868e96,stroke-dasharray:3 3'

function nodeText({ id, label, shape = 'box' }: ChartNode): string {
  const [open, close] = brackets[shape]
  return `${id}${open}"${label}"${close}`
}

function edgeText({ source, target, label, isDotted, isHidden }: ChartEdge): string {
  const arrow = isHidden === true ? '~~~' : isDotted ? '-.->' : '-->'
  const text = label === undefined ? '' : /^\w+$/.test(label) ? `|${label}|` : `|"${label}"|`
  return `${source.id} ${arrow}${text} ${target.id}`
}
