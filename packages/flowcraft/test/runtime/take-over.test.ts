import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { codeOf, gate, logsOf, processOn, sharedHistory, storyOf, until, type Gate } from './recovery-bench.ts'

/** Nodes that tell in which process they run; those of the first one stand before a gate. */
function worksIn(name: string, calls: string[], door?: Gate) {
  return {
    quick: async ({ nodeId }: NodeContext) => {
      calls.push(`${name} ${nodeId}`)
      return { output: nodeId }
    },
    slow: async ({ nodeId }: NodeContext) => {
      calls.push(`${name} ${nodeId}`)
      await door?.opened
      return { output: nodeId }
    },
  }
}

describe('a process that comes back when another one has taken its run over', () => {
  it('is refused, and starts nothing more', async () => {
    const { memory, open, endLeases } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const flowIn = (name: string, before?: Gate) => {
      const { slow, quick } = worksIn(name, calls, before)
      return createFlow('chain').node('a', slow).node('b', quick).edge('a', 'b')
    }
    const first = processOn(open(), { idGenerator: () => 'run' })
    const late = first.run(
      flowIn('first', door).toBlueprint(),
      {},
      {
        functionRegistry: flowIn('first', door).getFunctionRegistry(),
      },
    )
    await until(() => calls.includes('first a'))
    endLeases()
    const second = processOn(open(), { flows: [flowIn('second')] })
    expect(await second.recover('run')).toMatchObject({ status: 'completed', context: { b: 'b' } })
    const stored = await storyOf(memory, 'run')
    door.open()
    expect(await codeOf(late)).toBe('CONCURRENCY_CONFLICT')
    expect(calls).toEqual(['first a', 'second a', 'second b'])
    expect(await storyOf(memory, 'run')).toEqual(stored)
  })

  it.each([
    ['a subflow', 'sub/ask', 1],
    ['a subflow of a subflow', 'sub/sub/ask', 2],
  ])('cannot go on with %s that waits', async (_, nodeId, depth) => {
    const { memory, open, endLeases } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const flowsIn = (name: string, before?: Gate) => {
      const { slow, quick } = worksIn(name, calls, before)
      const child = createFlow('child').wait('ask').node('then', quick).edge('ask', 'then')
      const middle = createFlow('middle').subflow('sub', { blueprintId: 'child' })
      const root = createFlow('root')
        .subflow('sub', { blueprintId: depth === 1 ? 'child' : 'middle' })
        .node('slow', slow)
      return [child, middle, root] as const
    }
    const first = processOn(open(), { flows: flowsIn('first', door), idGenerator: () => 'run' })
    const late = codeOf(first.run(flowsIn('first', door)[2].toBlueprint()))
    await until(async () => (await storyOf(memory, 'run')).includes('node:wait sub'))
    endLeases()
    const again = gate()
    const second = processOn(open(), { flows: flowsIn('second', again) })
    const result = second.recover('run')
    await until(() => calls.includes('second slow'))
    expect(await codeOf(first.resume('run', { nodeId, output: 'late' }))).toBe('CONCURRENCY_CONFLICT')
    expect(await late).toBe('CONCURRENCY_CONFLICT')
    expect(calls).toEqual(['first slow', 'second slow'])
    again.open()
    expect(await result).toMatchObject({ status: 'awaiting' })
    expect(await second.resume('run', { nodeId, output: 'right' })).toMatchObject({ status: 'completed' })
    expect(calls).toEqual(['first slow', 'second slow', 'second then'])
    for (const events of (await logsOf(memory)).values()) {
      expect(events.filter(({ type }) => type === 'workflow:finish')).toEqual([events.at(-1)])
    }
  })

  it('cannot begin the run of a subflow, also when nobody else has begun it yet', async () => {
    const { memory, open, endLeases } = sharedHistory()
    const calls: string[] = []
    const doors = { first: gate(), second: gate() }
    const asked: string[] = []
    const processOf = (name: 'first' | 'second') => {
      const { quick } = worksIn(name, calls)
      const child = createFlow('child').node('x', quick)
      const root = createFlow('root').subflow('sub', { blueprintId: 'child' })
      const store = open({
        append(batches) {
          if (!batches.some(({ executionId, expectedSeq }) => executionId !== 'run' && expectedSeq === 0))
            return undefined
          asked.push(name)
          return doors[name].opened
        },
      })
      return { runtime: processOn(store, { flows: [child, root], idGenerator: () => 'run' }), root }
    }
    const { runtime: first, root } = processOf('first')
    const late = codeOf(first.run(root.toBlueprint()))
    await until(() => asked.includes('first'))
    endLeases()
    const result = processOf('second').runtime.recover('run')
    await until(() => asked.includes('second'))
    doors.first.open()
    expect(await late).toBe('CONCURRENCY_CONFLICT')
    expect(await memory.retrieve('run:sub#0')).toEqual([])
    doors.second.open()
    expect(await result).toMatchObject({ status: 'completed' })
    expect(calls).toEqual(['second x'])
  })
})

describe('whoever waited for a run that has been taken over', () => {
  it('gets what it comes to in the other process', async () => {
    const { open, endLeases } = sharedHistory()
    const calls: string[] = []
    const doors = [gate(), gate()] as const
    const flowIn = (name: string, before: Gate) => createFlow('slow').node('a', worksIn(name, calls, before).slow)
    const first = processOn(open(), { flows: [flowIn('first', doors[0])], idGenerator: () => 'run' })
    const late = codeOf(first.run(flowIn('first', doors[0]).toBlueprint()))
    await until(() => calls.length === 1)
    const waited = first.result('run', { wait: true })
    endLeases()
    const second = processOn(open(), { flows: [flowIn('second', doors[1])] })
    const result = second.recover('run')
    await until(() => calls.length === 2)
    doors[0].open()
    expect(await late).toBe('CONCURRENCY_CONFLICT')
    doors[1].open()
    expect(await result).toMatchObject({ status: 'completed' })
    expect((await waited).context).toEqual((await result).context)
  })
})

describe('a run that is live in another process', () => {
  it('is not resumed, cancelled, paused or recovered here, and nothing is written', async () => {
    const { memory, open } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const { slow, quick } = worksIn('first', calls, door)
    const flow = createFlow('both').node('slow', slow).wait('ask').node('then', quick).edge('ask', 'then')
    const first = processOn(open(), { flows: [flow], idGenerator: () => 'run' })
    const result = first.run(flow.toBlueprint())
    await until(async () => (await storyOf(memory, 'run')).includes('node:wait ask'))
    const stored = await memory.retrieve('run')
    const second = processOn(open(), { flows: [flow] })
    expect(await codeOf(second.resume('run', { nodeId: 'ask' }))).toBe('EXECUTION_CONFLICT')
    expect(await codeOf(second.cancel('run'))).toBe('EXECUTION_CONFLICT')
    expect(await codeOf(second.requestPause('run'))).toBe('EXECUTION_CONFLICT')
    expect(await codeOf(second.recover('run'))).toBe('EXECUTION_CONFLICT')
    expect(await second.recoverAll()).toEqual({ handles: [], failures: [] })
    expect(await memory.retrieve('run')).toEqual(stored)
    door.open()
    expect(await result).toMatchObject({ status: 'awaiting' })
    expect(await second.resume('run', { nodeId: 'ask', output: 1 })).toMatchObject({ status: 'completed' })
  })

  it('is not taken from another runtime of the same process', async () => {
    const { open } = sharedHistory()
    const calls: string[] = []
    const door = gate()
    const store = open()
    const flow = createFlow('slow').node('slow', worksIn('first', calls, door).slow)
    const result = processOn(store, { flows: [flow], idGenerator: () => 'run' }).run(flow.toBlueprint())
    await until(() => calls.length > 0)
    expect(await codeOf(processOn(store, { flows: [flow] }).recover('run'))).toBe('EXECUTION_CONFLICT')
    door.open()
    expect(await result).toMatchObject({ status: 'completed' })
    expect(calls).toEqual(['first slow'])
  })
})

describe('a run that was cut off', () => {
  /** A run of which the process is gone. */
  async function abandoned() {
    const history = sharedHistory()
    const calls: string[] = []
    const flowIn = (name: string, door?: Gate) => {
      const { slow, quick } = worksIn(name, calls, door)
      return createFlow('chain').node('a', slow).node('b', quick).edge('a', 'b')
    }
    const flow = flowIn('first', gate())
    const first = processOn(history.open(), { flows: [flow], idGenerator: () => 'run' })
    const lost = codeOf(first.run(flow.toBlueprint()))
    await until(() => calls.length > 0)
    history.endLeases()
    calls.length = 0
    return { ...history, calls, flowIn, lost }
  }

  it('is recovered by one of those who try at once', async () => {
    const { memory, open, calls, flowIn } = await abandoned()
    const names = ['second', 'third', 'fourth', 'fifth']
    const tries = names.map((name) => processOn(open(), { flows: [flowIn(name)] }).recover('run'))
    const ends = await Promise.all(
      tries.map((one) =>
        one.then(
          ({ status }) => status,
          () => codeOf(one),
        ),
      ),
    )
    expect(ends.filter((end) => end === 'completed')).toHaveLength(1)
    expect(ends.filter((end) => end !== 'completed')).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^(EXECUTION|CONCURRENCY)_CONFLICT$/)),
    )
    const [winner] = calls[0]!.split(' ')
    expect(calls).toEqual([`${winner} a`, `${winner} b`])
    expect((await storyOf(memory, 'run')).filter((type) => type === 'workflow:resume')).toHaveLength(1)
  })

  it('is cancelled from its log', async () => {
    const { memory, open, calls, flowIn } = await abandoned()
    const second = processOn(open(), { flows: [flowIn('second')] })
    await second.cancel('run', 'enough')
    expect(await second.result('run')).toMatchObject({ status: 'cancelled' })
    expect((await storyOf(memory, 'run')).slice(-2)).toEqual(['workflow:cancel', 'workflow:finish'])
    expect(calls).toEqual([])
  })

  it('cannot be paused, for nobody drives it', async () => {
    const { open, flowIn } = await abandoned()
    expect(await codeOf(processOn(open(), { flows: [flowIn('second')] }).requestPause('run'))).toBe('EXECUTION_UNKNOWN')
  })
})
