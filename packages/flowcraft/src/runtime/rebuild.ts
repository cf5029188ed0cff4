import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { RunState } from '../state/run-state.ts'
import { assemble, surroundingsOf, valuesFor, type Beginning } from './assemble.ts'
import type { LaunchOptions } from './launch-options.ts'
import { unknownExecution } from './not-awaiting.ts'
import type { Outbox } from './outbox.ts'
import { prepare, type PreparedPlan, type Surroundings } from './prepare.ts'
import type { Run } from './run.ts'
import type { Past } from './run-options.ts'
import type { RunTable } from './run-table.ts'
import { hasEnded } from './status-of.ts'

/** What a run is put together of again. */
export interface Remains {
  readonly executionId: string
  readonly blueprint: WorkflowBlueprint
  readonly state: RunState
  past(prepared: PreparedPlan): Past
  /** Those of the run of a subflow; `undefined` for one that has not begun. */
  child(childExecutionId: string): Promise<Remains | undefined>
}

/** Where a run is put together again. */
export interface Workshop {
  readonly runtime: LaunchOptions
  readonly surroundings: Surroundings
}

/** By whom the runs of a family are written. */
export interface Pen {
  readonly writer: string
  /** The way out of an unfinished one. Default one on the runtime's event bus. */
  outboxFor?(executionId: string, expectedSeq: number): Outbox
  /** Is told of one that has not begun. */
  expectNone?(executionId: string): void
}

/** What a runtime brings to runs that it puts together again. */
export function workshopOf(runtime: LaunchOptions, functionRegistry: Parameters<typeof surroundingsOf>[1]): Workshop {
  return { runtime, surroundings: surroundingsOf(runtime, functionRegistry) }
}

/**
 * Puts a run together again, and those of its subflows that it has not done with. None of them goes on by itself.
 * `undefined` when it has come to be in memory meanwhile.
 * @throws BLUEPRINT_INVALID where there is no code for it.
 */
export async function rebuild(workshop: Workshop, remains: Remains, pen: Pen): Promise<Run | undefined> {
  const { runs } = workshop.runtime
  const family = await assembleFamily(workshop, remains, pen, 1)
  if (runs.has(remains.executionId)) return undefined
  enter(runs, family)
  return family.run
}

interface Member {
  readonly run: Run
  readonly children: readonly Member[]
}

/** Nobody sees any of them before all are there. */
async function assembleFamily(workshop: Workshop, remains: Remains, pen: Pen, depth: number): Promise<Member> {
  const { runtime, surroundings } = workshop
  const { executionId, blueprint, state } = remains
  const prepared = prepare(blueprint, surroundings)
  const values = valuesFor(runtime, blueprint, executionId)
  const { run } = assemble(runtime, surroundings, {
    prepared,
    executionId,
    values,
    depth,
    byTurns: false,
    writer: pen.writer,
    outbox: hasEnded(state) ? undefined : pen.outboxFor?.(executionId, state.seq + 1),
    beginning: beginningOf(state),
    past: remains.past(prepared),
  })
  const children: Member[] = []
  const { plan, waiting, inChild } = run.frontier
  for (const index of [...(waiting ?? []), ...inChild.members()]) {
    const node = plan.nodes[index]!
    const childExecutionId = run.state.nodes.get(node.id)?.childExecutionId
    if (childExecutionId === undefined) continue
    const ofChild = await remains.child(childExecutionId)
    // Whoever waits for it has seen it; one that was only about to be started is started now.
    if (ofChild === undefined && waiting?.has(index) === true) throw unknownExecution(childExecutionId)
    if (ofChild === undefined) {
      pen.expectNone?.(childExecutionId)
      continue
    }
    const child = await assembleFamily(workshop, ofChild, pen, depth + 1)
    run.children.adopt(node, child.run)
    children.push(child)
  }
  return { run, children }
}

function enter(runs: RunTable, { run, children }: Member, parent?: Run): void {
  if (hasEnded(run.state)) return
  runs.enter(run, parent)
  if (run.isParked) runs.move(run, 'parked')
  for (const child of children) enter(runs, child, run)
}

/** What a run goes on with that it began with. */
export function beginningOf({ options = unknownOptions, input, parent, tags }: RunState): Beginning {
  return {
    // The context that it began with is in what is past.
    initialContext: Object.freeze({}),
    options,
    ...(input !== undefined && { input }),
    ...(parent && { parent }),
    ...(tags.length > 0 && { tags }),
  }
}

/** Of a run that nothing but its context is known of. */
export const unknownOptions: Beginning['options'] = Object.freeze({
  concurrency: 64,
  maxIterations: 1_000_000,
  strict: false,
})
