import type { Draw } from './draw.ts'
import { attemptsOf, type FlowDraft, type Piece } from './draft.ts'

/** What conditions look at. */
export interface ConditionScope {
  readonly output: unknown
  readonly action: string | undefined
  readonly flag: unknown
}

/** Conditions, and what each of them says, written down by hand; those that fail throw here too. */
export const conditionMeanings: Readonly<Record<string, (scope: ConditionScope) => boolean>> = {
  flag: ({ flag }) => Boolean(flag),
  '!context.flag': ({ flag }) => !flag,
  'result.action == "go"': ({ action }) => action === 'go',
  'typeof input == "number" && input > 1': ({ output }) => typeof output === 'number' && output > 1,
  'result.output === undefined': ({ output }) => output === undefined,
  input: ({ output }) => Boolean(output),
  nobody: () => false,
  '"key" in 5': () => {
    throw new TypeError('fails by itself')
  },
}

/** Edges that are taken only by an action or under a condition, and nodes that give actions. */
export const conditions: Piece = (draw, flow) => {
  flow.initial['flag'] = draw.chance(50)
  for (const edge of flow.edges) {
    if (draw.chance(20)) edge.action = draw.pick(['go', 'stop'])
    if (draw.chance(20)) edge.condition = draw.pick(Object.keys(conditionMeanings))
  }
  for (const attempt of attemptsOf(flow)) {
    if (attempt.ending.kind === 'return') attempt.ending = { ...attempt.ending, action: draw.pick(actions) }
  }
  if (draw.chance(10)) raceForKey(draw, flow)
}

const actions = [undefined, undefined, 'go', 'stop', 'unknown'] as const

/** A condition on a key that nodes write in parallel. */
function raceForKey(draw: Draw, flow: FlowDraft): void {
  if (flow.edges.length === 0) return
  flow.hasRaces = true
  draw.pick(flow.edges).condition = 'shared'
}
