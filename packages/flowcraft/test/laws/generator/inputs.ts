import { attemptsOf, type FlowDraft, type Piece } from './draft.ts'

/** Nodes that name their input: a key of the initial context, or, where every source is done by then, one of these. */
export const inputs: Piece = (draw, flow) => {
  for (const node of flow.nodes) {
    if (!draw.chance(20)) continue
    const keys = ['flag', 'nobody', ...sourceKeys(flow, node.id)]
    // A name without an output stands for the context key of that name, which others may be writing.
    if (keys.some((key) => isWritten(flow, key))) flow.hasRaces = true
    node.inputs = draw.chance(50) ? draw.pick(keys) : { one: draw.pick(keys), two: draw.pick(keys) }
  }
}

/** A node that can run more than once gives different things at different times. */
function sourceKeys({ nodes, edges }: FlowDraft, id: string): string[] {
  const node = nodes.find((candidate) => candidate.id === id)
  if (node?.config?.joinStrategy === 'any') return []
  const standIns = new Set(nodes.map(({ config }) => config?.fallback))
  const sources = edges.filter((edge) => edge.target === id).map((edge) => edge.source)
  const stable = sources.filter((source) => !standIns.has(source))
  return stable.flatMap((source) => [source, `_outputs.${source}`, `_inputs.${source}`, `${source}.length`])
}

function isWritten(flow: FlowDraft, name: string): boolean {
  const [root] = name.split('.')
  if (root !== undefined && Object.hasOwn(flow.initial, root) && root !== 'flag') return true
  for (const { writes, lateWrites } of attemptsOf(flow)) {
    if ([...writes, ...lateWrites].some(({ key }) => key === root)) return true
  }
  return false
}
