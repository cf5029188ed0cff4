import { afterEach, expect, it } from 'vitest'
import { FlowRuntime, PersistentEventBusAdapter, type FlowcraftEvent, type WorkflowResult } from 'flowcraft'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { parkedFlows, type FlowName } from './fixtures/parked-flows.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'
import { startWorker, work } from './worker-process.ts'

const time = 60_000
const opened: SqliteHistoryAdapter[] = []

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  removeFolders()
})

it.each(['its execution id', 'its context'])(
  'a run that one process parks goes on in another, by %s, and then no more in the first one',
  async (knownBy) => {
    const { parked, databasePath, runtime, ran, historyOf } = await park('approval')
    const { executionId, serializedContext } = parked
    expect(ran.splice(0)).toEqual(['ask'])
    const answer = { executionId, nodeId: 'approve', output: 'fine', action: 'yes' }
    const known = knownBy === 'its context' ? { serializedContext } : {}
    const other = await work(databasePath, { flow: 'approval', resume: answer, ...known })
    expect(other).toMatchObject({ ran: ['yes'], result: { status: 'completed', executionId }, error: undefined })

    const events = await historyOf(executionId)
    const before = 'workflow:start node:start node:finish edge:evaluate node:start node:wait workflow:pause'
    const after = 'workflow:resume node:finish edge:evaluate edge:evaluate node:skipped node:start node:finish'
    expect(typesOf(events).join(' ')).toBe(`${before} ${after} workflow:finish`)
    const replayed = await new FlowRuntime().replay(parkedFlows().approval.toBlueprint(), events)
    expect(replayed).toMatchObject({
      recordedStatus: 'completed',
      context: { approve: 'fine', yes: new Map([['yes', 'fine']]) },
    })

    // It still holds the parked run, but the log knows more.
    await expect(runtime.resume(executionId, answer)).rejects.toMatchObject({ code: 'NOT_AWAITING' })
    expect(ran).toEqual([])
    expect(await historyOf(executionId)).toEqual(events)
  },
  time,
)

it(
  'a run that sleeps in one process is woken in another',
  async () => {
    const { parked, databasePath, store, historyOf } = await park('sleeping')
    const { executionId } = parked
    const before = await historyOf(executionId)
    expect(before.at(-1)?.type).toBe('workflow:stall')
    const woken = await work(databasePath, { flow: 'sleeping', resume: { executionId, nodeId: 'nap' } })
    expect(woken).toMatchObject({ ran: ['after'], result: { status: 'completed', executionId } })
    const events = await historyOf(executionId)
    expect(events.slice(0, before.length)).toEqual(before)
    expect(await store.getStats()).toEqual({ executions: 1, totalEvents: events.length })
  },
  time,
)

it(
  'a run whose subflow waits goes on in another process, each of the two under its own id',
  async () => {
    const { parked, databasePath, store, ran, historyOf } = await park('family')
    const { executionId } = parked
    expect(ran).toEqual(['first', 'ask'])
    const resume = { executionId, nodeId: 'inner/approve', output: 1, action: 'no' }
    const other = await work(databasePath, { flow: 'family', resume })
    expect(other).toMatchObject({ ran: ['no', 'last'], result: { status: 'completed', executionId } })
    for (const id of [executionId, `${executionId}:inner#0`]) {
      const own = typesOf(await historyOf(id)).filter((type) => type.startsWith('workflow:'))
      expect(own).toEqual(['workflow:start', 'workflow:pause', 'workflow:resume', 'workflow:finish'])
    }
    expect((await store.getStats()).executions).toBe(2)
  },
  time,
)

it.each([
  ['approval', { nodeId: 'approve', action: 'yes' }, ['yes']],
  ['sleeping', { nodeId: 'nap' }, ['after']],
  ['family', { nodeId: 'inner/approve', action: 'no' }, ['no', 'last']],
] as const)(
  'two processes that resume the same node of a parked run (%s) at once: one goes on, the other runs nothing',
  async (flow, answer, behind) => {
    const { parked, databasePath, historyOf } = await park(flow)
    const { executionId } = parked
    const task = { flow, resume: { executionId, ...answer }, isHeld: true }
    const workers = [startWorker(databasePath, task), startWorker(databasePath, task)]
    // Each has read the parked run and is about to write.
    await Promise.all(workers.map(({ held }) => held))
    for (const { letGo } of workers) letGo()
    const said = await Promise.all(workers.map((worker) => worker.said))
    const winner = said.find(({ result }) => result !== undefined)
    const loser = said.find((each) => each !== winner)
    expect(winner).toMatchObject({ ran: behind, result: { status: 'completed', executionId }, error: undefined })
    // The loser finds the winner at work, or its events when it has ended.
    expect(loser).toMatchObject({ ran: [], result: undefined })
    expect(loser?.error).toMatch(/^(EXECUTION|CONCURRENCY)_CONFLICT$/)
    const own = typesOf(await historyOf(executionId)).filter((type) => type.startsWith('workflow:'))
    expect(own.slice(2)).toEqual(['workflow:resume', 'workflow:finish'])
  },
  time,
)

interface Parked {
  readonly databasePath: string
  readonly store: SqliteHistoryAdapter
  /** Has the parked run in its memory. */
  readonly runtime: FlowRuntime
  readonly parked: WorkflowResult
  /** The nodes whose code ran in this process. */
  readonly ran: string[]
  /** The events of an execution, which have no gap. */
  historyOf(executionId: string): Promise<FlowcraftEvent[]>
}

/** A run that this process has parked. */
async function park(name: FlowName): Promise<Parked> {
  const databasePath = temporaryPath()
  const store = new SqliteHistoryAdapter({ databasePath })
  opened.push(store)
  const ran: string[] = []
  const flows = parkedFlows((nodeId) => void ran.push(nodeId))
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), flows: [flows.approval] })
  const parked = await flows[name].run(runtime)
  expect(parked.status).toBe('awaiting')
  const historyOf = async (executionId: string): Promise<FlowcraftEvent[]> => {
    const events = await store.retrieve(executionId)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
    return events
  }
  return { databasePath, store, runtime, parked, ran, historyOf }
}

function typesOf(events: readonly FlowcraftEvent[]): string[] {
  return events.map(({ type }) => type)
}
