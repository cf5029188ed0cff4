// Adds up a file of sales, of which a few lines are broken.
import { fileURLToPath } from 'node:url'
import { FlowRuntime, InMemoryEventStore, PersistentEventBusAdapter, type FlowcraftEvent } from 'flowcraft'
import { salesFlow } from './flow.ts'
import { rateService } from './rates.ts'

const store = new InMemoryEventStore()
const runtime = new FlowRuntime({
  eventBus: new PersistentEventBusAdapter(store),
  dependencies: { rateOf: rateService() },
})

const { status, errors, context, executionId } = await salesFlow.run(runtime, {
  file: fileURLToPath(new URL('sales.csv', import.meta.url)),
})
const report = context['_outputs.report']
if (report === undefined) throw new Error(errors?.[0]?.message)

console.log(`The run is ${status}. Sales in euros:`)
for (const [shop, euros] of report.totals) console.log(`  ${shop.padEnd(6)} ${euros.toFixed(2).padStart(8)}`)
console.log(`${report.refused.length} lines were refused:`)
for (const line of report.refused) console.log(`  ${line}`)

const events = await store.retrieve(executionId)
console.log('\nWhat the log says of the batch')
for (const { type, payload } of events) {
  if (type === 'batch:start') {
    const { workerNodeIds } = payload
    console.log(`  a chunk: ${workerNodeIds[0]} to ${workerNodeIds.at(-1)}`)
  }
}
console.log(`  at most ${mostAtOnce(events)} workers at a time`)
const retries = events.flatMap(({ type, payload }) => (type === 'node:retry' ? [payload] : []))
for (const { nodeId, error } of retries) console.log(`  ${nodeId} once more: ${error.cause?.message}`)

/** How many workers ran at the same time. */
function mostAtOnce(events: readonly FlowcraftEvent[]): number {
  let running = 0
  let most = 0
  for (const { type, payload } of events) {
    if (!('nodeId' in payload) || !payload.nodeId?.startsWith('convert[')) continue
    if (type === 'node:start') running++
    if (type === 'node:finish' || type === 'node:error' || type === 'node:retry') running--
    most = Math.max(most, running)
  }
  return most
}
