import type { NodeFunction, WorkflowBlueprint } from 'flowcraft'
import { isBuiltInKind } from '../../src/blueprint/built-in.ts'
import { registry } from './dynamic-parts.ts'
import { recordingRuntime, type RecordedRun, type RecordingRuntime } from './run-recorded.ts'

/** A run as far as its targets. */
export interface TargetedRun extends RecordedRun {
  /** Lets it go on, and gives all of it. */
  resume(): Promise<RecordedRun>
}

/** A `named` function for every node of a blueprint that is not of a kind of the engine's own. */
export function allNamed({ nodes }: WorkflowBlueprint): Record<string, NodeFunction> {
  return Object.fromEntries(nodes.flatMap(({ uses }) => (isBuiltInKind(uses) ? [] : [[uses, registry.named]])))
}

/** Runs a blueprint up to its targets, recorded. */
export async function runTo(
  blueprint: WorkflowBlueprint,
  target: string | readonly string[],
  functions: Readonly<Record<string, NodeFunction>> = {},
  { runtime, look }: RecordingRuntime = recordingRuntime(),
): Promise<TargetedRun> {
  const options = { functionRegistry: { ...allNamed(blueprint), ...registry, ...functions }, maxIterations: 10_000 }
  const stalled = await look(blueprint, await runtime.run(blueprint, { _targetNode: target, key: 1 }, options))
  const { executionId } = stalled.result
  return { ...stalled, resume: async () => await look(blueprint, await runtime.resume(executionId)) }
}
