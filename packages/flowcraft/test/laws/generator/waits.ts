import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import type { Draw } from './draw.ts'
import { attemptsOf, hasProgram, type Piece } from './draft.ts'

/** Nodes that sleep or wait, pauses, and what a run goes on with. */
export const waits: Piece = (draw, flow) => {
  if (!draw.chance(30)) return
  const count = draw.pick([0, 1, 2, 3])
  for (let nth = 0; nth < count; nth += 1) {
    const node = draw.pick(flow.nodes)
    if (!hasProgram(flow, node) || flow.drivers.has(node.uses)) continue
    flow.programs.delete(node.uses)
    Object.assign(node, draw.chance(50) ? sleep(draw) : wait(draw))
  }
  flow.answers = Array.from({ length: draw.int(1, 4) }, () => ({
    nth: draw.int(0, 3),
    isElsewhere: draw.chance(30),
    output: draw.pick([1, undefined, draw.value()]),
    action: draw.pick([undefined, 'go', 'stop']),
  }))
  if (draw.chance(40)) flow.pausesAt = Array.from({ length: draw.int(1, 2) }, () => draw.int(1, 30))
}

/** Attempts that end in waiting. */
export const ownWaits: Piece = (draw, flow) => {
  if (flow.answers.length === 0) return
  const driving = new Set([...flow.drivers.keys()].flatMap((key) => flow.programs.get(key)?.flat() ?? []))
  for (const attempt of attemptsOf(flow)) {
    if (driving.has(attempt) || !draw.chance(12)) continue
    attempt.ending = { kind: 'wait', event: draw.pick(['mail', undefined]), afterMs: draw.pick([undefined, 5, 1000]) }
  }
}

function sleep(draw: Draw): Pick<NodeDefinition, 'uses' | 'params'> {
  return { uses: 'sleep', params: { duration: draw.pick([3, 0, '1s', 40]) } }
}

function wait(draw: Draw): Pick<NodeDefinition, 'uses' | 'params'> {
  const params = {
    ...(draw.chance(50) && { event: 'mail' }),
    ...(draw.chance(40) && { timeout: draw.pick([8, '1m']) }),
  }
  return { uses: 'wait', params }
}
