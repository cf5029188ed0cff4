import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { BlueprintMismatchError } from '../errors.ts'

/** The error of a resume with another blueprint than the run began with. */
export function mismatch(
  executionId: string,
  blueprintId: string | undefined,
  given: WorkflowBlueprint,
): BlueprintMismatchError {
  return new BlueprintMismatchError(
    `Execution '${executionId}' is a run of another blueprint than '${given.id}' as it is now (it began with '${String(blueprintId)}' of that time). Resume it with that one, or by its execution id alone; with 'allowChanged', a changed one may take over if it takes what is recorded`,
    { blueprintId: given.id, executionId },
  )
}
