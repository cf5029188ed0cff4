import type { FlowRuntime, NodeRegistry, TypedBlueprint } from 'flowcraft'
import type { Stepper } from './stepper/interface.ts'
import { LiveCourse } from './stepper/live-course.ts'
import { WalkingStepper } from './stepper/walking-stepper.ts'

/**
 * A stepper over a new run of `blueprint`. The run is recorded on the given runtime's bus too, if it has one; its log is
 * complete and holds the blueprint itself. As every recorded run, it copies values.
 * @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED as `runtime.run` rejects.
 */
export function createStepper<
  TContext = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
>(
  runtime: FlowRuntime<TDependencies>,
  blueprint: TypedBlueprint<TContext>,
  functionRegistry: NodeRegistry,
  initialState: object | string = {},
): Stepper<TContext> {
  const { options: runtimeOptions } = runtime
  return new WalkingStepper(new LiveCourse({ runtimeOptions, blueprint, functionRegistry, initialState }))
}
