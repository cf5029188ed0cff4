import { expectTypeOf } from 'vitest'
import { createFlow, FlowRuntime, type ILogger } from 'flowcraft'
import { ServiceTokens, type DIContainer } from '../../src/extensions/container.ts'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { createDefaultContainer } from '../../src/runtime/default-container.ts'

interface Mailer {
  send(to: string): void
}

const mailer: Mailer = { send: () => {} }
const container = createDefaultContainer({ dependencies: { mailer } })
expectTypeOf(container).toEqualTypeOf<DIContainer>()
expectTypeOf(container.resolve(ServiceTokens.Logger)).toEqualTypeOf<unknown>()
expectTypeOf(container.resolve<ILogger>(ServiceTokens.Logger)).toEqualTypeOf<ILogger>()

expectTypeOf(new FlowRuntime()).toEqualTypeOf<FlowRuntime<Record<string, unknown>>>()
expectTypeOf(new FlowRuntime(container)).toEqualTypeOf<FlowRuntime<Record<string, unknown>>>()
expectTypeOf(new FlowRuntime({ dependencies: { mailer } })).toEqualTypeOf<FlowRuntime<{ mailer: Mailer }>>()
expectTypeOf(new FlowRuntime(container, { dependencies: { mailer } })).toEqualTypeOf<FlowRuntime<{ mailer: Mailer }>>()
// @ts-expect-error there is no such service
createDefaultContainer({ mailer })

const flow = createFlow<object, { mailer: Mailer }>('mail').node('a', () => ({}))
void flow.run(new FlowRuntime<{ mailer: Mailer }>(container), {})
const bare = new FlowRuntime(container)
// @ts-expect-error nobody has said which dependencies the container has
void flow.run(bare, {})

const middleware: Middleware = {
  async aroundNode(context, nodeId, next) {
    expectTypeOf(nodeId).toEqualTypeOf<string>()
    expectTypeOf(await context.get('anything')).toEqualTypeOf<unknown>()
    return await next()
  },
}
void new FlowRuntime({ middleware: [middleware] })
// @ts-expect-error what is around a node gives its result back
void new FlowRuntime({ middleware: [{ aroundNode: async (_context, _id, next) => void (await next()) }] })
