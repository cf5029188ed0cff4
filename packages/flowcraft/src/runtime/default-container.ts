import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'
import { DIContainer, ServiceTokens } from '../extensions/container.ts'
import { ConsoleLogger, type ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import { JsonSerializer, type ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { RuntimeOptions } from './runtime-options.ts'

/** What a runtime looks for in a container. */
export interface RuntimeServices {
  readonly logger?: ILogger | undefined
  readonly serializer?: ISerializer | undefined
  readonly evaluator?: IEvaluator | undefined
  /** Without one, nothing is recorded. */
  readonly eventBus?: IEventBus | undefined
  readonly middleware?: readonly Middleware[] | undefined
  readonly registry?: NodeRegistry | undefined
  readonly blueprints?: ReadonlyMap<string, WorkflowBlueprint> | Readonly<Record<string, WorkflowBlueprint>> | undefined
  readonly dependencies?: Record<string, unknown> | undefined
}

/**
 * A container with a service for every token of `ServiceTokens`: the given ones, else those that a runtime has by
 * itself. For the event bus there is none by itself.
 */
export function createDefaultContainer(services: RuntimeServices = {}): DIContainer {
  const container = new DIContainer()
  const provide = (name: keyof RuntimeServices, make: () => unknown): void => {
    if (services[name] === undefined) container.registerFactory(tokens[name], make)
    else container.register(tokens[name], services[name])
  }
  provide('logger', () => new ConsoleLogger())
  provide('serializer', () => new JsonSerializer())
  provide('evaluator', () => new ExpressionEvaluator())
  provide('middleware', () => [])
  provide('registry', () => new Map())
  provide('blueprints', () => ({}))
  provide('dependencies', () => ({}))
  if (services.eventBus !== undefined) container.register(ServiceTokens.EventBus, services.eventBus)
  return container
}

/** The services that a container has for a runtime. */
function servicesOf(container: DIContainer): RuntimeServices {
  const found = Object.entries(tokens).flatMap(([name, token]) =>
    container.has(token) ? [[name, container.resolve(token)] as const] : [],
  )
  return Object.fromEntries(found)
}

const tokens: Readonly<Record<keyof RuntimeServices, symbol>> = {
  logger: ServiceTokens.Logger,
  serializer: ServiceTokens.Serializer,
  evaluator: ServiceTokens.Evaluator,
  eventBus: ServiceTokens.EventBus,
  middleware: ServiceTokens.Middleware,
  registry: ServiceTokens.NodeRegistry,
  blueprints: ServiceTokens.BlueprintRegistry,
  dependencies: ServiceTokens.Dependencies,
}

/** Options of a runtime, with the services of a container for what they do not give. */
export function withServices<TDependencies extends object>(
  container: DIContainer,
  options: RuntimeOptions<TDependencies>,
): RuntimeOptions<TDependencies> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  // Which dependencies a container holds is known to whoever made the runtime of it.
  return { ...servicesOf(container), ...Object.fromEntries(given) } as RuntimeOptions<TDependencies>
}
