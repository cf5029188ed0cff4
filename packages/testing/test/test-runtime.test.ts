import { createFlow, InMemoryEventStore, type AppendOutcome, type EventBatch, type FlowBuilder } from 'flowcraft'
import { describe, expect, it } from 'vitest'
import { createTestRuntime, failOnce } from '@flowcraft/testing'

const hour = 3_600_000
const start = Date.UTC(2025, 0, 1)

/** Turns of the event loop. */
async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => void setImmediate(resolve))
}

/** A store that takes its time for each write, and whose first one fails in a way that may pass by itself. */
class SlowStore extends InMemoryEventStore {
  #writes = 0

  override async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    await turnsOfTheLoop(30)
    this.#writes += 1
    if (this.#writes === 1) throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
    return await super.append(batches)
  }
}

describe('a test runtime', () => {
  it('takes no time for retries, and records when they would have been', async () => {
    const flow = createFlow('retried').node(
      'flaky',
      failOnce(() => ({ output: 'at last' })),
      { config: { maxRetries: 2, retryDelay: hour } },
    )
    const { runtime, clock, store } = createTestRuntime({ flows: [flow] })
    const result = await runtime.run(flow.toBlueprint())
    expect(result.status).toBe('completed')
    expect(result.context).toMatchObject({ flaky: 'at last' })
    expect(clock.now()).toBe(start + hour)
    const events = await store.retrieve(result.executionId)
    expect(events[0]?.timestamp).toBe(start)
    expect(events.at(-1)?.timestamp).toBe(start + hour)
  })

  it('takes no time for a timeout', async () => {
    const flow = createFlow('hanging').node('hangs', () => new Promise<never>(() => {}), {
      config: { timeout: hour },
    })
    const { runtime, clock } = createTestRuntime({ now: 5000, flows: [flow] })
    const result = await runtime.run(flow.toBlueprint())
    expect(result.errors?.[0]?.code).toBe('NODE_TIMEOUT')
    expect(clock.now()).toBe(5000 + hour)
  })

  it('takes no time for a sleep once its scheduler is started, and none passes before', async () => {
    const flow = createFlow('sleepy')
      .sleep('nap', { duration: 30 * 24 * hour })
      .node('wake', () => ({ output: 'awake' }))
      .edge('nap', 'wake')
    const { runtime, clock } = createTestRuntime({ flows: [flow] })
    const parked = await runtime.run(flow.toBlueprint())
    expect(parked.status).toBe('awaiting')
    await clock.advance(0)
    expect(clock.now()).toBe(start)
    await turnsOfTheLoop(50)
    expect(clock.now()).toBe(start)

    runtime.startScheduler()
    const result = await runtime.result(parked.executionId, { wait: true })
    expect(result.status).toBe('completed')
    expect(clock.now()).toBe(start + 30 * 24 * hour)

    runtime.stopScheduler()
    const second = await runtime.run(flow.toBlueprint())
    await turnsOfTheLoop(50)
    expect((await runtime.result(second.executionId)).status).toBe('awaiting')
    expect(clock.now()).toBe(start + 30 * 24 * hour)
  })

  it('lets no time pass while a run waits for an answer, with its scheduler on', async () => {
    const flow = createFlow('asking').wait('answer', { event: 'an answer' })
    const { runtime, clock } = createTestRuntime({ flows: [flow] })
    runtime.startScheduler()
    const { executionId } = await runtime.run(flow.toBlueprint())
    await turnsOfTheLoop(50)
    expect(clock.now()).toBe(start)
    expect((await runtime.resume(executionId, { output: 'yes' })).status).toBe('completed')
  })

  it('does not jump to a timeout while its store is at work, and waits by its clock to write again', async () => {
    const inner = createFlow('inner').node('only', () => ({}))
    const outer = createFlow('outer').subflow('child', { blueprintId: 'inner', config: { timeout: hour } })
    const { runtime, clock } = createTestRuntime({ flows: [inner, outer], store: new SlowStore() })
    const result = await runtime.run(outer.toBlueprint())
    expect(result.errors).toBeUndefined()
    expect(clock.now()).toBeGreaterThan(start)
    expect(clock.now()).toBeLessThan(start + 1000)
  })

  it('wakes a branch that sleeps in its time while another one is busy for longer', async () => {
    const times: Record<string, number> = {}
    const note = (name: string) => () => {
      times[name] = clock.now() - start
      return {}
    }
    const flow = createFlow('two branches')
      .sleep('nap', { duration: hour })
      .node('after-nap', note('after nap'))
      .node('slow', failOnce(note('slow')), { config: { maxRetries: 2, retryDelay: 3 * hour } })
      .edge('nap', 'after-nap')
    const { runtime, clock } = createTestRuntime({ flows: [flow] })
    runtime.startScheduler()
    const { executionId } = await runtime.run(flow.toBlueprint())
    await runtime.result(executionId, { wait: true })
    expect(times).toEqual({ 'after nap': hour, slow: 3 * hour })
  })

  it('does not jump to a timeout while the engine is still at work, however many steps it takes', async () => {
    const inner = createFlow('inner')
    let flow = inner.node('n0', () => ({})) as FlowBuilder
    for (let index = 1; index < 60; index += 1) {
      flow = flow.node(`n${index}`, () => ({})).edge(`n${index - 1}`, `n${index}`) as FlowBuilder
    }
    const outer = createFlow('outer').subflow('child', { blueprintId: 'inner', config: { timeout: 1000 } })
    const { runtime, clock } = createTestRuntime({ flows: [flow, outer] })
    const result = await runtime.run(outer.toBlueprint())
    expect(result.errors).toBeUndefined()
    expect(result.status).toBe('completed')
    expect(clock.now()).toBe(start)
  })

  it('gives the same runs the same ids, and others to another seed', async () => {
    const flow = createFlow('plain').node('only', () => ({ output: 1 }))
    const idsWith = async (seed?: string): Promise<string[]> => {
      const { runtime } = createTestRuntime({ flows: [flow], seed })
      const results = [await runtime.run(flow.toBlueprint()), await runtime.run(flow.toBlueprint())]
      return results.map(({ executionId }) => executionId)
    }
    expect(await idsWith()).toEqual(['test-1-1', 'test-1-2'])
    expect(await idsWith()).toEqual(['test-1-1', 'test-1-2'])
    expect(await idsWith('b')).toEqual(['test-b-1', 'test-b-2'])
  })
})

describe('its clock', () => {
  it('advances over what is due on the way, in order, and to nothing behind', async () => {
    const { clock } = createTestRuntime({ now: 0 })
    const fired: [string, number][] = []
    const note = (name: string) => () => void fired.push([name, clock.now()])
    clock.setTimer(100, note('last'))
    clock.setTimer(50, () => {
      note('first')()
      clock.setTimer(10, note('second'))
    })
    clock.setTimer(70, note('cancelled'))()
    clock.setTimer(101, note('behind'))
    // The clock is about to jump by itself when it is told to advance.
    await turnsOfTheLoop(2)
    await clock.advance(100)
    expect(clock.now()).toBe(100)
    const due = [
      ['first', 50],
      ['second', 60],
      ['last', 100],
    ]
    expect(fired).toEqual(due)
    await expect.poll(() => fired).toEqual([...due, ['behind', 101]])
  })

  it('advances where no timer is, one advance after the other', async () => {
    const { clock } = createTestRuntime({ now: 7 })
    await Promise.all([clock.advance(10), clock.advance(20)])
    expect(clock.now()).toBe(37)
  })

  it.each([-1, Number.NaN, Infinity])('refuses to advance by %s', async (ms) => {
    const { clock } = createTestRuntime({ now: 7 })
    await expect(clock.advance(ms)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect(clock.now()).toBe(7)
  })
})
