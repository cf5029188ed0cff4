import fc from 'fast-check'
import { batches } from './batches.ts'
import { cancellation } from './cancellation.ts'
import { classes } from './classes.ts'
import { conditions } from './conditions.ts'
import type { FlowDraft, Piece, RandomFlow } from './draft.ts'
import { drawFrom, type Draw } from './draw.ts'
import { drives } from './drives.ts'
import { failures } from './failures.ts'
import { fallbacks } from './fallbacks.ts'
import { inputs } from './inputs.ts'
import { joins } from './joins.ts'
import { loops } from './loops.ts'
import { mutations } from './mutations.ts'
import { retries } from './retries.ts'
import { shape } from './shape.ts'
import { targets } from './targets.ts'
import { timing } from './timing.ts'
import { transforms } from './transforms.ts'
import { turns } from './turns.ts'
import { values } from './values.ts'
import { ownWaits, waits } from './waits.ts'
import { writes } from './writes.ts'

/** In the order in which they build on each other. */
const pieces: readonly Piece[] = [
  shape,
  loops,
  batches,
  waits,
  joins,
  conditions,
  transforms,
  retries,
  failures,
  ownWaits,
  fallbacks,
  classes,
  values,
  writes,
  drives,
  mutations,
  inputs,
  timing,
  cancellation,
  turns,
  targets,
]

/** Flows of any kind. */
export const randomFlow: fc.Arbitrary<RandomFlow> = fc.gen().map((gen) => flowFrom(drawFrom(gen)))

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
