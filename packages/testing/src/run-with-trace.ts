import { FlowRuntime, type RunCallOptions, type TypedBlueprint, type WorkflowResult } from 'flowcraft'
import { teeBus } from './tee-bus.ts'
import { printTrace } from './trace-text.ts'

/**
 * The result of a run, whose events are printed with `console.log` when it fails or throws. Recorded on the given
 * runtime's bus too, if it has one; as every recorded run, it copies values. It runs in a runtime with the options of the
 * given one: what that has got by `register` is not known there.
 *
 * @throws as `runtime.run` rejects.
 */
export async function runWithTrace<
  TContext = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
>(
  runtime: FlowRuntime<TDependencies>,
  blueprint: TypedBlueprint<TContext>,
  initialState: object | string = {},
  options: RunCallOptions = {},
): Promise<WorkflowResult<TContext>> {
  const log = teeBus(runtime.options.eventBus)
  const traced = new FlowRuntime({ ...runtime.options, isolation: 'clone', eventBus: log })
  let hasFailed = true
  try {
    const result = await traced.run(blueprint, initialState, options)
    hasFailed = result.status === 'failed'
    return result
  } finally {
    if (hasFailed) printTrace(log.events, `Trace of '${blueprint.id}', which failed`)
  }
}
