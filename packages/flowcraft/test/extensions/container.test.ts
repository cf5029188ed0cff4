import { describe, expect, it } from 'vitest'
import {
  ConsoleLogger,
  ExpressionEvaluator,
  FlowEventBus,
  FlowRuntime,
  JsonSerializer,
  NullLogger,
  PropertyEvaluator,
  type FlowcraftEvent,
} from 'flowcraft'
import { DIContainer, ServiceTokens } from '../../src/extensions/container.ts'
import { createDefaultContainer } from '../../src/runtime/default-container.ts'

describe('a container', () => {
  it('gives what was registered last, under a name or a symbol', () => {
    const container = new DIContainer()
    const token = Symbol('own')
    container.register('name', 1)
    container.register('name', 2)
    container.register(token, undefined)
    expect(container.resolve('name')).toBe(2)
    expect(container.resolve(token)).toBeUndefined()
    expect([container.has('name'), container.has(token), container.has('other')]).toEqual([true, true, false])
  })

  it('says which service it does not have', () => {
    const container = new DIContainer().createChild()
    expect(() => container.resolve('mailer')).toThrow('Service not found for token: mailer')
    expect(() => container.resolve(ServiceTokens.Logger)).toThrow(
      expect.objectContaining({
        message: 'Service not found for token: Symbol(flowcraft:logger)',
        code: 'INPUT_INVALID',
      }),
    )
  })

  it('calls a factory when its service is first needed, and keeps what that gives', () => {
    const calls: DIContainer[] = []
    const container = new DIContainer()
    container.registerFactory('service', (given) => ({ number: calls.push(given) }))
    expect(calls).toEqual([])
    expect(container.has('service')).toBe(true)
    expect(container.resolve('service')).toBe(container.resolve('service'))
    expect(calls).toEqual([container])
  })

  it('asks a factory again after it has failed', () => {
    let calls = 0
    const container = new DIContainer()
    container.registerFactory('service', () => {
      if ((calls += 1) === 1) throw new Error('not yet')
      return 'ready'
    })
    expect(() => container.resolve('service')).toThrow('not yet')
    expect(container.resolve('service')).toBe('ready')
  })

  it('refuses factories that need each other, and what is no factory', () => {
    const container = new DIContainer()
    container.registerFactory('a', (given) => given.resolve('b'))
    container.registerFactory('b', (given) => given.resolve('a'))
    expect(() => container.resolve('a')).toThrow('The factory for token a resolves that token again')
    expect(() => container.registerFactory('c', 'value' as never)).toThrow('is string; expected a function')
  })

  it('has children that see its services, also later ones, and replace them for themselves', () => {
    const parent = new DIContainer()
    const child = parent.createChild()
    parent.register('shared', 'parent')
    parent.registerFactory('made', () => ({}))
    expect(child.has('shared')).toBe(true)
    expect(child.resolve('made')).toBe(parent.resolve('made'))
    child.register('shared', 'child')
    expect([child.resolve('shared'), parent.resolve('shared')]).toEqual(['child', 'parent'])
  })
})

describe('the default container', () => {
  it('has every service that a runtime has by itself, and no event bus', () => {
    const container = createDefaultContainer()
    expect(container.resolve(ServiceTokens.Logger)).toBeInstanceOf(ConsoleLogger)
    expect(container.resolve(ServiceTokens.Serializer)).toBeInstanceOf(JsonSerializer)
    expect(container.resolve(ServiceTokens.Evaluator)).toBeInstanceOf(ExpressionEvaluator)
    expect(container.resolve(ServiceTokens.Middleware)).toEqual([])
    expect(container.resolve(ServiceTokens.NodeRegistry)).toEqual(new Map())
    expect(container.resolve(ServiceTokens.BlueprintRegistry)).toEqual({})
    expect(container.resolve(ServiceTokens.Dependencies)).toEqual({})
    expect(container.has(ServiceTokens.EventBus)).toBe(false)
  })

  it('has the given services instead', () => {
    const services = {
      logger: new NullLogger(),
      serializer: new JsonSerializer(),
      evaluator: new PropertyEvaluator(),
      eventBus: new FlowEventBus(),
      middleware: [{}],
      registry: {},
      blueprints: { one: { id: 'one', nodes: [], edges: [] } },
      dependencies: { mailer: {} },
    }
    const container = createDefaultContainer(services)
    expect(container.resolve(Symbol.for('flowcraft:logger'))).toBe(services.logger)
    expect(container.resolve(Symbol.for('flowcraft:serializer'))).toBe(services.serializer)
    expect(container.resolve(Symbol.for('flowcraft:evaluator'))).toBe(services.evaluator)
    expect(container.resolve(Symbol.for('flowcraft:eventBus'))).toBe(services.eventBus)
    expect(container.resolve(Symbol.for('flowcraft:middleware'))).toBe(services.middleware)
    expect(container.resolve(Symbol.for('flowcraft:nodeRegistry'))).toBe(services.registry)
    expect(container.resolve(Symbol.for('flowcraft:blueprintRegistry'))).toBe(services.blueprints)
    expect(container.resolve(Symbol.for('flowcraft:dependencies'))).toBe(services.dependencies)
  })
})

describe('a runtime of a container', () => {
  it('runs with its services', async () => {
    const events: FlowcraftEvent[] = []
    const container = createDefaultContainer({
      logger: new NullLogger(),
      eventBus: { emit: (event) => void events.push(event) },
      middleware: [{ aroundNode: async (_context, _id, next) => ({ output: [(await next()).output] }) }],
      registry: { a: ({ dependencies }) => ({ output: dependencies['greeting'] }) },
      dependencies: { greeting: 'hello' },
    })
    const runtime = new FlowRuntime(container)
    const result = await runtime.run({ id: 'one', nodes: [{ id: 'a', uses: 'a' }], edges: [] })
    expect(result.context['a']).toEqual(['hello'])
    expect(events.map(({ type }) => type)).toContain('node:finish')
    expect(runtime.logger).toBe(container.resolve(ServiceTokens.Logger))
    expect(runtime.middleware).toEqual(container.resolve(ServiceTokens.Middleware))
    expect(runtime.options.registry).toBe(runtime.registry)
  })

  it('takes options before services, and does without what neither has', () => {
    const container = new DIContainer()
    const [inContainer, given] = [new NullLogger(), new NullLogger()]
    container.register(ServiceTokens.Logger, inContainer)
    expect(new FlowRuntime(container, { logger: given }).logger).toBe(given)
    expect(new FlowRuntime(container, { logger: undefined }).logger).toBe(inContainer)
    const runtime = new FlowRuntime(container, { strict: true })
    expect(runtime.options.strict).toBe(true)
    expect(runtime.eventBus).toBeUndefined()
    expect(runtime.serializer).toBeInstanceOf(JsonSerializer)
    expect(new FlowRuntime().middleware).toEqual([])
  })
})
