import { isOfLoop } from './loops.ts'
import type { EdgeDefinition } from '../../../src/blueprint/blueprint.ts'
import { attemptsOf, type FlowDraft, type Piece } from './draft.ts'

/** What conditions look at. */
export interface ConditionScope {
  readonly output: unknown
  readonly action: string | undefined
  readonly flag: unknown
  /** A key that nodes write in parallel. */
  readonly shared: unknown
}

/** Conditions, and what each of them says, written down by hand; those that fail throw here too. */
export const conditionMeanings: Readonly<Record<string, (scope: ConditionScope) => boolean>> = {
  flag: ({ flag }) => Boolean(flag),
  '!context.flag': ({ flag }) => !flag,
  'result.action == "go"': ({ action }) => action === 'go',
  'result.action == "again"': ({ action }) => action === 'again',
  'typeof input == "number" && input > 1': ({ output }) => typeof output === 'number' && output > 1,
  'result.output === undefined': ({ output }) => output === undefined,
  input: ({ output }) => Boolean(output),
  shared: ({ shared }) => Boolean(shared),
  nobody: () => false,
  '"key" in 5': () => {
    throw new TypeError('fails by itself')
  },
}

/** Edges that are taken only by an action or under a condition, and nodes that give actions. */
export const conditions: Piece = (draw, flow) => {
  flow.initial['flag'] = draw.chance(50)
  for (const edge of flow.edges) {
    if (isOfLoop(flow, edge) || isOfBatch(flow, edge)) continue
    if (draw.chance(20)) edge.action = draw.pick(['go', 'stop'])
    if (draw.chance(20)) edge.condition = draw.pick(Object.keys(conditionMeanings))
  }
  for (const attempt of attemptsOf(flow)) {
    if (attempt.ending.kind === 'return') attempt.ending = { ...attempt.ending, action: draw.pick(actions) }
  }
}

/** Whether an edge leads from the scattering to the gathering node of a batch. */
function isOfBatch({ nodes }: FlowDraft, { source }: EdgeDefinition): boolean {
  return nodes.some(({ id, uses }) => id === source && uses === 'batch-scatter')
}

const actions = [undefined, undefined, 'go', 'stop', 'unknown'] as const
