// An order with its payment and its shipping, which has a subflow of its own. The shipping waits for the carrier.
import { FlowRuntime, InMemoryEventStore, PersistentEventBusAdapter } from 'flowcraft'
import { familyOf } from './family.ts'
import { labelFlow, orderFlow, paymentFlow, shippingFlow } from './flows.ts'

const store = new InMemoryEventStore()
const runtime = new FlowRuntime({
  eventBus: new PersistentEventBusAdapter(store),
  flows: [orderFlow, paymentFlow, shippingFlow, labelFlow],
})

const { executionId, status, context } = await orderFlow.run(runtime, { total: 49, address: 'Rheingasse 1, Basel' })
console.log(`The order is ${status}; it waits for`, context['_awaitingDetails'])
await printFamily()

const shipped = await orderFlow.resume(runtime, executionId, { output: { collectedBy: 'van 3' } }, 'ship/confirm')
console.log(`\nThe carrier has come, and the order is ${shipped.status}:`, shipped.context['_outputs.tell'])
await printFamily()

/** Each run has a log of its own, and each log is enough to replay its run. */
async function printFamily(): Promise<void> {
  for (const member of await familyOf(store, executionId)) {
    const [start] = member.events
    const blueprint = runtime.getBlueprint(start?.payload.blueprintId ?? '')
    if (blueprint === undefined) throw new Error(`${member.executionId} is a run of a flow that is not registered`)
    const replayed = await runtime.replay(blueprint, member.events, member.executionId, { strict: true })
    console.log(`${'  '.repeat(member.depth + 1)}${member.executionId}`)
    console.log(
      `${'  '.repeat(member.depth + 3)}${member.events.length} events, replayed: ${replayed.recordedStatus},`,
      {
        reference: replayed.context['reference'],
      },
    )
  }
}
