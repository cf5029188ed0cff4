import { describe, expect, it } from 'vitest'
import { createFlow, type ILogger, type NodeContext, type RegisteredFlow } from 'flowcraft'
import { codeOf, gate, processOn, sharedHistory, storyOf, until, type SharedHistory } from './recovery-bench.ts'
import { idle, virtualClock } from './virtual-clock.ts'

const start = 1_000_000

/** A process that puts a run to sleep, and is heard of no more. */
async function asleep(history: SharedHistory, ...flows: readonly [RegisteredFlow, ...RegisteredFlow[]]): Promise<void> {
  const runtime = processOn(history.open(), { flows, idGenerator: () => 'run', clock: virtualClock(start) })
  await runtime.run(flows[0].toBlueprint())
}

/** A process whose scheduler looks every second. */
function scheduler(history: SharedHistory, flows: readonly RegisteredFlow[], now = start, logger?: ILogger) {
  const clock = virtualClock(now)
  const runtime = processOn(history.open(), { flows, clock, ...(logger && { logger }) })
  runtime.startScheduler(1000)
  return { runtime, clock }
}

const resumesIn = async (history: SharedHistory, executionId = 'run'): Promise<number> =>
  (await storyOf(history.memory, executionId)).filter((event) => event.startsWith('workflow:resume')).length

const napping = () =>
  createFlow('nap')
    .sleep('nap', { duration: '10s' })
    .node('up', async ({ input }: NodeContext) => ({ output: input ?? 'awake' }))
    .edge('nap', 'up')

describe('a scheduler', () => {
  it('wakes what another process has put to sleep, and never early', async () => {
    const history = sharedHistory()
    await asleep(history, napping())
    const { runtime, clock } = scheduler(history, [napping()])
    await clock.advance(9999)
    expect(await resumesIn(history)).toBe(0)
    await clock.advance(1001)
    await until(async () => (await runtime.result('run')).status === 'completed')
    expect(await resumesIn(history)).toBe(1)
    runtime.stopScheduler()
  })

  it('wakes each run once, also where there are three', async () => {
    const history = sharedHistory()
    await asleep(history, napping())
    const three = [1, 2, 3].map(() => scheduler(history, [napping()]))
    await Promise.all(three.map(({ clock }) => clock.advance(12_000)))
    const { runtime } = three[0]!
    await until(async () => (await runtime.result('run')).status === 'completed')
    await idle()
    expect((await storyOf(history.memory, 'run')).filter((event) => event === 'node:start up')).toHaveLength(1)
    expect(await resumesIn(history)).toBe(1)
    for (const one of three) one.runtime.stopScheduler()
  })

  it('does not wake what somebody paused', async () => {
    const history = sharedHistory()
    const door = gate()
    const calls: string[] = []
    const flow = createFlow('paused')
      .sleep('nap', { duration: '1s' })
      .node('slow', async ({ nodeId }: NodeContext) => {
        calls.push(nodeId)
        await door.opened
      })
      .node('next', async () => ({ output: 1 }))
      .edge('slow', 'next')
    const first = processOn(history.open(), { flows: [flow], idGenerator: () => 'run', clock: virtualClock(start) })
    const result = first.run(flow.toBlueprint())
    await until(() => calls.length > 0)
    await first.requestPause('run')
    door.open()
    await result
    const stored = await storyOf(history.memory, 'run')
    const { runtime, clock } = scheduler(history, [flow])
    await clock.advance(60_000)
    expect(await storyOf(history.memory, 'run')).toEqual(stored)
    runtime.stopScheduler()
  })

  it('wakes nodes in subflows, and in theirs', async () => {
    const history = sharedHistory()
    const inner = napping()
    const middle = createFlow('middle').subflow('deep', { blueprintId: 'nap' })
    const outer = createFlow('outer').subflow('sub', { blueprintId: 'middle' })
    const flows = [outer, middle, inner] as const
    await asleep(history, ...flows)
    const { runtime, clock } = scheduler(history, flows)
    await clock.advance(9000)
    expect(await resumesIn(history)).toBe(0)
    await clock.advance(2000)
    await until(async () => (await runtime.result('run')).status === 'completed')
    expect(await resumesIn(history, 'run:sub#0')).toBe(1)
    expect((await runtime.result('run')).context['sub']).toBe('awake')
    runtime.stopScheduler()
  })

  it("ends a wait that has a timeout with the action 'timeout'", async () => {
    const history = sharedHistory()
    const flow = createFlow('ask')
      .wait('ask', { timeout: '5s' })
      .node('late', async () => ({ output: 'late' }))
      .node('answered', async () => ({ output: 'answered' }))
      .edge('ask', 'late', { action: 'timeout' })
      .edge('ask', 'answered')
    await asleep(history, flow)
    const { runtime, clock } = scheduler(history, [flow], start + 60_000)
    await clock.advance(0)
    await until(async () => (await runtime.result('run')).status === 'completed')
    const { context } = await runtime.result('run')
    expect(context).toMatchObject({ late: 'late' })
    expect('answered' in context).toBe(false)
    runtime.stopScheduler()
  })

  it('leaves nothing behind when it is stopped', async () => {
    const history = sharedHistory()
    await asleep(history, napping())
    const { runtime, clock } = scheduler(history, [napping()])
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
    await clock.advance(60_000)
    expect(await resumesIn(history)).toBe(0)
  })

  it('recovers what was cut off, and says once where there is no code for it', async () => {
    const history = sharedHistory()
    let calls = 0
    const slow = (door = gate()) =>
      createFlow('slow').node('a', async () => {
        calls += 1
        await door.opened
        return { output: 'done' }
      })
    const unknown = createFlow('unknown').node('u', async () => {
      calls += 1
      await gate().opened
    })
    const ids = ['known', 'alien']
    const flows = [slow(), unknown] as const
    const lost = processOn(history.open(), { flows, idGenerator: () => ids.shift()! })
    for (const flow of flows) void codeOf(lost.run(flow.toBlueprint()))
    await until(() => calls === 2)
    history.endLeases()
    const warnings: string[] = []
    const say = (): void => {}
    const logger: ILogger = { debug: say, info: say, error: say, warn: (message) => void warnings.push(message) }
    const open = gate()
    open.open()
    const { runtime, clock } = scheduler(history, [slow(open)], start, logger)
    await clock.advance(10_000)
    await until(async () => (await runtime.result('known')).status === 'completed')
    expect(warnings).toEqual([expect.stringContaining("'alien'")])
    expect(await storyOf(history.memory, 'alien')).toEqual(['workflow:start', 'node:start u'])
    runtime.stopScheduler()
  })

  it('leaves alone what is live in another process', async () => {
    const history = sharedHistory()
    const door = gate()
    let calls = 0
    const flow = createFlow('slow').node('a', async () => {
      calls += 1
      await door.opened
    })
    const result = processOn(history.open(), { flows: [flow], idGenerator: () => 'run' }).run(flow.toBlueprint())
    await until(() => calls > 0)
    const { runtime, clock } = scheduler(history, [flow])
    await clock.advance(10_000)
    runtime.stopScheduler()
    door.open()
    expect(await result).toMatchObject({ status: 'completed' })
    expect(calls).toBe(1)
  })
})
