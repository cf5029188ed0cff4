import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { codeOf, gate, processOn, sharedHistory, storyOf, until, type Gate } from './recovery-bench.ts'

/** A flow whose first node stands before a gate, and that tells of its calls. */
function workIn(name: string, calls: string[], door?: Gate) {
  return createFlow('work')
    .node('a', async ({ nodeId, context }: NodeContext) => {
      calls.push(`${name} ${nodeId}`)
      await door?.opened
      return { output: await context.get('given') }
    })
    .node('b', async ({ nodeId, input }: NodeContext) => {
      calls.push(`${name} ${nodeId}`)
      return { output: input }
    })
    .edge('a', 'b')
}

const named = { executionId: 'order-7' }

describe('a run with an id that its caller chose', () => {
  it('starts once, however often and in how many processes it is asked for, with what the first one gave', async () => {
    const { memory, open } = sharedHistory()
    const calls: string[] = []
    const processes = Array.from({ length: 5 }, (_, index) => {
      const flow = workIn(`p${index}`, calls)
      return { flow, runtime: processOn(open(), { flows: [flow] }) }
    })
    const asked = Array.from({ length: 50 }, async (_, index) => {
      const { flow, runtime } = processes[index % 5]!
      return await runtime.run(flow.toBlueprint(), { given: index }, named)
    })
    const results = await Promise.all(asked)
    expect(calls.map((call) => call.split(' ')[1])).toEqual(['a', 'b'])
    const givens = new Set(results.map(({ context }) => context['b']))
    expect(givens.size).toBe(1)
    expect(new Set(results.map(({ status, executionId }) => `${status} ${executionId}`))).toEqual(
      new Set(['completed order-7']),
    )
    expect((await storyOf(memory, 'order-7')).filter((type) => type === 'workflow:start')).toHaveLength(1)
  })

  it('gives its recorded result once it has ended, whatever is given to it then', async () => {
    const { open } = sharedHistory()
    const calls: string[] = []
    const flow = workIn('first', calls)
    const result = await processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), { given: 1 }, named)
    calls.length = 0
    const again = await processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), { given: 2 }, named)
    expect(again).toMatchObject({ status: 'completed', executionId: 'order-7' })
    expect(again.context).toEqual(result.context)
    expect(calls).toEqual([])
  })

  it('gives its failure once it has failed', async () => {
    const { open } = sharedHistory()
    let calls = 0
    const flow = createFlow('work').node('a', async () => {
      calls += 1
      throw new Error('no')
    })
    await processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), {}, named)
    const again = await processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), {}, named)
    expect(again).toMatchObject({ status: 'failed', errors: [{ nodeId: 'a' }] })
    expect(calls).toBe(1)
  })

  it('gives what it waits for while it is parked, here and elsewhere', async () => {
    const { memory, open } = sharedHistory()
    const flow = createFlow('work').wait('ask', { event: 'reply' })
    const first = processOn(open(), { flows: [flow] })
    await first.run(flow.toBlueprint(), {}, named)
    const stored = await memory.retrieve('order-7')
    for (const runtime of [first, processOn(open(), { flows: [flow] })]) {
      const again = await runtime.run(flow.toBlueprint(), {}, { ...named, ifRunning: 'error' })
      expect(again).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['ask'] } })
    }
    expect(await memory.retrieve('order-7')).toEqual(stored)
  })

  it('is waited for while it is live here or elsewhere, or refused if that is wanted', async () => {
    const { open } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const flow = workIn('first', calls, door)
    const first = processOn(open(), { flows: [flow] })
    const second = processOn(open(), { flows: [workIn('second', calls)] })
    const result = first.run(flow.toBlueprint(), { given: 1 }, named)
    await until(() => calls.length > 0)
    for (const runtime of [first, second]) {
      const refused = runtime.run(flow.toBlueprint(), {}, { ...named, ifRunning: 'error' })
      expect(await codeOf(refused)).toBe('EXECUTION_CONFLICT')
    }
    const waits = [first, second].map((runtime) => runtime.run(flow.toBlueprint(), { given: 2 }, named))
    const asked = second.result('order-7', { wait: true })
    door.open()
    const { context } = await result
    for (const other of [...waits, asked]) expect((await other).context).toEqual(context)
    expect(calls).toEqual(['first a', 'first b'])
  })

  it('is recovered where it was cut off, by the next who asks for it', async () => {
    const { open, endLeases } = sharedHistory()
    const calls: string[] = []
    const flow = workIn('first', calls, gate())
    void codeOf(processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), { given: 1 }, named))
    await until(() => calls.length > 0)
    endLeases()
    const second = processOn(open())
    const again = workIn('second', calls)
    const result = await second.run(
      again.toBlueprint(),
      { given: 2 },
      {
        ...named,
        functionRegistry: again.getFunctionRegistry(),
      },
    )
    expect(result).toMatchObject({ status: 'completed', context: { given: 1, b: 1 } })
    expect(calls).toEqual(['first a', 'second a', 'second b'])
  })

  it('is recovered by who waits for it when its process dies meanwhile', async () => {
    const { open, endLeases } = sharedHistory()
    const calls: string[] = []
    const flow = workIn('first', calls, gate())
    void codeOf(processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), { given: 1 }, named))
    await until(() => calls.length > 0)
    const again = workIn('second', calls)
    const result = processOn(open(), { flows: [again] }).run(again.toBlueprint(), {}, named)
    endLeases()
    expect(await result).toMatchObject({ status: 'completed', context: { b: 1 } })
    expect(calls).toEqual(['first a', 'second a', 'second b'])
  })

  it('is no longer waited for when whoever waits gives up', async () => {
    const { open } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const flow = workIn('first', calls, door)
    const result = processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), {}, named)
    await until(() => calls.length > 0)
    const patience = new AbortController()
    const second = processOn(open(), { flows: [flow] })
    const waited = second.run(flow.toBlueprint(), {}, { ...named, signal: patience.signal })
    const reason = new Error('no more patience')
    patience.abort(reason)
    await expect(waited).rejects.toBe(reason)
    door.open()
    expect(await result).toMatchObject({ status: 'completed' })
  })

  it('is of one blueprint', async () => {
    const { memory, open } = sharedHistory()
    const flow = createFlow('work').wait('ask')
    const other = createFlow('other').node('a', async () => ({ output: 1 }))
    const first = processOn(open(), { flows: [flow] })
    await first.run(flow.toBlueprint(), {}, named)
    const stored = await memory.retrieve('order-7')
    for (const runtime of [first, processOn(open(), { flows: [flow] })]) {
      const refused = runtime.run(other.toBlueprint(), {}, { ...named, functionRegistry: other.getFunctionRegistry() })
      expect(await codeOf(refused)).toBe('EXECUTION_CONFLICT')
    }
    expect(await memory.retrieve('order-7')).toEqual(stored)
  })

  it.each([[''], [5 as unknown as string], [null as unknown as string]])('cannot be %j', async (executionId) => {
    const { memory, open } = sharedHistory()
    const flow = workIn('first', [])
    const run = async () => await processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), {}, { executionId })
    expect(await codeOf(run())).toBe('INPUT_INVALID')
    expect(await memory.getStats()).toMatchObject({ totalEvents: 0 })
  })

  it('starts once in one runtime, while it is live there', async () => {
    const calls: string[] = []
    const door = gate()
    const flow = workIn('only', calls, door)
    const runtime = processOn(sharedHistory().open())
    const options = { ...named, functionRegistry: flow.getFunctionRegistry() }
    const results = [1, 2, 3].map((given) => runtime.run(flow.toBlueprint(), { given }, options))
    await until(() => calls.length > 0)
    door.open()
    for (const result of results) expect((await result).context['b']).toBe(1)
    expect(calls).toEqual(['only a', 'only b'])
  })
})

describe('the result of a run that is live elsewhere', () => {
  it('is waited for through its parking', async () => {
    const { open } = sharedHistory()
    const flow = createFlow('work').wait('ask')
    const first = processOn(open(), { flows: [flow], idGenerator: () => 'run' })
    await first.run(flow.toBlueprint())
    const second = processOn(open(), { flows: [flow] })
    const result = second.result('run', { wait: true })
    await first.resume('run', { output: 'yes' })
    expect(await result).toMatchObject({ status: 'completed', context: { ask: 'yes' } })
  })

  it('is what its log says, where nobody waits', async () => {
    const { open } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const flow = workIn('first', calls, door)
    const result = processOn(open(), { flows: [flow] }).run(flow.toBlueprint(), { given: 1 }, named)
    await until(() => calls.length > 0)
    const now = await processOn(open()).result('order-7')
    expect(now.context).toMatchObject({ given: 1 })
    expect('b' in now.context).toBe(false)
    door.open()
    await result
    expect(await codeOf(processOn(open()).result('nobody', { wait: true }))).toBe('EXECUTION_UNKNOWN')
  })
})
