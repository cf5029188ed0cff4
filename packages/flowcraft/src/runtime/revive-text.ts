import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { FlowcraftError } from '../errors.ts'
import { fromFrontierData } from '../scheduler/frontier-data.ts'
import { randomId } from '../ports.ts'
import { mismatch } from './mismatch.ts'
import { rebuild, type Remains, type Workshop } from './rebuild.ts'
import type { Run } from './run.ts'
import { runsFromText, type SavedRun } from './run-text.ts'
import { storeOf } from './store-of.ts'

/**
 * A parked run from the text that its context keeps of it.
 * @throws INPUT_INVALID for another text; BLUEPRINT_MISMATCH; EXECUTION_UNKNOWN where the run would have to be recorded
 * from here on, without what was before.
 */
export async function reviveFromText(
  workshop: Workshop,
  text: unknown,
  executionId: string,
  blueprint: WorkflowBlueprint,
): Promise<Run | undefined> {
  const saved = runsFromText(text, executionId)
  if (storeOf(workshop.runtime.eventBus) !== undefined) throw withoutLog(executionId)
  return await rebuild(workshop, remainsOf(workshop, saved, executionId, blueprint), { writer: randomId() })
}

function remainsOf(
  workshop: Workshop,
  savedOf: (executionId: string) => SavedRun,
  executionId: string,
  given: WorkflowBlueprint | undefined,
): Remains {
  const { state, frontier, blueprintHash } = savedOf(executionId)
  const { blueprintId = '' } = state
  const blueprint = given ?? workshop.surroundings.blueprintOf(blueprintId)
  if (blueprint === undefined) {
    throw new FlowcraftError(
      `The blueprint '${blueprintId}' of execution '${executionId}' is not known to the runtime; give it in 'blueprints'`,
      { code: 'BLUEPRINT_INVALID', blueprintId, executionId },
    )
  }
  if (fingerprint(blueprint) !== blueprintHash) throw mismatch(executionId, blueprintId, blueprint)
  return {
    executionId,
    blueprint,
    state,
    past: ({ plan }) => ({ state, frontier: fromFrontierData(plan, frontier) }),
    // Of a run that waits for one of a subflow, both were saved.
    child: async (childExecutionId) => remainsOf(workshop, savedOf, childExecutionId, undefined),
  }
}

function withoutLog(executionId: string): FlowcraftError {
  return new FlowcraftError(
    `Execution '${executionId}' began without being recorded, so the event store of this runtime has no log that could go on; resume it with a runtime that has no event store`,
    { code: 'EXECUTION_UNKNOWN', executionId },
  )
}
