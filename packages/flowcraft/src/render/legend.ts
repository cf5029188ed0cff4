import type { NodeStatus } from '../state/run-state.ts'
import type { Chart, ChartEdge, ChartNode, Shape } from './chart.ts'
import { idAllocator } from './mermaid-text.ts'
import { marks, stuckStyle, styles } from './node-look.ts'

/** `chart` with a frame below it that tells what the marks, outlines and edges in it mean. Nothing to tell, no frame. */
export function withLegend(chart: Chart): Chart {
  const allocate = idAllocator(
    [...chart.nodes, ...chart.groups, ...(chart.note === undefined ? [] : [chart.note])].map(({ id }) => id),
  )
  const frame = allocate('legend')
  const looks = [...statusSamples(chart), ...shapeSamples(chart), ...signSamples(chart)]
  const samples = looks.map((look) => ({ ...look, id: allocate('shown') }))
  const lines = edgeSamples(chart)
  const ends = lines.length === 0 ? [] : [...lines, undefined].map(() => blankEnd(allocate('tip')))
  const members = [...samples, ...ends]
  if (members.length === 0) return chart
  const rowCount = Math.ceil(samples.length / samplesPerRow)
  const rowOf = (index: number): number => Math.floor((index * rowCount) / samples.length)
  const rows = samples.flatMap((source, index) => {
    const target = rowOf(index) === rowOf(index + 1) ? samples[index + 1] : undefined
    return target === undefined ? [] : [hidden(source, target)]
  })
  const edges = lines.flatMap((look, index) => {
    const [source, target] = [ends[index], ends[index + 1]]
    return source === undefined || target === undefined ? [] : [{ source, target, ...look }]
  })
  const lowest = lowestOf(chart)
  const place = lowest === undefined ? [] : [hidden(lowest, { id: frame, label: '' })]
  return {
    ...chart,
    nodes: [...chart.nodes, ...members],
    // They come last, so that the edges of the drawing keep their index.
    edges: [...chart.edges, ...edges, ...rows, ...place],
    groups: [...chart.groups, { id: frame, members, title: 'Legend', isSideways: true }],
  }
}

const samplesPerRow = 4

type Look = Omit<ChartNode, 'id'>

/** What a node of each status looks like, as far as there are any. */
function statusSamples({ nodes }: Chart): readonly Look[] {
  const drawn = new Set(nodes.map((node) => (isStuck(node) ? 'stuck' : node.status)))
  const known = statusOrder.filter((status) => drawn.has(status))
  return known.map((status) =>
    status === 'stuck'
      ? { label: '‖ held back', style: stuckStyle }
      : { label: `${marks[status]}${status === 'pending' ? 'not reached' : status}`, style: styles[status] },
  )
}

const statusOrder: readonly (NodeStatus | 'stuck')[] = [
  'completed',
  'failed',
  'running',
  'waiting',
  'skipped',
  'cancelled',
  'stuck',
  'pending',
]

function isStuck({ label, shape }: ChartNode): boolean {
  return shape !== 'flag' && label.startsWith('‖')
}

function shapeSamples({ nodes, note }: Chart): readonly Look[] {
  const drawn = new Set([...nodes, ...(note === undefined ? [] : [note])].map(({ shape }) => shape))
  return shapeTexts.flatMap(([shape, label]) => (drawn.has(shape) ? [{ label, shape }] : []))
}

const shapeTexts: readonly (readonly [Shape, string])[] = [
  ['hexagon', 'loop'],
  ['trapezoid', 'batch begins'],
  ['funnel', 'batch ends'],
  ['subroutine', 'subflow'],
  ['stadium', 'sleep or wait'],
  ['flag', 'the run itself'],
]

type EdgeSample = Omit<ChartEdge, 'source' | 'target'>

function edgeSamples({ nodes, edges }: Chart): readonly EdgeSample[] {
  const isRun = nodes.some(({ status }) => status !== undefined)
  const samples: EdgeSample[] = []
  const add = (label: string, isTaken: boolean, isDotted: boolean): void =>
    void samples.push({ label, isTaken, isDotted })
  if (edges.some(({ isTaken }) => isTaken)) add('taken', true, false)
  if (isRun && edges.some(({ isTaken }) => !isTaken)) add('not taken', false, false)
  const dotted = edges.filter(({ isDotted }) => isDotted)
  if (dotted.some(({ label }) => label?.startsWith('↺') === true)) add('↺ next turn', false, true)
  if (dotted.some(({ label }) => label === 'fallback')) add('to a fallback', false, true)
  if (dotted.some(({ label }) => label === 'added')) add('to an added node', false, true)
  return samples
}

/** The signs inside labels. Those in what users wrote are escaped, so that whoever finds one finds a mark. */
function signSamples({ nodes, edges }: Chart): readonly Look[] {
  const labels = [...nodes, ...edges].flatMap(({ label }) => (label === undefined ? [] : [label]))
  const isDrawn = (sign: RegExp): boolean => labels.some((label) => sign.test(label))
  return signTexts.flatMap(([sign, label]) => (isDrawn(sign) ? [{ label, style: signStyle }] : []))
}

const signTexts: readonly (readonly [RegExp, string])[] = [
  [/↻/, '↻ tried again'],
  [/↺ \d/, '↺ turns of a loop'],
  [/× \d/, '× how often'],
  [/⚠/, '⚠ its condition or<br/>transform failed'],
  [/^… /, '… left out'],
]

/** A node of the last rank. The legend hangs on it: else it would stand beside the drawing and push its ranks apart. */
function lowestOf({ nodes, edges }: Chart): ChartNode | undefined {
  const next = new Map<ChartNode, ChartNode[]>()
  const missing = new Map<ChartNode, number>()
  for (const { source, target, label } of edges) {
    if (label?.startsWith('↺') === true) continue
    const targets = next.get(source)
    if (targets === undefined) next.set(source, [target])
    else targets.push(target)
    missing.set(target, (missing.get(target) ?? 0) + 1)
  }
  let rank = nodes.filter((node) => !missing.has(node))
  let lowest = nodes.at(-1)
  while (rank.length > 0) {
    lowest = rank.at(-1)
    const below = rank.flatMap((node) => next.get(node) ?? [])
    rank = below.filter((node) => {
      const left = (missing.get(node) ?? 0) - 1
      missing.set(node, left)
      return left === 0
    })
  }
  return lowest
}

function hidden(source: ChartNode, target: ChartNode): ChartEdge {
  return { source, target, label: undefined, isDotted: false, isTaken: false, isHidden: true }
}

function blankEnd(id: string): ChartNode {
  return { id, label: ' ', shape: 'circle' }
}

const signStyle = 'fill:#ffffff,stroke:#ffffff,color:#212529'
