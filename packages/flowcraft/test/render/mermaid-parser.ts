import { JSDOM } from 'jsdom'

/** What Mermaid understood of a flowchart. */
export interface ParsedFlowchart {
  /** Labels by id, entities decoded. */
  readonly labels: ReadonlyMap<string, string>
  readonly styles: ReadonlyMap<string, readonly string[]>
  readonly edges: readonly ParsedEdge[]
  /** The nodes in each frame. */
  readonly groups: readonly (readonly string[])[]
}

/** An edge as Mermaid understood it. */
export interface ParsedEdge {
  readonly start: string
  readonly end: string
  readonly text: string
  readonly stroke: string
  readonly style: readonly string[]
}

interface FlowDatabase {
  getVertices(): Map<string, { text: string; styles: string[] }>
  getSubGraphs(): { id: string; nodes: string[] }[]
  getEdges(): { start: string; end: string; text: string; stroke: string; style?: string[] }[]
}

// Mermaid's sanitizer looks for a DOM when it is imported.
const { window } = new JSDOM('<!doctype html><body></body>')
Object.assign(globalThis, { window, document: window.document })
const { default: mermaid } = await import('mermaid')
mermaid.initialize({ startOnLoad: false, suppressErrorRendering: true, logLevel: 'fatal' })

/** What Mermaid reads in `text`, by its default limits; rejects what Mermaid rejects. */
export async function parseFlowchart(text: string): Promise<ParsedFlowchart> {
  const { maxTextSize = 50_000 } = mermaid.mermaidAPI.getConfig()
  if (text.length > maxTextSize) throw new Error(`${text.length} characters, Mermaid reads ${maxTextSize}`)
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  const chart = db as unknown as FlowDatabase
  const groups = chart.getSubGraphs()
  // A frame that has a style counts as a vertex too.
  const frames = new Set(groups.map(({ id }) => id))
  const vertices = [...chart.getVertices()].filter(([id]) => !frames.has(id))
  return {
    labels: new Map(vertices.map(([id, { text: label }]) => [id, decode(label)])),
    styles: new Map(vertices.map(([id, { styles }]) => [id, styles])),
    groups: groups.map(({ nodes }) => nodes),
    edges: chart.getEdges().map((edge) => ({ ...edge, text: decode(edge.text), style: edge.style ?? [] })),
  }
}

/** Mermaid's stand-ins for `#<codepoint>;`, as the browser will show them. */
function decode(label: string): string {
  return label.replace(/ﬂ°°(\d+)¶ß/gu, (_, codePoint) => String.fromCodePoint(Number(codePoint)))
}
