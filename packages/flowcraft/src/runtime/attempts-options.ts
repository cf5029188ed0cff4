import type { AttemptsOptions } from './attempts.ts'
import type { Recorder } from './recorder.ts'
import type { RunOptions } from './run-options.ts'
import type { ChildRun } from './children.ts'

/** What the attempts of a run are made with. */
export function attemptsOptions<TRun extends ChildRun>(options: RunOptions<TRun>, recorder: Recorder): AttemptsOptions {
  return {
    executionId: options.executionId,
    blueprintId: options.plan.blueprint.id,
    values: options.values,
    clock: options.clock,
    dependencies: options.dependencies,
    logger: options.logger,
    middleware: options.middleware,
    implementationOf: options.implementationOf,
    paramsOf: options.paramsOf,
    state: () => recorder.state,
    untilSafe: () => recorder.untilSafe(),
  }
}
