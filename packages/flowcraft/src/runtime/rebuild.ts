import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { RunState } from '../state/run-state.ts'
import { assemble, surroundingsOf, valuesFor, type Beginning } from './assemble.ts'
import type { LaunchOptions } from './launch-options.ts'
import { prepare, type PreparedPlan, type Surroundings } from './prepare.ts'
import type { Run } from './run.ts'
import type { Past } from './run-options.ts'
import type { RunTable } from './run-table.ts'

/** What a parked run is put together of again. */
export interface Remains {
  readonly executionId: string
  readonly blueprint: WorkflowBlueprint
  readonly state: RunState
  past(prepared: PreparedPlan): Past
  /** Those of the run of a subflow that waits. */
  child(childExecutionId: string): Promise<Remains>
}

/** Where a run is put together again. */
export interface Workshop {
  readonly runtime: LaunchOptions
  readonly surroundings: Surroundings
}

/** What a runtime brings to runs that it puts together again. */
export function workshopOf(runtime: LaunchOptions, functionRegistry: Parameters<typeof surroundingsOf>[1]): Workshop {
  return { runtime, surroundings: surroundingsOf(runtime, functionRegistry) }
}

/**
 * Puts a parked run together again, and those of its subflows with it.
 * @throws BLUEPRINT_INVALID where there is no code for it.
 */
export async function rebuild(workshop: Workshop, remains: Remains): Promise<Run> {
  const family = await assembleFamily(workshop, remains, 1)
  enter(workshop.runtime.runs, family)
  return family.run
}

interface Member {
  readonly run: Run
  readonly children: readonly Member[]
}

/** Nobody sees any of them before all are there. */
async function assembleFamily(workshop: Workshop, remains: Remains, depth: number): Promise<Member> {
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
    beginning: beginningOf(state),
    past: remains.past(prepared),
  })
  const children: Member[] = []
  for (const [nodeId, { status, childExecutionId }] of state.nodes) {
    if (status !== 'waiting' || childExecutionId === undefined) continue
    const child = await assembleFamily(workshop, await remains.child(childExecutionId), depth + 1)
    const { nodes, indexOf } = run.frontier.plan
    run.children.adopt(nodes[indexOf.get(nodeId)!]!, child.run)
    children.push(child)
  }
  return { run, children }
}

function enter(runs: RunTable, { run, children }: Member, parent?: Run): void {
  runs.enter(run, parent)
  runs.move(run, 'parked')
  for (const child of children) enter(runs, child, run)
}

function beginningOf({ options = unknownOptions, input, parent, tags }: RunState): Beginning {
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
