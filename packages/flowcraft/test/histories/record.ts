// Records one history for each case that has no file yet: `npx tsx --conditions=flowcraft-src packages/flowcraft/test/histories/record.ts`.
// What was recorded once is never recorded again: it is what some version wrote, and every later one must read.
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeValue, FlowRuntime, InMemoryEventStore, NullLogger, PersistentEventBusAdapter } from 'flowcraft'
import { cases } from './flows.ts'

// Stack frames would name the machine that recorded.
Error.stackTraceLimit = 0

const folder = dirname(fileURLToPath(import.meta.url))

for (const [name, { blueprint, functionRegistry, initialState }] of cases) {
  const file = join(folder, `${name}.v1.jsonl`)
  if (existsSync(file)) continue
  const store = new InMemoryEventStore()
  const ids = [name, 'writer']
  const runtime = new FlowRuntime({
    logger: new NullLogger(),
    eventBus: new PersistentEventBusAdapter(store),
    idGenerator: () => ids.shift() ?? '',
  })
  const handle = runtime.start(blueprint, initialState, { functionRegistry })
  if (name === 'cancelled') {
    await handle.begun
    handle.cancel('enough')
  }
  const { context, status, errors } = await handle.result()
  const events = await store.retrieve(name)
  const lines = [{ blueprint, status, context, errors }, ...events].map((line) => JSON.stringify(encodeValue(line)))
  writeFileSync(file, `${lines.join('\n')}\n`)
}
