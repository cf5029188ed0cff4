import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from 'flowcraft'
import { edge } from './dynamic-parts.ts'
import { controller, failingIn, goOn, lost, stop, turn } from './loop-parts.ts'
import { virtualClock } from './virtual-clock.ts'
import { graph, runRecorded } from './run-recorded.ts'

describe('an edge out of an inner loop and out of the one around it', () => {
  /** The inner loop, of `b` and `z`, is a side branch: whatever it comes to, the outer one takes two turns. */
  const twoOut = (innerCondition: string, more: WorkflowBlueprint['edges'] = []) =>
    graph(
      [
        'start -> a',
        'a -> outer',
        goOn('outer', 'a'),
        stop('outer', 'end'),
        'a -> b',
        'b -> z',
        'z -> inner',
        goOn('inner', 'b'),
        stop('inner', 'end'),
        'b -> aside',
        'end -> aside',
        ...more,
      ],
      { outer: controller('input < 1'), inner: controller(innerCondition), aside: { config: { joinStrategy: 'any' } } },
    )
  const functions = { start: turn, a: turn, b: turn, end: turn, aside: turn }

  it('is dead once an end of the inner one has failed, though a later turn of the outer one took it', async () => {
    const run = await runRecorded(twoOut('false'), { ...functions, z: failingIn(0) })
    expect(run.started).toEqual(['start', 'a', 'outer', 'b', 'z', 'a', 'outer', 'b', 'z', 'inner'])
    expect(run.result.errors?.map(({ nodeId }) => nodeId)).toEqual(['z'])
    expect(lost(run)).toEqual(['inner', 'end', 'aside'])
  })

  it('is dead when an end of the inner one fails, though an earlier turn of the outer one took it', async () => {
    const run = await runRecorded(twoOut('false'), { ...functions, z: failingIn(1) })
    expect(run.started).toEqual(['start', 'a', 'outer', 'b', 'z', 'inner', 'a', 'outer', 'b', 'z'])
    expect(lost(run)).toEqual(['inner', 'end', 'aside'])
  })

  it('is dead when an end of the inner one fails, though an earlier turn of the inner one took it', async () => {
    const run = await runRecorded(twoOut('input == 1'), { ...functions, z: failingIn(2) })
    expect(run.started.join(' ')).toBe('start a outer b z inner a outer b z inner b z')
    expect(lost(run)).toEqual(['inner', 'end', 'aside'])
  })

  it('is taken when a node has failed that ends no turn, and a later turn took it', async () => {
    const blueprint = twoOut('false', [edge('b', 'leaf'), edge('leaf', 'end')])
    const run = await runRecorded(blueprint, { ...functions, z: turn, leaf: failingIn(0) })
    expect(run.result.errors?.map(({ nodeId }) => nodeId)).toEqual(['leaf'])
    expect(run.result.context['_inputs.end']).toEqual({ inner: 1, outer: 1, leaf: 1 })
  })
})

describe('an edge that leads from an inner loop into the next node of the outer one', () => {
  it('is dead in the turn in which the inner one failed, and as good as new in the next', async () => {
    const blueprint = graph(
      [
        'start -> a',
        'a -> outer',
        goOn('outer', 'a'),
        stop('outer', 'end'),
        'a -> b',
        'b -> z',
        'z -> inner',
        goOn('inner', 'b'),
        stop('inner', 'p'),
        'b -> p',
      ],
      { outer: controller('input < 1'), inner: controller('false') },
    )
    const run = await runRecorded(blueprint, { start: turn, a: turn, b: turn, z: failingIn(0), p: turn, end: turn })
    expect(run.started).toEqual(['start', 'a', 'outer', 'b', 'z', 'a', 'outer', 'b', 'z', 'inner', 'p', 'end'])
    expect(lost(run)).toEqual(['inner', 'p'])
    expect(run.result.context['_inputs.p']).toEqual({ inner: 1, b: 1 })
  })
})

describe('a loop with two ends', () => {
  it('goes on after one of them has failed, and nothing leaves it any more', async () => {
    const again = (source: string) => edge(source, 'a', { condition: 'result.output < 1' })
    const blueprint = graph(['start -> a', 'a -> t', 'a -> u', again('t'), again('u'), 't -> end', 'u -> end'])
    const run = await runRecorded(blueprint, { start: turn, a: turn, t: failingIn(0), u: turn, end: turn })
    expect(run.started).toEqual(['start', 'a', 't', 'u', 'a', 't', 'u'])
    expect(lost(run)).toEqual(['end'])
  })

  it('goes on inside another one, and nothing leaves both any more', async () => {
    const again = (source: string) => edge(source, 'b', { condition: 'result.output < 1' })
    const blueprint = graph(
      [
        'start -> a',
        'a -> outer',
        goOn('outer', 'a'),
        stop('outer', 'end'),
        'a -> b',
        'b -> t',
        'b -> u',
        again('t'),
        again('u'),
        'u -> end',
      ],
      { outer: controller('false') },
    )
    const run = await runRecorded(blueprint, { start: turn, a: turn, b: turn, t: failingIn(0), u: turn, end: turn })
    expect(run.started).toEqual(['start', 'a', 'outer', 'b', 't', 'u', 'b', 't', 'u'])
    expect(lost(run)).toEqual(['end'])
  })

  it('ends a turn in which both were not chosen, whatever failed in an earlier one', async () => {
    const on = (target: string) => edge('a', target, { condition: 'result.output == 0' })
    const blueprint = graph(
      ['start -> l', on('t'), on('u'), 't -> l', 'u -> l', goOn('l', 'a'), stop('l', 'end')],
      // Not before there is one, it is true as well.
      { l: controller('!(context["_outputs.a"] >= 2)') },
    )
    const run = await runRecorded(blueprint, { start: turn, a: turn, t: failingIn(0), u: turn, end: turn })
    expect(run.started).toEqual(['start', 'l', 'a', 't', 'u', 'l', 'a', 'l', 'a', 'l'])
    expect(lost(run)).toEqual(['end'])
  })

  it.each([0, 1])('has a controller that the other one leads to, and nothing leaves it: turn %i', async (failed) => {
    const blueprint = graph(
      ['start -> a', 'a -> t', 'a -> u', 't -> l', 'u -> l', goOn('l', 'a'), stop('l', 'end'), 'a -> end'],
      { l: controller('input < 1') },
    )
    const run = await runRecorded(blueprint, { start: turn, a: turn, t: failingIn(failed), u: turn, end: turn })
    expect(run.started.filter((id) => id === 'l' || id === 'end')).toEqual(['l', 'l'])
    expect(lost(run)).toEqual(['end'])
  })
})

describe('a loop whose head is skipped', () => {
  it('does not go on, though something has led back to the head before', async () => {
    const clock = virtualClock()
    const later = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(ms, resolve))
    // From outside, the middle of the body runs before it is known that its head never will.
    const blueprint = graph(
      ['gate -> a', 'a -> b', 'start -> b', 'b -> slow', 'b -> l', goOn('l', 'a'), stop('l', 'end')],
      { b: { config: { joinStrategy: 'any' } }, l: controller('true') },
    )
    const run = runRecorded(
      blueprint,
      {
        gate: async () => {
          await later(100)
          throw new Error('broken')
        },
        slow: () => later(200),
        start: turn,
        a: turn,
        b: turn,
        end: turn,
      },
      {},
      { maxIterations: 100 },
      { clock },
    )
    await clock.advance(1000)
    expect((await run).started).toEqual(['gate', 'start', 'b', 'slow', 'l'])
    expect(lost(await run)).toEqual(['a'])
  })

  it('has begun no turn, so no end of it has failed: what was taken on the way leads out', async () => {
    const blueprint = graph(
      [
        edge('start', 'a', { action: 'go' }),
        'start -> b',
        'a -> b',
        'b -> z',
        'z -> l',
        goOn('l', 'a'),
        stop('l', 'end'),
        'b -> end',
      ],
      {
        b: { config: { joinStrategy: 'any' } },
        end: { config: { joinStrategy: 'any' } },
        l: controller('true'),
      },
    )
    const run = await runRecorded(blueprint, { start: turn, a: turn, b: turn, z: failingIn(0), end: turn })
    expect(run.of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['a', 'not-chosen'],
      ['l', 'not-chosen'],
    ])
    expect(run.started).toEqual(['start', 'b', 'z', 'end'])
  })
})
