import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'

import type { FlowcraftEvent } from '../../src/events/event.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import { createFlow, FlowRuntime, InMemoryEventStore, PersistentEventBusAdapter } from '../../src/index.ts'
import type { FlowBuilder, NodeContext } from '../../src/index.ts'
import { VirtualClock } from '../laws/virtual-clock.ts'

/** A run of the kind that people draw. The same, to the millisecond, whenever it is made. */
export interface TypicalRun {
  readonly blueprint: WorkflowBlueprint
  readonly events: readonly FlowcraftEvent[]
}

/** One of two ways is chosen. */
export async function branch(): Promise<TypicalRun> {
  const { clock, run } = laboratory('order-1')
  const order = createFlow('order')
    .node('receive', takes(clock, 5, { items: 3 }))
    .node(
      'price',
      async ({ attempt }: NodeContext) => {
        await clock.sleep(40)
        if (attempt === 1) throw new Error('price list is locked')
        return { output: 60 }
      },
      { config: { maxRetries: 2, retryDelay: 100 } },
    )
    .node('ship', takes(clock, 80, 'on its way'))
    .node('ask', takes(clock, 10, 'too expensive?'))
    .node('file', takes(clock, 5), { config: { joinStrategy: 'any' } })
    .edge('receive', 'price')
    .edge('price', 'ship', { condition: 'input < 100' })
    .edge('price', 'ask', { condition: 'input >= 100' })
    .edge('ship', 'file')
    .edge('ask', 'file')
  return run(order)
}

/** A fallback saves one node, and nothing saves another. */
export async function failure(): Promise<TypicalRun> {
  const { clock, run } = laboratory('invoice-7')
  const invoice = createFlow('invoice')
    .node('order', takes(clock, 5, 60))
    .node(
      'rates',
      async () => {
        await clock.sleep(30)
        throw new Error('rates.example does not answer')
      },
      { config: { maxRetries: 3, retryDelay: 50, fallback: 'old_rates' } },
    )
    .node('old_rates', takes(clock, 10, 1.1))
    .node('convert', takes(clock, 10, 66), { config: { joinStrategy: 'any' } })
    .node('charge', async () => {
      await clock.sleep(60)
      throw new Error('card has expired')
    })
    .node('receipt', takes(clock, 5))
    .edge('order', 'rates')
    .edge('rates', 'convert')
    .edge('convert', 'charge')
    .edge('charge', 'receipt')
  return run(invoice)
}

/** Somebody has to approve. */
export async function approval(): Promise<TypicalRun> {
  const { clock, run } = laboratory('trip-1')
  const trip = createFlow('trip')
    .node('plan', takes(clock, 20, 'by train'))
    .wait('approval', { event: 'approved', timeout: '2d' })
    .sleep('patience', { duration: '12h' })
    .node('book', takes(clock, 50))
    .node('remind', takes(clock, 5))
    .edge('plan', 'approval')
    .edge('plan', 'patience')
    .edge('approval', 'book')
    .edge('patience', 'remind')
  return run(trip, async (runtime, executionId) => {
    await clock.sleep(3_600_000)
    await runtime.resume(executionId, { nodeId: 'approval', output: 'yes' })
  })
}

/** What is not good yet is done again. */
export async function loop(): Promise<TypicalRun> {
  const { clock, run } = laboratory('draft-1')
  const draft = createFlow('draft')
    .node('outline', takes(clock, 20))
    .node('write', async ({ iteration }: NodeContext) => {
      await clock.sleep(40)
      return { output: { mistakes: 2 - iteration } }
    })
    .node('review', async ({ input }: NodeContext) => {
      await clock.sleep(30)
      return { output: input }
    })
    .loop('again', { startNodeId: 'write', endNodeId: 'review', condition: 'input.mistakes > 0' })
    .node('print', takes(clock, 10))
    .edge('outline', 'write')
    .edge('write', 'review')
    .edge('again', 'print')
  return run(draft)
}

/** Ten pictures, one of which is none. */
export async function batch(): Promise<TypicalRun> {
  const { clock, run } = laboratory('album-1')
  const resize = async ({ input, attempt }: NodeContext): Promise<{ output: unknown }> => {
    await clock.sleep(input === '8.jpg' ? 300 : 25)
    if (input === '3.jpg') throw new Error('3.jpg is not a picture')
    if (input === '2.jpg' && attempt === 1) throw new Error('busy')
    return { output: input }
  }
  const album = createFlow('album')
    .node(
      'photos',
      takes(
        clock,
        10,
        Array.from({ length: 10 }, (_, index) => `${index}.jpg`),
      ),
    )
    .batch('resize', resize, { inputKey: 'photos', concurrency: 4, onError: 'collect', config: { maxRetries: 2 } })
    .node('publish', takes(clock, 5))
    .edge('photos', 'resize')
    .edge('resize', 'publish')
  return run(album)
}

/** A flow that runs another one, which has trouble. */
export async function family(): Promise<TypicalRun> {
  const { clock, run, flows } = laboratory('shop-7')
  const payment = createFlow('payment')
    .node(
      'charge',
      async ({ attempt }: NodeContext) => {
        await clock.sleep(60)
        if (attempt === 1) throw new Error('card reader is busy')
        return { output: 'paid' }
      },
      { config: { maxRetries: 2, retryDelay: 100 } },
    )
    .node('receipt', takes(clock, 15))
    .edge('charge', 'receipt')
  flows.push(payment)
  // One after the other: how long a subflow takes to start is not in the hands of a virtual clock.
  const shop = createFlow('shop')
    .node('cart', takes(clock, 20, 2))
    .node('pack', takes(clock, 90))
    .subflow('pay', { blueprintId: 'payment' })
    .wait('pickup', { event: 'collected' })
    .edge('cart', 'pack')
    .edge('pack', 'pay')
    .edge('pay', 'pickup')
  return run(shop, async (runtime, executionId) => {
    await clock.sleep(150)
    await runtime.resume(executionId, { nodeId: 'pickup', output: 'by the neighbour' })
  })
}

/** Up to and with the first event of a kind. */
export function until({ events }: TypicalRun, isLast: (event: FlowcraftEvent) => boolean): { readonly at: number } {
  const last = events.find(isLast)
  if (last === undefined) throw new Error('no such event in the run')
  return { at: last.seq }
}

type Drive = (runtime: FlowRuntime, executionId: string) => Promise<unknown>

interface Laboratory {
  readonly clock: VirtualClock
  /** What subflows may run. */
  readonly flows: FlowBuilder[]
  /** Runs a flow; `drive` is what happens once it is parked. The events of the run come first, then those of subflows. */
  readonly run: (flow: FlowBuilder, drive?: Drive) => Promise<TypicalRun>
}

function laboratory(executionId: string): Laboratory {
  const clock = new VirtualClock()
  const store = new InMemoryEventStore()
  const flows: FlowBuilder[] = []
  const run = async (flow: FlowBuilder, drive?: Drive): Promise<TypicalRun> => {
    const runtime = new FlowRuntime({
      clock,
      flows: [...flows, flow],
      logger: new NullLogger(),
      idGenerator: () => executionId,
      eventBus: new PersistentEventBusAdapter(store),
    })
    await flow.run(runtime)
    await drive?.(runtime, executionId)
    const events = await store.retrieve(executionId)
    const children = events.flatMap(({ type, payload }) =>
      type === 'node:start' ? (payload.childExecutionId ?? []) : [],
    )
    for (const child of children) events.push(...(await store.retrieve(child)))
    return { blueprint: flow.toBlueprint(), events }
  }
  return { clock, flows, run }
}

function takes(clock: VirtualClock, ms: number, output: unknown = 'done'): () => Promise<{ output: unknown }> {
  return async () => {
    await clock.sleep(ms)
    return { output }
  }
}
