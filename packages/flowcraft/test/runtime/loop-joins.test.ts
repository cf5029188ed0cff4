import { describe, expect, it } from 'vitest'
import { createFlow, FlowRuntime, type NodeContext, type NodeRegistry } from 'flowcraft'
import { graph, runRecorded } from './run-recorded.ts'
import { idle, virtualClock } from './virtual-clock.ts'

const pass = ({ input }: NodeContext) => ({ output: input })
const turn = ({ iteration }: NodeContext) => ({ output: iteration })
const controller = (condition: string) => ({ uses: 'loop-controller', params: { condition } })
const goOn = (source: string, target: string) => ({ source, target, action: 'continue' })
const stop = (source: string, target: string) => ({ source, target, action: 'break' })

describe('a join in a loop', () => {
  it('waits in each turn for what comes from inside', async () => {
    const blueprint = graph(
      ['start -> a', 'a -> b', 'a -> c', 'b -> join', 'c -> join', 'join -> l', goOn('l', 'a'), stop('l', 'end')],
      { l: controller('input.b < 2') },
    )
    const { result, of } = await runRecorded(blueprint, {
      start: pass,
      a: turn,
      b: turn,
      c: async ({ iteration }) => ({ output: `c${iteration}` }),
      join: pass,
      end: pass,
    })
    expect(of('node:start').filter(({ payload }) => payload.nodeId === 'join')).toHaveLength(3)
    expect(result.context['end']).toEqual({ b: 2, c: 'c2' })
  })

  it('keeps what came from outside', async () => {
    const blueprint = graph(
      ['start -> a', 'once -> join', 'a -> join', 'join -> l', goOn('l', 'a'), stop('l', 'end')],
      { l: controller('input.a < 2') },
    )
    const { result, started } = await runRecorded(blueprint, {
      start: pass,
      once: () => ({ output: 'kept' }),
      a: turn,
      join: pass,
      end: pass,
    })
    expect(started.filter((id) => id === 'join')).toHaveLength(3)
    expect(result.context['end']).toEqual({ once: 'kept', a: 2 })
  })

  it('of kind any starts once in a turn, and not again by what came from outside', async () => {
    const blueprint = graph(
      ['start -> a', 'once -> join', 'a -> join', 'join -> l', goOn('l', 'a'), stop('l', 'end')],
      { l: controller('input != 2'), join: { config: { joinStrategy: 'any' } } },
    )
    const { of } = await runRecorded(blueprint, {
      start: pass,
      once: async () => {
        await idle()
        return { output: 'late' }
      },
      a: turn,
      join: pass,
      end: pass,
    })
    const inputs = of('node:start').flatMap(({ payload }) => (payload.nodeId === 'join' ? [payload.input] : []))
    expect(inputs).toEqual([0, 1, 2])
  })
})

describe('the next turn', () => {
  it('waits for a side branch that still runs', async () => {
    const clock = virtualClock()
    const blueprint = graph(['start -> a', 'a -> slow', 'slow -> log', 'a -> l', goOn('l', 'a'), stop('l', 'end')], {
      l: controller('input < 1'),
    })
    const run = runRecorded(
      blueprint,
      {
        start: pass,
        a: turn,
        slow: () => new Promise((resolve) => clock.setTimer(100, () => resolve({ output: 'slow' }))),
        log: pass,
        end: pass,
      },
      {},
      {},
      { clock },
    )
    await clock.advance(1000)
    expect((await run).started).toEqual(['start', 'a', 'slow', 'l', 'log', 'a', 'slow', 'l', 'log', 'end'])
  })
})

describe('an edge out of a loop', () => {
  it('is taken when the loop rests, if it was taken in any turn, with the value of the last time', async () => {
    const blueprint = graph(
      [
        'start -> a',
        { source: 'a', target: 'seen', condition: 'result.output < 2' },
        'a -> l',
        goOn('l', 'a'),
        stop('l', 'seen'),
      ],
      { l: controller('input < 3') },
    )
    const { result, started } = await runRecorded(blueprint, { start: pass, a: turn, seen: pass })
    expect(started.filter((id) => id === 'seen')).toHaveLength(1)
    expect(result.context['seen']).toEqual({ a: 1, l: 3 })
  })

  it('is dead when nothing took it in any turn', async () => {
    const no = (source: string) => ({ source, target: 'never', action: 'no' })
    const blueprint = graph(['start -> a', no('a'), 'a -> l', goOn('l', 'a'), no('l')], { l: controller('input < 2') })
    const { of } = await runRecorded(blueprint, { start: pass, a: turn, never: pass })
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([['never', 'not-chosen']])
  })

  it('is dead when the node that ends the turns fails, though it was taken before', async () => {
    const blueprint = graph(
      ['start -> a', 'a -> side', 'a -> z', 'z -> l', goOn('l', 'a'), stop('l', 'end'), 'side -> after'],
      { l: controller('true') },
    )
    const registry: NodeRegistry = {
      start: pass,
      a: turn,
      z: ({ iteration }) => {
        if (iteration === 2) throw new Error('broken')
        return {}
      },
      side: pass,
      after: pass,
      end: pass,
    }
    const { result, of } = await runRecorded(blueprint, registry)
    expect(result.status).toBe('failed')
    expect(result.errors?.map(({ nodeId }) => nodeId)).toEqual(['z'])
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['l', 'upstream-failed'],
      ['end', 'upstream-failed'],
    ])
  })

  it('dies with a head that is skipped', async () => {
    const blueprint = graph(
      [{ source: 'start', target: 'a', action: 'go' }, 'a -> l', goOn('l', 'a'), stop('l', 'end')],
      { l: controller('true') },
    )
    const { result, of } = await runRecorded(blueprint, { start: () => ({ action: 'else' }), a: pass, end: pass })
    expect(result.status).toBe('completed')
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['a', 'not-chosen'],
      ['l', 'not-chosen'],
      ['end', 'not-chosen'],
    ])
  })
})

describe('a turn whose end was not chosen', () => {
  it('ends all the same, and the controller asks with its own last output', async () => {
    const blueprint = graph(
      ['start -> a', { source: 'a', target: 'z', action: 'on' }, 'z -> l', goOn('l', 'a'), stop('l', 'end')],
      { l: controller('input.n < 1') },
    )
    const { result, of } = await runRecorded(
      blueprint,
      {
        start: () => ({ output: { n: 0 } }),
        a: ({ iteration, input }) => ({ output: input, action: iteration === 0 ? 'on' : 'off' }),
        z: () => ({ output: { n: 0 } }),
        end: pass,
      },
      {},
      { maxIterations: 40 },
    )
    // Nothing changes the value any more, so it would go on for ever: the limit says so.
    expect(result.errors?.[0]?.code).toBe('MAX_ITERATIONS_EXCEEDED')
    expect(
      of('node:start')
        .filter(({ payload }) => payload.nodeId === 'l')
        .map(({ payload }) => payload.input)[1],
    ).toEqual({
      n: 0,
    })
  })
})

describe('a graph without a start node', () => {
  const flow = () =>
    createFlow('ring')
      .node('a', pass)
      .node('b', ({ iteration }: NodeContext) => ({ output: 'b', action: iteration < 1 ? 'again' : 'done' }))
      .edge('a', 'b')
      .edge('b', 'a', { action: 'again' })

  it('begins at the first node of its cycle', async () => {
    const { started } = await runRecorded(flow().toBlueprint(), flow().getFunctionRegistry())
    expect(started).toEqual(['a', 'b', 'a', 'b'])
  })

  it('begins at its entry point', async () => {
    const blueprint = flow().setCycleEntryPoint('b').toBlueprint()
    const { started } = await runRecorded(blueprint, flow().getFunctionRegistry())
    expect(started).toEqual(['b', 'a', 'b'])
  })

  it('is refused under strict, and warned about once otherwise', async () => {
    const warnings: string[] = []
    const logger = { debug() {}, info() {}, warn: (message: string) => warnings.push(message), error() {} }
    const runtime = new FlowRuntime({ logger })
    const ring = flow()
    await ring.run(runtime)
    await ring.run(runtime)
    expect(warnings.filter((message) => message.includes("begin at 'a'"))).toHaveLength(1)
    await expect(ring.run(runtime, {}, { strict: true })).rejects.toThrow(
      "the cycle a → b → a is not allowed under 'strict'",
    )
  })
})
