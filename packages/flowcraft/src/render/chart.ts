import type { NodeStatus } from '../state/run-state.ts'

/** A flowchart before it is text. */
export interface Chart {
  readonly nodes: readonly ChartNode[]
  readonly edges: readonly ChartEdge[]
  /** Statements between the edges and the styles. */
  readonly definitions: readonly string[]
}

/** A node of a flowchart; `id` and `label` are safe for Mermaid. */
export interface ChartNode {
  readonly id: string
  readonly label: string
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
}

/** The Mermaid text of `chart`. */
export function print({ nodes, edges, definitions }: Chart): string {
  const lines = ['flowchart TD']
  for (const { id, label } of nodes) lines.push(`${id}["${label}"]`)
  for (const edge of edges) lines.push(edgeText(edge))
  lines.push(...definitions)
  for (const { id, style } of nodes) if (style !== undefined) lines.push(`style ${id} ${style}`)
  for (const [index, { isTaken }] of edges.entries()) {
    if (isTaken) lines.push(`linkStyle ${index} stroke:#007bff,stroke-width:3px`)
  }
  return lines.join('\n    ')
}

function edgeText({ source, target, label, isDotted }: ChartEdge): string {
  const arrow = isDotted ? '-.->' : '-->'
  const text = label === undefined ? '' : /^\w+$/.test(label) ? `|${label}|` : `|"${label}"|`
  return `${source.id} ${arrow}${text} ${target.id}`
}
