import fc from 'fast-check'
import { batches } from './generator/batches.ts'
import { classes } from './generator/classes.ts'
import { conditions } from './generator/conditions.ts'
import { attemptsOf, hasProgram, type FlowDraft, type Piece, type RandomFlow } from './generator/draft.ts'
import { drawFrom, type Draw } from './generator/draw.ts'
import { drives } from './generator/drives.ts'
import { failures } from './generator/failures.ts'
import { inputs } from './generator/inputs.ts'
import { loops } from './generator/loops.ts'
import { mutations } from './generator/mutations.ts'
import { retries } from './generator/retries.ts'
import { shape } from './generator/shape.ts'
import { targets } from './generator/targets.ts'
import { timing } from './generator/timing.ts'
import { transforms } from './generator/transforms.ts'
import { values } from './generator/values.ts'
import { ownWaits, waits } from './generator/waits.ts'

/** What stands in for a node that failed, without being a node that others could call as well. */
const ownFallbacks: Piece = (draw, flow) => {
  for (const node of flow.nodes) {
    if (!hasProgram(flow, node) || !draw.chance(12)) continue
    const key = `instead of ${node.id}`
    node.config = { ...node.config, fallback: key }
    const end = draw.pick([{ kind: 'number', value: 7 }, { kind: 'echo' }] as const)
    const ending = { kind: 'return', output: end, action: undefined, mutatesLater: false } as const
    flow.programs.set(key, [[{ looks: false, mutatesInput: false, writes: [], delayMs: 0, lateWrites: [], ending }]])
  }
}

/** Each node writes a key of its own; the workers of a batch share their program, so they write none. */
const ownWrites: Piece = (draw, flow) => {
  for (const { id, uses } of flow.nodes) {
    for (const attempt of flow.programs.get(uses)?.flat() ?? []) {
      if (draw.chance(25)) attempt.writes = [{ op: 'set', key: `own ${id}`, value: draw.int(0, 9) }]
      if (draw.chance(15)) attempt.lateWrites = [{ op: 'delete', key: `own ${id}` }]
    }
  }
}

/** Takes out what makes the result of a run depend on the order of outcomes. */
const noRaces: Piece = (_, flow) => {
  for (const edge of flow.edges) if (edge.condition === 'shared') edge.condition = 'flag'
  for (const { params } of flow.nodes) {
    // Settled results hold the time of each error.
    if (params !== undefined) delete params['onError']
  }
  for (const attempt of attemptsOf(flow)) {
    const { ending } = attempt
    if (ending.kind === 'throw' && ending.error.includes('fatal')) attempt.ending = { kind: 'throw', error: 'error' }
  }
}

const pieces: readonly Piece[] = [
  shape,
  loops,
  batches,
  waits,
  conditions,
  transforms,
  retries,
  failures,
  ownWaits,
  ownFallbacks,
  classes,
  values,
  ownWrites,
  drives,
  mutations,
  inputs,
  timing,
  targets,
  noRaces,
]

/**
 * Flows whose result does not depend on the order of outcomes: without shared keys, `any` joins, shared fallbacks, fatal
 * errors or cancellations. Each waiting node gets an answer of its own. Some have cycles: {@link hasMereCycles}.
 */
export const confluentFlow: fc.Arbitrary<RandomFlow> = fc.gen().map((gen) => flowFrom(drawFrom(gen)))

/** Whether a flow has cycles without a controller: which of two edges leads back first is a matter of time. */
export function hasMereCycles({ blueprint }: RandomFlow): boolean {
  return blueprint.edges.some(({ action, condition }) => action === 'again' || condition?.includes('again') === true)
}

/**
 * Whether something leads into a loop besides its head, or several nodes to its controller, which takes the first: in how
 * many turns it takes part, and with what the loop begins, are matters of time.
 */
export function hasSideEntrances({ blueprint }: RandomFlow): boolean {
  const outer = blueprint.edges.filter(({ source }) => !source.startsWith('l'))
  const before = (id: string): number =>
    new Set(outer.flatMap((edge) => (edge.target === id ? [edge.source] : []))).size
  return outer.some(({ target }) => /^l\d+[b-z]/.test(target) || (/^l\d+$/.test(target) && before(target) > 1))
}

function flowFrom(draw: Draw): RandomFlow {
  const flow: FlowDraft = {
    nodes: [],
    edges: [],
    programs: new Map(),
    classes: new Set(),
    initial: {},
    concurrency: 64,
    clockJumpsMs: [],
    storeDelaysMs: [],
    durability: 'step',
    isBareStore: false,
    cancellation: undefined,
    pausesAt: [],
    answers: [],
    targets: [],
    isByTurns: false,
    maxIterations: 1_000_000,
    loopConditions: new Map(),
    drivers: new Map(),
  }
  for (const piece of pieces) piece(draw, flow)
  const { nodes, edges, programs, drivers: _, ...rest } = flow
  // Every program has been made with at least one attempt.
  return { ...rest, blueprint: { id: 'random', nodes, edges }, programs: programs as unknown as RandomFlow['programs'] }
}
