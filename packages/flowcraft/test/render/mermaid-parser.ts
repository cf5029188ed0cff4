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
  // The database of a flowchart.
  const chart = (await databaseOf(text)) as FlowDatabase
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

/** The participants of a sequence diagram, and its messages in order, as Mermaid understood them. */
export interface ParsedSequence {
  readonly participants: readonly string[]
  /** `from to: text`, and `over: text` for a note, by what the participants are called. */
  readonly messages: readonly string[]
}

/** The same for a sequence diagram. */
export async function parseSequence(text: string): Promise<ParsedSequence> {
  // The database of a sequence diagram.
  const db = (await databaseOf(text)) as SequenceDatabase
  const actors = db.getActors()
  const nameOf = (id: string): string => decode(actors.get(id)?.description ?? '')
  const messages = db.getMessages().flatMap(({ from, to, message, placement }) => {
    if (typeof message !== 'string' || from === undefined || to === undefined) return []
    const ends = placement === undefined ? `${nameOf(from)} ${nameOf(to)}` : nameOf(from)
    return [`${ends}: ${decode(message)}`]
  })
  return { participants: [...actors.keys()].map(nameOf), messages }
}

/** A bar of a Gantt chart as Mermaid understood it. */
export interface ParsedBar {
  readonly section: string
  readonly text: string
  readonly tags: readonly string[]
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
}

/** The same for a Gantt chart. */
export async function parseGantt(
  text: string,
): Promise<{ readonly title: string; readonly bars: readonly ParsedBar[] }> {
  // The database of a Gantt chart.
  const db = (await databaseOf(text)) as GanttDatabase
  const bars = db.getTasks().map((task) => ({
    section: decode(task.section),
    text: decode(task.task.trim()),
    tags: (['active', 'done', 'crit'] as const).filter((tag) => task[tag] === true),
    from: task.startTime.getTime(),
    to: task.endTime.getTime(),
  }))
  return { title: decode(db.getDiagramTitle()), bars }
}

interface SequenceDatabase {
  getActors(): Map<string, { description: string }>
  getMessages(): { from?: string; to?: string; message: unknown; placement?: number }[]
}

interface GanttDatabase {
  getDiagramTitle(): string
  getTasks(): {
    section: string
    task: string
    startTime: Date
    endTime: Date
    active?: boolean
    done?: boolean
    crit?: boolean
  }[]
}

async function databaseOf(text: string): Promise<unknown> {
  const { maxTextSize = 50_000 } = mermaid.mermaidAPI.getConfig()
  if (text.length > maxTextSize) throw new Error(`${text.length} characters, Mermaid reads ${maxTextSize}`)
  return (await mermaid.mermaidAPI.getDiagramFromText(text)).db
}

/** Mermaid's stand-ins for `#<codepoint>;`, as the browser will show them. */
function decode(label: string): string {
  return label.replace(/ﬂ°°(\d+)¶ß/gu, (_, codePoint) => String.fromCodePoint(Number(codePoint)))
}
