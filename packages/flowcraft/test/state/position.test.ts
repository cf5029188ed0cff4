import { describe, expect, it } from 'vitest'
import { FlowRuntime, type FlowcraftEvent, type Position, type ReplayResult } from 'flowcraft'
import { graph, runRecorded } from '../runtime/run-recorded.ts'

const blueprint = graph(['a -> b', 'b -> c'], {
  b: { config: { fallback: 'second' } },
  second: { config: { fallback: 'rescue' } },
})
const registry = {
  a: () => ({ output: 1 }),
  b: () => {
    throw new Error('b is broken')
  },
  second: () => {
    throw new Error('second is broken')
  },
  rescue: () => ({ output: 'rescued' }),
  c: () => ({ output: 'end' }),
}

async function replayedTo(
  until: Position,
  change = (events: readonly FlowcraftEvent[]) => events,
): Promise<ReplayResult> {
  const { events } = await runRecorded(blueprint, registry, { n: 1 })
  return await new FlowRuntime().replay(blueprint, change(events), undefined, { until })
}

async function* streamed(events: readonly FlowcraftEvent[]): AsyncGenerator<FlowcraftEvent> {
  yield* events
}

describe('a replay until', () => {
  it('a seq stands after that event', async () => {
    const { seq, context, recordedStatus } = await replayedTo(0)
    expect(seq).toBe(0)
    expect(recordedStatus).toBe('running')
    expect(context).toEqual({ n: 1, _executionId: context._executionId })
    expect((await replayedTo('start')).seq).toBe(0)
    expect((await replayedTo('end')).recordedStatus).toBe('completed')
  })

  it('before a node stands before its first start', async () => {
    const { context } = await replayedTo({ before: 'b' })
    expect(context['_outputs.a']).toBe(1)
    expect(context).not.toHaveProperty('_inputs.b')
  })

  it('after a node stands after its outcome and what that decided', async () => {
    const { seq } = await replayedTo({ after: 'a' })
    const { events } = await runRecorded(blueprint, registry, { n: 1 })
    expect(events[seq]).toMatchObject({ type: 'edge:evaluate', payload: { source: 'a', target: 'b' } })
    expect(events[seq + 1]?.type).toBe('node:start')
  })

  it('after a node that failed stands after the end of its fallbacks, however many', async () => {
    const { context, errors } = await replayedTo({ after: 'b' })
    expect(context).toMatchObject({ b: 'rescued', second: 'rescued' })
    expect(context).not.toHaveProperty('c')
    expect(errors).toBeUndefined()
  })

  it('after a later iteration of a fallback stands after its own fallback, not that of an earlier one', async () => {
    const config = { fallback: 'shared' }
    const twice = graph([], { p: { config }, q: { config }, shared: { config: { fallback: 'rescue' } }, rescue: {} })
    const broken = { ...registry, p: registry.b, q: registry.b, shared: registry.b }
    const { events } = await runRecorded(twice, broken)
    const at = async (iteration: number): Promise<Record<string, unknown>> =>
      (await new FlowRuntime().replay(twice, events, undefined, { until: { after: 'shared', iteration } })).context
    expect(await at(0)).toMatchObject({ p: 'rescued' })
    expect(await at(0)).not.toHaveProperty('q')
    expect(await at(1)).toMatchObject({ p: 'rescued', q: 'rescued' })
  })

  it('a time stands after the last event that was not later, also when the clock has jumped back', async () => {
    const times = [10, 20, 5, 30, 30]
    const timed = (events: readonly FlowcraftEvent[]): FlowcraftEvent[] =>
      events.map((event, index) => ({ ...event, timestamp: times[index] ?? 40 }))
    expect((await replayedTo({ time: 20 }, timed)).seq).toBe(2)
    expect((await replayedTo({ time: 9999 }, timed)).recordedStatus).toBe('completed')
    await expect(replayedTo({ time: 1 }, timed)).rejects.toMatchObject({ code: 'POSITION_NOT_FOUND' })
  })

  it.each<[Position]>([
    [-1],
    [999],
    [1.5],
    [Number.NaN],
    [{ before: 'nobody' }],
    [{ after: 'a', iteration: 7 }],
    [{ time: Number.NaN }],
    ['middle' as never],
  ])('%o is refused, for there is no such place', async (until) => {
    await expect(replayedTo(until)).rejects.toMatchObject({ code: 'POSITION_NOT_FOUND' })
  })

  it('any position of a stream reads no further than it has to', async () => {
    const { events } = await runRecorded(blueprint, registry)
    let read = 0
    const counted = async function* () {
      for await (const event of streamed(events)) {
        read += 1
        yield event
      }
    }
    const { seq } = await new FlowRuntime().replay(blueprint, counted(), undefined, { until: 2 })
    expect([seq, read]).toEqual([2, 3])
  })
})

describe('a replay of a history that is not in order', () => {
  const runtime = new FlowRuntime()

  it('puts a list and a stream in order, and leaves out exact duplicates and other executions', async () => {
    const { events, result } = await runRecorded(blueprint, registry)
    const other = await runRecorded(blueprint, registry)
    const mixed = [...events].reverse().concat(events[3]!, other.events)
    const listed = await runtime.replay(blueprint, mixed, result.executionId)
    expect(listed.context).toEqual(result.context)
    const swapped = [events[1]!, events[0]!, ...events.slice(2), ...other.events]
    expect((await runtime.replay(blueprint, streamed(swapped), result.executionId)).context).toEqual(result.context)
  })

  it('refuses a gap and a duplicate with other content, by their seq', async () => {
    const { events } = await runRecorded(blueprint, registry)
    const gap = events.filter((event) => event.seq !== 3)
    const forged = [...events, { ...events[2]!, timestamp: 0 }]
    for (const damaged of [gap, forged]) {
      await expect(runtime.replay(blueprint, damaged)).rejects.toMatchObject({ code: 'HISTORY_CORRUPT' })
    }
    await expect(runtime.replay(blueprint, streamed(gap))).rejects.toThrow(/event 3/)
  })

  it('needs an id, or a start that has one', async () => {
    await expect(runtime.replay(blueprint, [])).rejects.toThrow('Cannot determine execution ID from events')
    expect((await runtime.replay(blueprint, [], 'e')).context).toEqual({})
  })

  it('refuses another blueprint where that is asked for', async () => {
    const { events } = await runRecorded(blueprint, registry)
    const changed = { ...blueprint, nodes: [...blueprint.nodes, { id: 'new', uses: 'a' }] }
    expect((await runtime.replay(changed, events)).blueprintMatches).toBe(false)
    await expect(runtime.replay(changed, events, undefined, { strict: true })).rejects.toMatchObject({
      code: 'BLUEPRINT_MISMATCH',
    })
  })
})
