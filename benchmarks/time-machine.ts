// What looking back costs, beside the raw read of the same events: `pnpm --filter benchmarks run time-machine`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import Database from 'better-sqlite3'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  openRecording,
  PersistentEventBusAdapter,
  recordingFrom,
  simulate,
  verifyRecording,
  type FlowcraftEvent,
  type Recording,
} from 'flowcraft'
import { createStepper } from 'flowcraft/testing'
import { chain } from './graphs.ts'

const rounds = 5
const folder = mkdtempSync(join(tmpdir(), 'flowcraft-time-machine-'))
const row = (what: string, figure: string, goal: string): void =>
  console.log(`${what.padEnd(58)} ${figure.padStart(22)}   ${goal}`)

try {
  await looking(100_000, 'under 1 ms')
  await looking(1_000_000, 'under 5 ms')
  await opening()
  await forking()
  await judging()
  await stepping()
} finally {
  rmSync(folder, { recursive: true })
}

/** A chain of trivial nodes. */
function flowOf(length: number): ReturnType<typeof createFlow> {
  const { nodes, edges } = chain(length)
  const flow = createFlow(`chain-${length}`)
  for (const [index, id] of nodes.entries()) flow.node(id, () => ({ output: index }))
  for (const [source, target] of edges) flow.edge(source, target)
  return flow
}

/** The events of a chain with about so many. */
async function eventsOf(count: number): Promise<FlowcraftEvent[]> {
  const store = new InMemoryEventStore()
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
  const { executionId } = await flowOf(Math.round(count / 3)).run(runtime)
  return await store.retrieve(executionId)
}

async function looking(count: number, goal: string): Promise<void> {
  const text = JSON.stringify(await eventsOf(count))
  const before = heap()
  const events = JSON.parse(text) as FlowcraftEvent[]
  const parsed = heap() - before
  const recording = recordingFrom(events)
  const all = heap() - before
  const title = `${events.length.toLocaleString('en')} events`
  row(`at(random), then a node and a key of it, ${title}`, micros(each(2000, () => look(recording))), goal)
  const cursor = recording.cursor(Math.floor(events.length / 2))
  row(`next() and prev(), ${title}`, micros(each(2000, () => void (cursor.next(), cursor.prev())) / 2), 'under 20 µs')
  row(`memory, against the parsed events, ${title}`, `${(all / parsed).toFixed(2)}×`, 'under 2.5×')
}

function look(recording: Recording): unknown {
  const snapshot = recording.at(Math.floor(Math.random() * recording.length))
  return [snapshot.status, snapshot.node('n7')?.status]
}

async function opening(): Promise<void> {
  const databasePath = join(folder, 'opening.db')
  const store = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
  const { executionId } = await flowOf(33_333).run(new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) }))
  const db = new Database(databasePath, { readonly: true })
  const read = db.prepare<[], { payload: string }>('SELECT payload FROM flowcraft_events ORDER BY run, seq')
  const raw = await medianOf(() => void read.all().map(({ payload }) => JSON.parse(payload) as unknown))
  const ours = await medianOf(async () => void (await openRecording(store, executionId)))
  db.close()
  await store.close()
  row(
    'open a recording of 100,000 events from SQLite',
    `${ours.toFixed(0)} ms (${(ours / raw).toFixed(2)}× raw)`,
    'under 2.5× raw',
  )
}

async function forking(): Promise<void> {
  const store = new SqliteHistoryAdapter({ databasePath: join(folder, 'forking.db'), synchronous: 'NORMAL' })
  const bus = new PersistentEventBusAdapter(store)
  const flow = flowOf(33_333)
  const runtime = new FlowRuntime({ eventBus: bus, flows: [flow] })
  const { executionId: from } = await flow.run(runtime)
  const recording = await openRecording(store, from)
  const seq = recording.length - 2
  let nth = 0
  const inStore = await medianOf(async () => {
    const executionId = `fork-${(nth += 1)}`
    const payload = { executionId, blueprintId: flow.toBlueprint().id, from, seq }
    const event = {
      id: `${executionId}:${seq + 1}`,
      seq: seq + 1,
      executionId,
      timestamp: 0,
      type: 'workflow:fork',
      payload,
    } as const
    await store.fork({ executionId, from, seq, writer: 'bench', event })
  })
  row('fork at event 100,000, in the store', `${inStore.toFixed(2)} ms`, 'under 5 ms; a copy of the rows 314 ms')
  const whole = await medianOf(async () => void (await runtime.fork(recording, { at: seq })))
  row('the same, until the fork runs', `${whole.toFixed(0)} ms`, '')
  await bus.close()
}

async function judging(): Promise<void> {
  const flow = flowOf(10)
  const store = new InMemoryEventStore()
  const { executionId } = await flow.run(new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) }))
  const events = await store.retrieve(executionId)
  const blueprint = flow.toBlueprint()
  const recording = await openRecording(store, executionId)
  const verify = each(2000, () => void verifyRecording(blueprint, recordingFrom(events)))
  row(
    'verify runs of 10 nodes, from their events',
    `${Math.round(1e6 / verify).toLocaleString('en')} runs/s`,
    '5,000 runs/s',
  )
  const ms = await medianOf(async () => {
    for (let nth = 0; nth < 500; nth += 1) await simulate(blueprint, recording)
  })
  row('simulate runs of 10 nodes', `${Math.round(500_000 / ms).toLocaleString('en')} runs/s`, '')
}

async function stepping(): Promise<void> {
  const flow = flowOf(1600)
  const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
  const from = performance.now()
  while (!stepper.isDone()) {
    await stepper.next()
    await stepper.state.getContext().get('n0')
  }
  row(
    'stepper: a chain of 1,600, a key read at each step',
    `${(performance.now() - from).toFixed(0)} ms`,
    'peer 10.9 s; 100×',
  )
  const back = await medianOf(async () => void (await stepper.prev()))
  row('stepper: prev()', `${back.toFixed(3)} ms`, 'peer 73 ms; 1,000×')
}

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

/** Microseconds for one call: the median of many. */
function each(count: number, work: () => unknown): number {
  const times: number[] = []
  for (let nth = 0; nth < count; nth += 1) {
    const from = performance.now()
    work()
    times.push((performance.now() - from) * 1000)
  }
  return times.toSorted((a, b) => a - b)[count >> 1]!
}

function micros(value: number): string {
  return `${value.toFixed(1)} µs`
}

/** Milliseconds for one call: the median of a few. */
async function medianOf(work: () => void | Promise<void>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now()
    await work()
    times.push(performance.now() - from)
  }
  return times.toSorted((a, b) => a - b)[rounds >> 1]!
}
