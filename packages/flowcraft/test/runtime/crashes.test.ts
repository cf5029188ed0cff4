import { describe, expect, it } from 'vitest'
import {
  createFlow,
  fingerprint,
  type FlowcraftEvent,
  type NodeContext,
  type RegisteredFlow,
  type RuntimeOptions,
} from 'flowcraft'
import { codeOf, gate, processOn, rescuer, sharedHistory, storeWith, storyOf, until } from './recovery-bench.ts'
import { idle, virtualClock } from './virtual-clock.ts'

/** Starts a run, or goes on with what is stored of it, and kills its process as soon as `isTime`. Gives what it has stored. */
async function killed(
  flow: RegisteredFlow,
  stored: readonly FlowcraftEvent[],
  isTime: () => boolean,
  options: RuntimeOptions = {},
): Promise<readonly FlowcraftEvent[]> {
  const history = sharedHistory()
  const runtime = processOn(history.open(), { flows: [flow], idGenerator: () => 'run', ...options })
  if (stored.length === 0) {
    void codeOf(runtime.run(flow.toBlueprint()))
    await until(isTime)
    return await history.memory.retrieve('run')
  }
  const store = await storeWith(stored)
  void codeOf(rescuer(store, { flows: [flow], ...options }).recover('run'))
  await until(isTime)
  return await store.retrieve('run')
}

const attemptsIn = (events: readonly FlowcraftEvent[]): string[] =>
  events.flatMap(({ type, payload }) =>
    type === 'node:start' || type === 'node:retry' || type === 'node:error'
      ? [`${type.slice(5)} ${payload.nodeId} ${payload.attempt}`]
      : [],
  )

describe('a node that kills its process', () => {
  /** A node that never comes back. */
  const deadly = (calls: string[], config: object = {}) =>
    createFlow('deadly').node(
      'a',
      async ({ idempotencyKey }: NodeContext) => {
        calls.push(idempotencyKey)
        await gate().opened
      },
      { config },
    )

  it('is begun again with the same key each time, and fails after so many crashes', async () => {
    const calls: string[] = []
    const flow = deadly(calls)
    let stored: readonly FlowcraftEvent[] = []
    for (let crash = 1; crash <= 3; crash += 1) {
      stored = await killed(flow, stored, () => calls.length === crash, { maxRecoveries: 2 })
    }
    const store = await storeWith(stored)
    const result = await rescuer(store, { flows: [flow], maxRecoveries: 2 }).recover('run')
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'NODE_CRASHED', nodeId: 'a' }] })
    expect(calls).toEqual(['run/a/0', 'run/a/0', 'run/a/0'])
    expect(attemptsIn(await store.retrieve('run'))).toEqual(['start a 1', 'start a 2', 'start a 3', 'error a 3'])
  })

  it('has a fallback for that', async () => {
    const calls: string[] = []
    const flow = deadly(calls, { fallback: 'spare' })
    const options: RuntimeOptions = { maxRecoveries: 1, registry: { spare: async () => ({ output: 'saved' }) } }
    let stored: readonly FlowcraftEvent[] = []
    for (let crash = 1; crash <= 2; crash += 1)
      stored = await killed(flow, stored, () => calls.length === crash, options)
    const result = await rescuer(await storeWith(stored), { flows: [flow], ...options }).recover('run')
    expect(result).toMatchObject({ status: 'completed', context: { a: 'saved' } })
  })

  it.each([0, 1.5, Number.NaN])('may do so a whole number of times, not %d', (maxRecoveries) => {
    expect(() => processOn(sharedHistory().open(), { maxRecoveries })).toThrow("'maxRecoveries' is")
  })
})

describe('an attempt that was cut off', () => {
  it('does not use up the attempts that a node has', async () => {
    const calls: number[] = []
    const door = gate()
    const flow = createFlow('stubborn').node(
      'a',
      async ({ attempt }: NodeContext) => {
        calls.push(attempt)
        if (attempt === 2) await door.opened
        throw new Error(`attempt ${attempt}`)
      },
      { config: { maxRetries: 3 } },
    )
    const stored = await killed(flow, [], () => calls.length === 2)
    const store = await storeWith(stored)
    const result = await rescuer(store, { flows: [flow] }).recover('run')
    expect(result.errors).toMatchObject([{ cause: { message: 'attempt 4' } }])
    expect(attemptsIn(await store.retrieve('run'))).toEqual([
      'start a 1',
      'retry a 1',
      'start a 2',
      'start a 3',
      'retry a 3',
      'start a 4',
      'error a 4',
    ])
  })

  it('leaves no writes', async () => {
    const seen: unknown[] = []
    const door = gate()
    const flow = createFlow('writes').node('a', async ({ context, attempt }: NodeContext) => {
      seen.push(await context.get('mark'))
      await context.set('mark', attempt)
      if (attempt === 1) {
        seen.push('written')
        await door.opened
      }
      return {}
    })
    const stored = await killed(flow, [], () => seen.includes('written'))
    const result = await rescuer(await storeWith(stored), { flows: [flow] }).recover('run')
    expect(seen).toEqual([undefined, 'written', undefined])
    expect(result.context).toMatchObject({ mark: 2 })
  })
})

describe('a delay between two attempts', () => {
  it('goes on for the rest of its time', async () => {
    const calls: number[] = []
    const flow = createFlow('patient').node(
      'a',
      async ({ attempt }: NodeContext) => {
        calls.push(attempt)
        if (attempt === 1) throw new Error('not yet')
        return { output: 'done' }
      },
      { config: { maxRetries: 2, retryDelay: 10_000 } },
    )
    const history = sharedHistory()
    const first = virtualClock(1_000_000)
    void processOn(history.open(), { flows: [flow], idGenerator: () => 'run', clock: first }).run(flow.toBlueprint())
    await until(async () => (await storyOf(history.memory, 'run')).includes('node:retry a'))
    const clock = virtualClock(1_004_000)
    const store = await storeWith(await history.memory.retrieve('run'))
    const result = rescuer(store, { flows: [flow], clock }).recover('run')
    await until(() => clock.waiting.length > 0)
    await clock.advance(5999)
    expect(calls).toEqual([1])
    await clock.advance(1)
    expect(await result).toMatchObject({ status: 'completed' })
    expect(calls).toEqual([1, 2])
  })

  it('is over at once where its time has passed', async () => {
    let calls = 0
    const flow = createFlow('patient').node(
      'a',
      async () => {
        calls += 1
        if (calls === 1) throw new Error('not yet')
      },
      { config: { maxRetries: 2, retryDelay: 10_000 } },
    )
    const { memory, open } = sharedHistory()
    const clock = virtualClock(1_000_000)
    void processOn(open(), { flows: [flow], idGenerator: () => 'run', clock }).run(flow.toBlueprint())
    await until(async () => (await storyOf(memory, 'run')).includes('node:retry a'))
    const later = virtualClock(2_000_000)
    const result = rescuer(await storeWith(await memory.retrieve('run')), { flows: [flow], clock: later }).recover(
      'run',
    )
    await until(() => later.waiting.length > 0)
    await later.advance(0)
    expect(await result).toMatchObject({ status: 'completed' })
    await idle()
  })
})

describe('a cancellation whose process ended in the middle of it', () => {
  /** A parked run of which the log ends with its cancellation. */
  const cancelled = async (reason?: unknown) => {
    const flow = createFlow('ask').wait('ask')
    const { memory, open } = sharedHistory()
    const runtime = processOn(open(), { flows: [flow], idGenerator: () => 'run' })
    await runtime.run(flow.toBlueprint())
    await runtime.cancel('run', reason)
    const events = await memory.retrieve('run')
    const end = events.findIndex(({ type }) => type === 'workflow:cancel')
    return { flow, store: await storeWith(events.slice(0, end + 1)) }
  }

  it.each([
    ['with a reason', 'enough'],
    ['without one', undefined],
  ])('is completed by whoever recovers the run, %s', async (_, reason) => {
    const { flow, store } = await cancelled(reason)
    expect(await rescuer(store, { flows: [flow] }).recover('run')).toMatchObject({ status: 'cancelled' })
    expect((await storyOf(store, 'run')).slice(-3)).toEqual(['workflow:cancel', 'workflow:resume', 'workflow:finish'])
  })

  it('is completed by whoever asks for the run by its id, and by a scheduler', async () => {
    const { flow, store } = await cancelled()
    const result = await rescuer(store, { flows: [flow] }).run(flow.toBlueprint(), {}, { executionId: 'run' })
    expect(result).toMatchObject({ status: 'cancelled' })
    const other = await cancelled()
    const clock = virtualClock()
    const scheduler = rescuer(other.store, { flows: [other.flow], clock })
    scheduler.startScheduler(1000)
    await until(async () => (await storyOf(other.store, 'run')).includes('workflow:finish'))
    scheduler.stopScheduler()
  })
})

describe('a process with other code', () => {
  const flowWith = (work: (call: NodeContext) => Promise<object>, extra = false) => {
    const flow = createFlow('deployed').node('a', work).node('b', work).edge('a', 'b')
    return extra ? flow.node('c', work).edge('b', 'c') : flow
  }
  /** A run that was cut off in its first node. */
  const stored = async (): Promise<readonly FlowcraftEvent[]> => {
    let calls = 0
    const door = gate()
    const flow = flowWith(async () => {
      calls += 1
      await door.opened
      return { output: 'old' }
    })
    return await killed(flow, [], () => calls > 0)
  }
  const today = async () => ({ output: 'new' })

  it("goes on by the recorded blueprint, with today's functions", async () => {
    const store = await storeWith(await stored())
    const flow = flowWith(today)
    await store.saveBlueprint(fingerprint(flow.toBlueprint()), flow.toBlueprint())
    const result = await rescuer(store, { flows: [flowWith(today, true)] }).recover('run')
    expect(result).toMatchObject({ status: 'completed', context: { a: 'new', b: 'new' } })
    expect('c' in result.context).toBe(false)
  })

  it('is refused before any event where there is no code', async () => {
    const store = await storeWith(await stored())
    const before = await store.retrieve('run')
    const blueprints = { deployed: flowWith(today).toBlueprint() }
    expect(await codeOf(rescuer(store, { blueprints }).recover('run'))).toBe('BLUEPRINT_INVALID')
    expect(await codeOf(rescuer(store).recover('run'))).toBe('BLUEPRINT_INVALID')
    expect(await store.retrieve('run')).toEqual(before)
    const functionRegistry = flowWith(today).getFunctionRegistry()
    const result = await rescuer(store, { blueprints }).recover('run', { functionRegistry })
    expect(result).toMatchObject({ status: 'completed' })
  })

  it('is refused where it gives another blueprint than the recorded one', async () => {
    const store = await storeWith(await stored())
    const before = await store.retrieve('run')
    const runtime = rescuer(store, { flows: [flowWith(today)] })
    const other = flowWith(today, true).toBlueprint()
    expect(await codeOf(runtime.recover('run', { blueprint: other }))).toBe('BLUEPRINT_MISMATCH')
    expect(await store.retrieve('run')).toEqual(before)
    const same = flowWith(today).toBlueprint()
    expect(await runtime.recover('run', { blueprint: same })).toMatchObject({ status: 'completed' })
  })
})
