import type { EngineDependencies, RuntimeFacade, WorkflowStateFacade } from '../blueprint/node.ts'
import type { RunState } from '../state/run-state.ts'
import type { ChildRun } from './children.ts'
import type { RunOptions } from './run-options.ts'

/** What the nodes of a run get as `dependencies`: those of the runtime, and what they may know, but not change. */
export function dependenciesOf<TRun extends ChildRun>(
  {
    dependencies,
    executionId,
    plan,
    getBlueprint,
  }: Pick<RunOptions<TRun>, 'dependencies' | 'executionId' | 'plan' | 'getBlueprint'>,
  state: () => RunState,
): Record<string, unknown> & EngineDependencies {
  const runtime: RuntimeFacade = Object.freeze({ executionId, blueprintId: plan.blueprint.id, getBlueprint })
  const workflowState: WorkflowStateFacade = Object.freeze({
    nodeStatus: (nodeId: string) => state().nodes.get(nodeId)?.status ?? 'pending',
    runsOf: (nodeId: string) => state().nodes.get(nodeId)?.starts ?? 0,
    get errors() {
      return [...state().errors.values()]
    },
  })
  return Object.freeze({ ...dependencies, runtime, workflowState })
}
