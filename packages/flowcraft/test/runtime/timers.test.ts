import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, park, stations, ways } from './waiting-bench.ts'

const day = 86_400_000
const now = 1_000_000
const pass = async ({ input }: NodeContext) => ({ output: input })

/** Sleeps, and then notes the time. */
function sleeper(duration: number | `${number}${'s' | 'm' | 'h' | 'd'}`, times: number[], time: () => number) {
  return createFlow('sleeper')
    .node('start', async () => ({ output: { value: 1 } }))
    .sleep('nap', { duration })
    .node('end', async ({ input }) => {
      times.push(time())
      return { output: input }
    })
    .edge('start', 'nap')
    .edge('nap', 'end')
}

describe.each(ways)('a sleep, $way', ({ isRecorded }) => {
  it.each([
    [250, 250],
    ['5s', 5000],
    ['1.5s', 1500],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['30d', 30 * day],
    ['400d', 400 * day],
  ] as const)('of %s ends after %d ms, not earlier, and gives its input', async (duration, ms) => {
    const { runtime, clock, check, log } = bench(isRecorded)
    const times: number[] = []
    const flow = sleeper(duration, times, clock.now)
    const handle = await park(runtime, flow)
    const parked = await handle.result()
    expect(parked.context).toMatchObject({ _awaitingDetails: { nap: { reason: 'timer', wakeUpAt: now + ms } } })
    await check(flow.toBlueprint(), parked)
    // One that looks only when something is due, and so does not take long to advance.
    runtime.startScheduler(500 * day)
    await clock.advance(ms - 1)
    expect((await handle.result()).status).toBe('awaiting')
    await clock.advance(1)
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'completed', context: { nap: { value: 1 }, end: { value: 1 } } })
    expect(times).toEqual([now + ms])
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    expect(stations(await log(handle.executionId)).slice(3)).toEqual([
      'start nap',
      'wait nap',
      'stall run',
      'resume run by nap',
      'finish nap',
      'start end',
      'finish end',
      'finish run',
    ])
  })

  it('after another, and beside another, each runs what follows once', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const ended: string[] = []
    const note = async ({ nodeId }: NodeContext) => void ended.push(`${nodeId} ${clock.now() - now}`)
    const flow = createFlow('naps')
      .sleep('first', { duration: 100 })
      .node('after first', note)
      .sleep('second', { duration: 100 })
      .node('after second', note)
      .sleep('beside', { duration: 150 })
      .node('after beside', note)
      .edge('first', 'after first')
      .edge('after first', 'second')
      .edge('second', 'after second')
      .edge('beside', 'after beside')
    runtime.startScheduler()
    const handle = await park(runtime, flow)
    await clock.advance(1000)
    const result = await handle.result()
    expect(result.status).toBe('completed')
    expect(ended).toEqual(['after first 100', 'after beside 150', 'after second 200'])
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })

  it('of several that are due at once, each ends once', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const times: number[] = []
    const flow = sleeper(100, times, clock.now)
    const handles = await Promise.all([1, 2, 3].map(() => park(runtime, flow)))
    runtime.startScheduler(50)
    await clock.advance(99)
    expect(times).toEqual([])
    await clock.advance(500)
    expect(times).toEqual([now + 100, now + 100, now + 100])
    for (const handle of handles) await check(flow.toBlueprint(), await handle.result())
    runtime.stopScheduler()
  })

  it('that is due when the scheduler starts ends then', async () => {
    const { runtime, clock } = bench(isRecorded)
    const times: number[] = []
    const handle = await park(runtime, sleeper(100, times, clock.now))
    await clock.advance(10_000)
    expect((await handle.result()).status).toBe('awaiting')
    runtime.startScheduler()
    await idle()
    expect(times).toEqual([now + 10_000])
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
  })

  it('ends no more once the scheduler has stopped, and does when it starts again', async () => {
    const { runtime, clock } = bench(isRecorded)
    const times: number[] = []
    runtime.startScheduler(10)
    await park(runtime, sleeper(100, times, clock.now))
    await clock.advance(50)
    runtime.stopScheduler()
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
    await park(runtime, sleeper(10, times, clock.now))
    expect(clock.waiting).toEqual([])
    await clock.advance(1000)
    expect(times).toEqual([])
    runtime.startScheduler()
    runtime.startScheduler(10)
    expect(clock.waiting).toHaveLength(1)
    await idle()
    expect(times).toEqual([now + 1050, now + 1050])
    runtime.stopScheduler()
  })

  it('may be ended by hand, with its input or an answer, and no timer comes after that', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const times: number[] = []
    const flow = sleeper(100, times, clock.now)
    runtime.startScheduler()
    const [one, two] = [await park(runtime, flow), await park(runtime, flow)]
    const result = await runtime.resume(one.executionId)
    expect(result).toMatchObject({ status: 'completed', context: { end: { value: 1 } } })
    expect(await runtime.resume(two.executionId, { output: 'up' })).toMatchObject({ context: { end: 'up' } })
    await clock.advance(1000)
    expect(times).toEqual([now, now])
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })

  it('of a run that is cancelled never ends', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const times: number[] = []
    const flow = sleeper(100, times, clock.now)
    runtime.startScheduler()
    const handle = await park(runtime, flow)
    await clock.advance(50)
    handle.cancel('enough')
    const result = await handle.result()
    expect(result.status).toBe('cancelled')
    await clock.advance(1000)
    expect(times).toEqual([])
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
  })

  it('ends also while another branch keeps the run from parking', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const door = gate()
    const times: number[] = []
    const flow = sleeper(100, times, clock.now).node('slow', async () => door.opened)
    runtime.startScheduler(30)
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await idle()
    await clock.advance(99)
    expect(times).toEqual([])
    await clock.advance(1)
    expect(times).toEqual([now + 100])
    door.open()
    const result = await handle.result()
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })

  it('in a loop takes its time in each turn', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const times: number[] = []
    const flow = createFlow('poll')
      .node('start', async () => ({ output: 0 }))
      .node('look', async ({ input }) => {
        times.push(clock.now() - now)
        return { output: Number(input) + 1 }
      })
      .sleep('nap', { duration: '1m' })
      .loop('again', { startNodeId: 'look', endNodeId: 'nap', condition: 'input < 3' })
      .edge('start', 'look')
      .edge('look', 'nap')
    runtime.startScheduler(day)
    const handle = await park(runtime, flow)
    await clock.advance(600_000)
    expect(times).toEqual([0, 60_000, 120_000])
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'completed', context: { again: 3 } })
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })
})

describe.each(ways)('a timeout of a wait, $way', ({ isRecorded }) => {
  const flow = createFlow('patient')
    .wait('ask', { event: 'reply', timeout: '1h' })
    .node('answered', pass)
    .node('late', async ({ input }) => ({ output: ['late', input ?? 'nothing'] }))
    .edge('ask', 'answered')
    .edge('ask', 'late', { action: 'timeout' })

  it('chooses the edges of the action timeout', async () => {
    const { runtime, clock, check, log } = bench(isRecorded)
    runtime.startScheduler(2 * day)
    const handle = await park(runtime, flow)
    expect((await handle.result()).context).toMatchObject({
      _awaitingDetails: { ask: { reason: 'external_event', event: 'reply', wakeUpAt: now + 3_600_000 } },
    })
    await clock.advance(3_599_999)
    expect((await handle.result()).status).toBe('awaiting')
    await clock.advance(1)
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'completed', context: { late: ['late', 'nothing'] } })
    expect(result.context).not.toHaveProperty('answered')
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
    if (!isRecorded) return
    const resumed = (await log(handle.executionId)).find(({ type }) => type === 'workflow:resume')
    expect(resumed).toMatchObject({ payload: { reason: 'timer', nodeId: 'ask', action: 'timeout' } })
    expect(stations(await log(handle.executionId))).toContain('pause run')
  })

  it('does not come after an answer', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    runtime.startScheduler(2 * day)
    const handle = await park(runtime, flow)
    const result = await runtime.resume(handle.executionId, { output: 'in time' })
    await clock.advance(day)
    expect(result).toMatchObject({ status: 'completed', context: { answered: 'in time' } })
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })

  it('is what a node that waits by itself may set', async () => {
    const { runtime, clock, check } = bench(isRecorded)
    const own = createFlow('own')
      .node('ask', async () => ({ wait: { until: now + 70 } }))
      .node('late', async () => ({ output: clock.now() - now }))
      .edge('ask', 'late', { action: 'timeout' })
    runtime.startScheduler(2 * day)
    const handle = await park(runtime, own)
    await clock.advance(70)
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'completed', context: { late: 70 } })
    await check(own.toBlueprint(), result)
    runtime.stopScheduler()
  })

  it('that is over already comes with the first look', async () => {
    const { runtime, clock } = bench(isRecorded)
    const past = createFlow('past').node('ask', async () => ({ wait: { until: now - 5 } }))
    const handle = await park(runtime, past)
    runtime.startScheduler(2 * day)
    await clock.advance(0)
    expect((await handle.result()).status).toBe('completed')
    runtime.stopScheduler()
  })
})

it('a scheduler looks at an interval that is a whole number of at least 1', () => {
  const { runtime, clock } = bench(false)
  for (const interval of [0, -1, 0.5, NaN]) expect(() => runtime.startScheduler(interval)).toThrow("'intervalMs' is")
  expect(clock.waiting).toEqual([])
})
