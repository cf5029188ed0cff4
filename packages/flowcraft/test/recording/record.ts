import { InMemoryEventStore, openRecording, type NodeRegistry, type Recording, type WorkflowBlueprint } from 'flowcraft'
import { recordingRuntime } from '../runtime/run-recorded.ts'

/** Runs a blueprint to its end or until it is parked, and opens its recording. */
export async function record(
  blueprint: WorkflowBlueprint,
  functionRegistry: NodeRegistry,
  initialState: object = {},
): Promise<Recording> {
  const store = new InMemoryEventStore()
  const { runtime } = recordingRuntime({}, store)
  const { executionId } = await runtime.run(blueprint, initialState, { functionRegistry })
  return await openRecording(store, executionId)
}
