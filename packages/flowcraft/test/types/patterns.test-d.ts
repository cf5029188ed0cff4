import { expectTypeOf } from 'vitest'
import { BaseNode, createFlow, type NodeContext } from 'flowcraft'
import type { FlowRunner } from '../../src/blueprint/flow-runner.ts'
import type { SettledResult } from '../../src/blueprint/flow-types.ts'

interface Parcels {
  parcels: { weight: number }[]
  weights: number[]
}

class Label extends BaseNode<Parcels, Record<string, unknown>, { weight: number }, `label ${number}`> {
  override async exec() {
    return { output: 'label 1' as const }
  }
}

type Weighing = NodeContext<Parcels, Record<string, unknown>, { weight: number }>

const flow = createFlow<Parcels>('parcels')
  .node('load', () => ({ output: true }))
  .batch('weigh', ({ input }: Weighing) => ({ output: input.weight }), { inputKey: 'parcels', outputKey: 'weights' })
  .batch('label', Label, { inputKey: 'parcels', onError: 'collect', chunkSize: 10 })
  .batch(
    'check',
    async ({ input, context }) => {
      expectTypeOf(input).toEqualTypeOf<unknown>()
      expectTypeOf(await context.get('weights')).toEqualTypeOf<number[] | undefined>()
      return { output: true }
    },
    { inputKey: 'weigh_gather' },
  )
  .loop('again', { startNodeId: 'weigh', endNodeId: 'added later', condition: 'input < 3' })
  .sleep('pause', { duration: '5s', inputs: 'load' })
  .wait('approve', { event: 'approved', timeout: '1d' })
  .wait('anything')
  .subflow('send', {
    blueprintId: 'sending',
    inputs: { parcels: 'parcels', weights: 'weigh_gather' },
    outputs: { a: 'b' },
  })
  .node('last', () => ({}), { inputs: 'weights' })
  .edge('load', 'weigh')
  .edge('weigh', 'label_scatter')
  .edge('label_gather', 'check')
  .edge('check', 'again')
  .edge('again', 'pause')
  .edge('pause', 'approve', { transform: 'input' })
  .edge('approve', 'send', { action: 'timeout' })
  .edge('approve', 'anything')
  .setCycleEntryPoint('weigh')
  .setCycleEntryPoint('again')

// @ts-expect-error a batch is two nodes, and no third one
flow.edge('weigh_worker', 'load')
// @ts-expect-error a loop has one node
flow.edge('again_scatter', 'load')
// @ts-expect-error there is no such target
flow.edge('load', 'lable')

// @ts-expect-error neither a key of the context nor a node
flow.batch('wrong', Label, { inputKey: 'parcles' })
// @ts-expect-error a batch has its results under the id of its gather
flow.batch('wrong', Label, { inputKey: 'label' })
// @ts-expect-error a scatter has no output
flow.node('wrong', () => ({}), { inputs: 'label_scatter' })
// @ts-expect-error the same in a mapping to the context of a child
flow.subflow('wrong', { blueprintId: 'sending', inputs: { parcels: 'parcles' } })
// @ts-expect-error where the items come from has to be said
flow.batch('wrong', Label, {})
// @ts-expect-error there is no such way with errors
flow.batch('wrong', Label, { inputKey: 'parcels', onError: 'ignore' })
// @ts-expect-error a misspelt option
flow.batch('wrong', Label, { inputKey: 'parcels', chunksize: 3 })
// @ts-expect-error a loop needs a condition
flow.loop('wrong', { startNodeId: 'load', endNodeId: 'load' })
// @ts-expect-error there is no such unit
flow.sleep('wrong', { duration: '5 minutes' })
// @ts-expect-error the same for a timeout
flow.wait('wrong', { timeout: '5w' })
// @ts-expect-error a subflow runs a blueprint
flow.subflow('wrong', {})

declare const runner: FlowRunner
const { context } = await flow.run(runner, { parcels: [] })
expectTypeOf(context['_outputs.weigh_gather']).toEqualTypeOf<number[] | undefined>()
expectTypeOf(context.weights).toEqualTypeOf<number[] | undefined>()
expectTypeOf(context['_outputs.label_gather']).toEqualTypeOf<SettledResult<`label ${number}`>[] | undefined>()
expectTypeOf(context['label_gather']).toEqualTypeOf<SettledResult<`label ${number}`>[] | undefined>()
expectTypeOf(context['_outputs.check_gather']).toEqualTypeOf<boolean[] | undefined>()
expectTypeOf(context['_outputs.again']).toEqualTypeOf<unknown>()
expectTypeOf(context['_outputs.approve']).toEqualTypeOf<unknown>()
// A batch has no output under its own id, and what its key is named instead is no key.
expectTypeOf(context['_outputs.weigh']).toEqualTypeOf<unknown>()
expectTypeOf(context['weigh_gather']).toEqualTypeOf<unknown>()

const settled = context['_outputs.label_gather']?.[0]
if (settled?.status === 'rejected') expectTypeOf(settled.reason.message).toEqualTypeOf<string>()
else expectTypeOf(settled?.value).toEqualTypeOf<`label ${number}` | undefined>()

// Ids and keys that are known at run time only are any.
const id: string = 'made up at run time'
const loose = createFlow<{ total: number }>('loose')
  .node('a', () => ({ output: 1 }))
  .batch(id, () => ({ output: 'x' }), { inputKey: 'total', outputKey: id })
  .loop(id, { startNodeId: id, endNodeId: id, condition: 'x' })
  .edge('anything', 'goes')
const { context: looseContext } = await loose.run(runner)
expectTypeOf(looseContext.total).toEqualTypeOf<number | undefined>()
expectTypeOf(looseContext['_outputs.a']).toEqualTypeOf<number | undefined>()
expectTypeOf(looseContext['something']).toEqualTypeOf<unknown>()
const { context: byId } = await createFlow('by id')
  .batch(id, () => ({ output: 'x' }), { inputKey: 'items' })
  .run(runner)
expectTypeOf(byId['some_gather']).toEqualTypeOf<unknown>()

// Whether errors are collected may be known at run time only.
const { context: either } = await createFlow('either')
  .batch('b', () => ({ output: 1 }), { inputKey: 'items', onError: id === 'x' ? 'collect' : 'fail' })
  .run(runner)
expectTypeOf(either['_outputs.b_gather']).toEqualTypeOf<number[] | SettledResult<number>[] | undefined>()

// Without a context type, every input key is possible; edges are still held against the nodes.
const open = createFlow('open').batch('b', () => ({}), { inputKey: 'whatever' })
open.edge('b', 'b_gather')
// @ts-expect-error there is no such node
open.edge('b', 'c')

const drawing = flow.toGraphRepresentation()
expectTypeOf(drawing.nodes[0]!.id).toEqualTypeOf<string>()
expectTypeOf(drawing.nodes[0]!.uses).toEqualTypeOf<string | undefined>()
expectTypeOf(drawing.edges[0]!.data).toEqualTypeOf<Record<string, unknown> | undefined>()
