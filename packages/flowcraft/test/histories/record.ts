// Records one history for each case that has no file yet: `npx tsx --conditions=flowcraft-src packages/flowcraft/test/histories/record.ts`.
// What was recorded once is never recorded again: it is what some version wrote, and every later one must read.
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  encodeValue,
  fingerprint,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type FlowcraftEvent,
  type WorkflowBlueprint,
  type WorkflowResult,
} from 'flowcraft'
import { cases } from './flows.ts'
import type { RecordedCase } from './recorded-case.ts'

// Stack frames would name the machine that recorded.
Error.stackTraceLimit = 0

const folder = dirname(fileURLToPath(import.meta.url))

for (const [name, recorded] of cases) {
  const file = join(folder, `${name}.v1.jsonl`)
  if (existsSync(file)) continue
  const { childOf, blueprint } = recorded
  const { store, result } = await run(childOf?.name ?? name)
  const executionId = childOf?.executionId ?? recorded.executionId ?? name
  const events = await store.retrieve(executionId)
  // A child gives its results to its parent only.
  const { context, status, errors } = childOf === undefined ? result : await resultOf(blueprint, events)
  const lines = [{ blueprint, status, context, errors }, ...events].map((line) => JSON.stringify(encodeValue(line)))
  writeFileSync(file, `${lines.join('\n')}\n`)
}

async function run(name: string): Promise<{ store: InMemoryEventStore; result: WorkflowResult }> {
  // Every case names one that there is.
  const { blueprint, functionRegistry, initialState, flows, drive, isCutBehind } = cases.get(name)!
  const store = new InMemoryEventStore()
  const ids = [name]
  const runtime = runtimeOn(store, () => ids.shift() ?? 'writer', flows)
  const handle = runtime.start(blueprint, initialState, { functionRegistry })
  const result = drive === undefined ? await handle.result() : await drive(handle, runtime)
  if (isCutBehind === undefined) return { store, result }
  const left = await leftOf(await store.retrieve(name), isCutBehind, blueprint)
  return { store: left, result: await runtimeOn(left, () => 'writer', flows).recover(name, { functionRegistry }) }
}

function runtimeOn(store: InMemoryEventStore, idGenerator: () => string, flows: RecordedCase['flows']): FlowRuntime {
  return new FlowRuntime({
    logger: new NullLogger(),
    eventBus: new PersistentEventBusAdapter(store),
    idGenerator,
    ...(flows && { flows }),
  })
}

/** What a process leaves that is killed behind an event: the events up to there, and nobody who drives the run. */
async function leftOf(
  events: readonly FlowcraftEvent[],
  isCutBehind: (event: FlowcraftEvent) => boolean,
  blueprint: WorkflowBlueprint,
): Promise<InMemoryEventStore> {
  const left = new InMemoryEventStore()
  const kept = events.slice(0, events.findIndex(isCutBehind) + 1)
  const batch = { executionId: kept[0]!.executionId, writer: 'killed', owner: 'gone', expectedSeq: 0, events: kept }
  await left.append([batch])
  await left.saveBlueprint(fingerprint(blueprint), blueprint)
  return left
}

async function resultOf(
  blueprint: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
): Promise<Pick<WorkflowResult, 'context' | 'errors'> & { status: string }> {
  const { context, errors, recordedStatus } = await new FlowRuntime().replay(blueprint, events)
  return { context, errors, status: recordedStatus }
}
