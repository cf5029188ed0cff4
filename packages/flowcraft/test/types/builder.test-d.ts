import { expectTypeOf } from 'vitest'
import { BaseNode, createFlow, FlowRuntime, type NodeContext } from 'flowcraft'

interface Order {
  amount: number
  customer: string
}

class Charge extends BaseNode<Order, Record<string, unknown>, number, { charged: boolean }> {
  override async exec() {
    return { output: { charged: true } }
  }
}

const flow = createFlow<Order, { mailer: { send(to: string): void } }>('order')
  .node('check', async ({ context, dependencies }) => {
    expectTypeOf(await context.get('amount')).toEqualTypeOf<number | undefined>()
    expectTypeOf(await context.get('something else')).toEqualTypeOf<unknown>()
    expectTypeOf(dependencies.mailer.send).parameters.toEqualTypeOf<[string]>()
    // @ts-expect-error the context says that an amount is a number
    await context.set('amount', 'much')
    return { output: 42 }
  })
  .node('charge', Charge, { inputs: 'check' })
  .node('mail', ({ input }: NodeContext<Order, Record<string, unknown>, { to: string }>) => ({ output: input.to }))
  .node('nothing', () => undefined)
  .edge('check', 'charge', { condition: 'input > 1' })
  .edge('charge', 'mail')

// @ts-expect-error there is no such target
flow.edge('check', 'typo')
// @ts-expect-error there is no such source
flow.edge('typo', 'check')
// @ts-expect-error an edge has no such option
flow.edge('check', 'mail', { when: 'always' })
// @ts-expect-error neither a key of the context nor a node
flow.node('wrong', () => ({}), { inputs: 'amonut' })
// @ts-expect-error the same inside a mapping
flow.node('wrong', () => ({}), { inputs: { a: 'amonut' } })
// @ts-expect-error an initial state of another type
void flow.run(new FlowRuntime({ dependencies: { mailer: { send(_to: string) {} } } }), { amount: 'much' })
// @ts-expect-error a misspelt option of the config
flow.node('wrong', () => ({}), { config: { maxRetry: 3 } })

// @ts-expect-error a cycle begins at a node that there is
flow.setCycleEntryPoint('typo')
flow.setCycleEntryPoint('check').setCycleEntryPoint('charge')

flow.node('inputs', () => ({}), { inputs: 'amount' })
flow.node('inputs', () => ({}), { inputs: 'check' })
flow.node('inputs', () => ({}), { inputs: 'charge.charged' })
flow.node('inputs', () => ({}), { inputs: { a: '_outputs.check', b: 'customer' } })

const mailing = new FlowRuntime({ dependencies: { mailer: { send(_to: string) {} } } })
const bare = new FlowRuntime()
// @ts-expect-error the nodes need a mailer
void flow.run(bare, { amount: 1 })
// A flow that names no dependencies runs on any runtime.
void createFlow('modest')
  .node('a', () => ({}))
  .run(mailing)
const result = await flow.run(mailing, { amount: 1 })
expectTypeOf(result.context._executionId).toEqualTypeOf<string>()
expectTypeOf(result.context.amount).toEqualTypeOf<number | undefined>()
expectTypeOf(result.context['_outputs.check']).toEqualTypeOf<number | undefined>()
expectTypeOf(result.context['_outputs.charge']).toEqualTypeOf<{ charged: boolean } | undefined>()
expectTypeOf(result.context['_outputs.mail']).toEqualTypeOf<string | undefined>()
expectTypeOf(result.status).toEqualTypeOf<'completed' | 'failed' | 'cancelled' | 'awaiting' | 'stalled'>()

const resumed = await flow.resume(mailing, result.serializedContext, { output: 1, action: 'ok' }, 'check')
expectTypeOf(resumed).toEqualTypeOf<typeof result>()
// @ts-expect-error the nodes need a mailer after a pause as well
void flow.resume(bare, 'execution-1')

const runtime = new FlowRuntime()
const sameResult = await runtime.run(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
expectTypeOf(sameResult.context['_outputs.check']).toEqualTypeOf<number | undefined>()
const replayed = await runtime.replay(flow.toBlueprint(), [])
expectTypeOf(replayed.context['_outputs.check']).toEqualTypeOf<number | undefined>()
expectTypeOf(replayed.status).toEqualTypeOf<'completed'>()

// Without literal ids there is nothing to hold a typo against.
const id: string = 'made up at run time'
createFlow('loose')
  .node(id, () => ({}))
  .edge('anything', 'goes')

// Without a context type, every input key is possible.
createFlow('open').node('a', () => ({}), { inputs: 'whatever' })

// A blueprint that is plain data has a context of unknown values.
const plain = await runtime.run({ id: 'plain', nodes: [], edges: [] })
expectTypeOf(plain.context._executionId).toEqualTypeOf<string>()
expectTypeOf(plain.context['x']).toEqualTypeOf<unknown>()
