import type { NodeRegistry } from '../blueprint/node.ts'
import { lookUp } from '../blueprint/registry.ts'
import type { ILogger } from '../extensions/logger.ts'
import { Attempts, type AttemptsOptions } from '../runtime/attempts.ts'
import { dependenciesOf } from '../runtime/facades.ts'
import { paramsOf } from '../runtime/node-params.ts'
import { requireJoinable } from '../runtime/take-outcome.ts'
import type { EndedAttempt } from '../scheduler/outcome.ts'
import { isRegistryFallback } from './deliver.ts'
import type { Stage } from './stage.ts'

/** What nodes are executed with, if they are. */
export interface ExecuteOptions {
  readonly functionRegistry: NodeRegistry | undefined
  /** Default a logger that logs nothing. */
  readonly dependencies: Readonly<Record<string, unknown>> & { readonly logger?: ILogger | undefined }
}

/** Executes nodes of a simulated run; gives `undefined` where there is nothing that could be. */
export function executorOf(
  stage: Stage,
  { functionRegistry, dependencies }: ExecuteOptions,
): (index: number) => Promise<EndedAttempt> | undefined {
  const registries = functionRegistry === undefined ? [] : [functionRegistry]
  const logger = stage.logger
  const given = { ...dependencies, logger: dependencies.logger ?? logger }
  const { executionId, plan, values, clock } = stage
  const options: AttemptsOptions = {
    executionId,
    blueprintId: plan.blueprint.id,
    values,
    clock,
    logger,
    nodeLogger: given.logger,
    middleware: [],
    dependencies: dependenciesOf(
      { dependencies: given, executionId, plan, getBlueprint: () => undefined },
      () => stage.state,
    ),
    paramsOf,
    // Asked only about what was found.
    implementationOf: ({ definition, fallbackKey }, isFallback) =>
      lookUp(registries, isFallback ? fallbackKey! : definition.uses)!,
    requireJoinable: ({ id }, result) => requireJoinable(id, result, stage.frontier, stage),
    state: () => stage.state,
    untilSafe: async () => {},
  }
  const attempts = new Attempts(options)
  return (index) => {
    const { node, state } = stage.at(index)
    const isFallback = isRegistryFallback(node, state)
    const key = isFallback ? node.fallbackKey! : node.definition.uses
    if (stage.frontier.inChild.has(index) || lookUp(registries, key) === undefined) return undefined
    const { input, attempts: attempt = 1, iteration = 0, fallbackFor } = state ?? {}
    const replaced = isFallback ? node.id : fallbackFor
    const payload = {
      nodeId: node.id,
      input,
      attempt,
      iteration,
      ...(replaced !== undefined && { fallbackFor: replaced }),
    }
    return new Promise((resolve) => attempts.make(node, { type: 'node:start', payload }, resolve))
  }
}
