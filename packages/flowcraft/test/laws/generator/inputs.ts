import { hasProgram, type FlowDraft, type Piece } from './draft.ts'

/** Nodes that name their input: a key of the context, or something of the nodes before them, whenever these ran. */
export const inputs: Piece = (draw, flow) => {
  for (const node of flow.nodes) {
    if (!hasProgram(flow, node) || !draw.chance(20)) continue
    const keys = ['flag', 'nobody', 'shared', ...sourceKeys(flow, node.id)]
    node.inputs = draw.chance(50) ? draw.pick(keys) : { one: draw.pick(keys), two: draw.pick(keys) }
  }
}

function sourceKeys({ edges }: FlowDraft, id: string): string[] {
  const sources = edges.filter((edge) => edge.target === id).map((edge) => edge.source)
  return sources.flatMap((source) => [source, `_outputs.${source}`, `_inputs.${source}`, `${source}.length`])
}
