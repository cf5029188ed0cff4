import { FlowcraftError } from '../errors.ts'

/** The name of a service in a {@link DIContainer}. */
export type ServiceToken = string | symbol

/** The tokens under which a runtime looks for its services. They are the same in every copy of this package. */
export const ServiceTokens: {
  readonly Logger: symbol
  readonly Serializer: symbol
  readonly Evaluator: symbol
  readonly EventBus: symbol
  readonly Middleware: symbol
  readonly NodeRegistry: symbol
  readonly BlueprintRegistry: symbol
  readonly Dependencies: symbol
} = Object.freeze({
  Logger: Symbol.for('flowcraft:logger'),
  Serializer: Symbol.for('flowcraft:serializer'),
  Evaluator: Symbol.for('flowcraft:evaluator'),
  EventBus: Symbol.for('flowcraft:eventBus'),
  Middleware: Symbol.for('flowcraft:middleware'),
  NodeRegistry: Symbol.for('flowcraft:nodeRegistry'),
  BlueprintRegistry: Symbol.for('flowcraft:blueprintRegistry'),
  Dependencies: Symbol.for('flowcraft:dependencies'),
})

/** Services by their tokens. A later registration of a token replaces an earlier one. */
export class DIContainer {
  readonly #services = new Map<ServiceToken, Service>()
  readonly #parent: DIContainer | undefined

  constructor(parent?: DIContainer) {
    this.#parent = parent
  }

  register<T>(token: ServiceToken, value: T): void {
    this.#services.set(token, { value })
  }

  /**
   * Registers a service that is made when it is first asked for, and then kept. `factory` is given this container.
   * @throws INPUT_INVALID for a factory that is no function.
   */
  registerFactory<T>(token: ServiceToken, factory: (container: DIContainer) => T): void {
    if (typeof factory !== 'function') {
      throw invalid(`The factory for token ${String(token)} is ${typeof factory}; expected a function`)
    }
    this.#services.set(token, { factory, isBeingMade: false })
  }

  /**
   * The service of this container or, if it has none of that token, of its parent. Its type is the caller's word.
   * @throws INPUT_INVALID for a token that nobody has registered, and for a factory that needs its own service.
   */
  resolve<T = unknown>(token: ServiceToken): T {
    const service = this.#services.get(token)
    if (service === undefined) {
      if (this.#parent === undefined) throw invalid(`Service not found for token: ${String(token)}`)
      return this.#parent.resolve(token)
    }
    // What is registered under a token is known to whoever registered it.
    return ('factory' in service ? this.#make(token, service) : service.value) as T
  }

  has(token: ServiceToken): boolean {
    return this.#services.has(token) || (this.#parent?.has(token) ?? false)
  }

  /** A container that has the services of this one, and may replace them for itself. */
  createChild(): DIContainer {
    return new DIContainer(this)
  }

  #make(token: ServiceToken, service: Recipe): unknown {
    if (service.isBeingMade) {
      throw invalid(
        `The factory for token ${String(token)} resolves that token again before it has returned; break the cycle`,
      )
    }
    service.isBeingMade = true
    try {
      const value = service.factory(this)
      this.#services.set(token, { value })
      return value
    } finally {
      service.isBeingMade = false
    }
  }
}

type Service = { readonly value: unknown } | Recipe

interface Recipe {
  readonly factory: (container: DIContainer) => unknown
  isBeingMade: boolean
}

function invalid(message: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}
