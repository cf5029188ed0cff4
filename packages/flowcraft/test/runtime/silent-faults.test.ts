import { describe, expect, it } from 'vitest'
import { createFlow, FlowcraftError, type NodeContext } from 'flowcraft'
import { graph, runRecorded } from './run-recorded.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })
const fail = ({ nodeId }: NodeContext) => {
  throw new Error(`${nodeId} is broken`)
}

describe('routing', () => {
  it('an action that matches no edge takes none of the action edges', async () => {
    const blueprint = graph([
      { source: 'a', target: 'b', action: 'left' },
      { source: 'a', target: 'c', action: 'right' },
    ])
    const { result, started, of } = await runRecorded(blueprint, {
      a: () => ({ action: 'up' }),
      b: pass,
      c: pass,
    })
    expect(started).toEqual(['a'])
    expect(result.status).toBe('completed')
    expect(of('edge:evaluate').map((event) => event.payload.reason)).toEqual(['action-mismatch', 'action-mismatch'])
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['b', 'not-chosen'],
      ['c', 'not-chosen'],
    ])
  })

  it('edges without an action are taken when no edge of the action is', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', action: 'left', condition: 'input > 5' }, 'a -> c'])
    const { started, of } = await runRecorded(blueprint, { a: () => ({ action: 'left', output: 1 }), b: pass, c: pass })
    expect(started).toEqual(['a', 'c'])
    expect(of('edge:evaluate').map((event) => event.payload.reason)).toEqual(['condition-false', undefined])
  })

  it('edges without an action rest when an edge of the action is taken', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', action: 'left' }, 'a -> c'])
    const { started, of } = await runRecorded(blueprint, { a: () => ({ action: 'left' }), b: pass, c: pass })
    expect(started).toEqual(['a', 'b'])
    expect(of('edge:evaluate')[1]?.payload.reason).toBe('default-not-needed')
  })

  it('a condition that throws is false, and its error is in the log', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', condition: 'missing.part > 1' }])
    const { result, of } = await runRecorded(blueprint, { a: pass, b: pass })
    expect(result.status).toBe('completed')
    expect(of('edge:evaluate')[0]?.payload).toMatchObject({
      result: false,
      reason: 'condition-error',
      error: { code: 'EXPRESSION_FAILED', nodeId: 'a' },
    })
  })

  it('a transform that throws fails its target, not its source, without a start or a retry', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', transform: 'missing.part' }], {
      b: { config: { maxRetries: 3 } },
    })
    const { result, started, of } = await runRecorded(blueprint, { a: pass, b: pass })
    expect(started).toEqual(['a'])
    expect(of('node:retry')).toEqual([])
    expect(result.errors).toMatchObject([{ nodeId: 'b', code: 'TRANSFORM_FAILED' }])
  })

  it('the fallback of a target whose transform threw runs', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', transform: 'missing.part' }, 'b -> c'], {
      b: { config: { fallback: 'spare' } },
      spare: {},
    })
    const { result, started } = await runRecorded(blueprint, { a: pass, b: pass, c: pass, spare: pass })
    expect(started).toEqual(['a', 'spare', 'c'])
    expect(result).toMatchObject({ status: 'completed', errors: undefined })
  })

  it('a registry key as the fallback of such a target runs once, under its id', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', transform: 'missing.part' }], {
      b: { config: { fallback: 'rescue' } },
    })
    const { result, of } = await runRecorded(blueprint, { a: pass, b: pass, rescue: () => ({ output: 'rescued' }) })
    expect(of('node:start').at(-1)?.payload).toMatchObject({ nodeId: 'b', fallbackFor: 'b', attempt: 2, iteration: 0 })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { b: 'rescued' } })
    const broken = await runRecorded(blueprint, { a: pass, b: pass, rescue: fail })
    expect(broken.result.errors?.map((error) => error.code)).toEqual(['TRANSFORM_FAILED', 'NODE_FAILED'])
    expect(broken.of('node:fallback')).toHaveLength(1)
  })
})

describe('joins', () => {
  it('a join behind a branch that was not taken runs with the others', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', condition: 'false' }, 'a -> c', 'b -> d', 'c -> d'])
    const { result, started } = await runRecorded(blueprint, {
      a: pass,
      b: pass,
      c: pass,
      d: ({ input }) => ({ output: input }),
    })
    expect(started).toEqual(['a', 'c', 'd'])
    expect(result.context['_outputs.d']).toEqual({ c: 'c' })
  })

  it('a run is not completed before its last join has run', async () => {
    const { result, events } = await runRecorded(graph(['a -> c', 'b -> c']), { a: pass, b: pass, c: pass })
    expect(result.status).toBe('completed')
    expect(events.map((event) => event.type).slice(-2)).toEqual(['node:finish', 'workflow:finish'])
  })

  it('a join is never fed with half of its input after a failure', async () => {
    const { result, started, of } = await runRecorded(graph(['a -> c', 'b -> c', 'c -> d']), {
      a: fail,
      b: pass,
      c: pass,
      d: pass,
    })
    expect(started).toEqual(['a', 'b'])
    expect(result.status).toBe('failed')
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason, payload.edge])).toEqual([
      ['c', 'upstream-failed', 0],
      ['d', 'upstream-failed', 2],
    ])
  })

  it('an any join runs once, at the first edge, with its value', async () => {
    const blueprint = graph(['a -> c', 'b -> c'], { c: { config: { joinStrategy: 'any' } } })
    const { started, result } = await runRecorded(blueprint, {
      a: pass,
      b: pass,
      c: ({ input }) => ({ output: input }),
    })
    expect(started).toEqual(['a', 'b', 'c'])
    expect(result.context['_outputs.c']).toBe('a')
  })

  it('an any join whose one source failed runs by the other', async () => {
    const blueprint = graph(['a -> c', 'b -> c'], { c: { config: { joinStrategy: 'any' } } })
    const { started, result } = await runRecorded(blueprint, { a: fail, b: pass, c: pass })
    expect(started).toEqual(['a', 'b', 'c'])
    expect(result.status).toBe('failed')
  })
})

describe('fallbacks', () => {
  it('one fallback does not hide the failure of another node', async () => {
    const blueprint = graph(['a -> b'], { a: { config: { fallback: 'spare' } }, c: {}, spare: {} })
    const { result } = await runRecorded(blueprint, { a: fail, b: pass, c: fail, spare: pass })
    expect(result.status).toBe('failed')
    expect(result.errors?.map((error) => error.nodeId)).toEqual(['c'])
  })

  it('a fallback that fails too leaves both errors', async () => {
    const blueprint = graph(['a -> b'], { a: { config: { fallback: 'spare' } }, spare: {} })
    const { result, started } = await runRecorded(blueprint, { a: fail, b: pass, spare: fail })
    expect(started).toEqual(['a', 'spare'])
    expect(result.errors?.map((error) => [error.nodeId, error.cause?.message])).toEqual([
      ['a', 'a is broken'],
      ['spare', 'spare is broken'],
    ])
  })

  it('a fallback gets the input of its primary, and its output is that of both', async () => {
    const blueprint = graph(['start -> a', 'a -> b'], { a: { config: { fallback: 'spare' } }, spare: {} })
    const { result } = await runRecorded(blueprint, {
      start: () => ({ output: 7 }),
      a: fail,
      spare: ({ input }) => ({ output: input * 2 }),
      b: ({ input }) => ({ output: input }),
    })
    expect(result.context).toMatchObject({ a: 14, spare: 14, b: 14 })
  })

  it('serves each failing primary once, one after the other, and decides its own edges once', async () => {
    const config = { fallback: 'spare' }
    const blueprint = graph(['a -> after-a', 'b -> after-b', 'spare -> after-spare'], { a: { config }, b: { config } })
    let running = 0
    const { result, of, started } = await runRecorded(blueprint, {
      a: fail,
      b: fail,
      'after-a': pass,
      'after-b': pass,
      'after-spare': pass,
      spare: async ({ iteration }) => {
        expect((running += 1)).toBe(1)
        await Promise.resolve()
        running -= 1
        return { output: iteration }
      },
    })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { a: 0, b: 1 } })
    expect(started.filter((id) => id === 'after-spare')).toHaveLength(1)
    expect(of('node:start').flatMap(({ payload }) => payload.fallbackFor ?? [])).toEqual(['a', 'b'])
  })

  it('that nobody needs is skipped, and its edges die by choice', async () => {
    const blueprint = graph(['a -> b', 'spare -> after'], { a: { config: { fallback: 'spare' } } })
    const { of, result } = await runRecorded(blueprint, { a: pass, b: pass, spare: pass, after: pass })
    expect(result.status).toBe('completed')
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['spare', 'fallback-not-needed'],
      ['after', 'not-chosen'],
    ])
  })

  it('in a chain pass the output up to every primary', async () => {
    const blueprint = graph(['a -> b'], {
      a: { config: { fallback: 'second' } },
      second: { config: { fallback: 'third' } },
      third: {},
    })
    const { result } = await runRecorded(blueprint, { a: fail, second: fail, third: () => ({ output: 3 }), b: pass })
    expect(result).toMatchObject({
      status: 'completed',
      errors: undefined,
      context: { a: 3, second: 3, third: 3, b: 'b' },
    })
  })

  it('do not help against a fatal error', async () => {
    const blueprint = graph(['a -> b'], { a: { config: { fallback: 'spare', maxRetries: 3 } }, spare: {}, other: {} })
    const { result, started, of } = await runRecorded(blueprint, {
      a: () => {
        throw new Error('wrapped', { cause: new FlowcraftError('stop everything', { isFatal: true }) })
      },
      b: pass,
      spare: pass,
      other: () => new Promise(() => {}),
    })
    expect(started).toEqual(['a', 'other'])
    expect(result.status).toBe('failed')
    expect(of('workflow:finish')).toHaveLength(1)
  })
})

describe('code', () => {
  it('the same function has the same key in every process, and two functions have two', () => {
    const build = () => createFlow('shop').node('a', pass).node('b/c', pass).toBlueprint()
    expect(build().nodes.map((node) => node.uses)).toEqual(['shop/a', 'shop/b%2Fc'])
    expect(build()).toEqual(build())
  })
})

describe('values', () => {
  it('mutation in place changes neither the live context nor history', async () => {
    const initial = { list: [1] }
    const handed: number[][] = []
    const blueprint = graph(['a -> b', 'a -> c'])
    const { result, of } = await runRecorded(
      blueprint,
      {
        a: async ({ context }) => {
          const list = (await context.get('list')) as number[]
          list.push(2)
          const output = [10]
          handed.push(output)
          await context.set('mine', output)
          output.push(11)
          return { output }
        },
        b: async ({ input, context }) => {
          handed[0]!.push(12)
          ;(input as number[]).push(13)
          ;((await context.get('mine')) as number[]).push(14)
          return { output: input }
        },
        c: ({ input }) => ({ output: input }),
      },
      initial,
    )
    initial.list.push(99)
    expect(result.context).toMatchObject({
      list: [1],
      mine: [10],
      '_outputs.a': [10, 11],
      '_outputs.b': [10, 11, 13],
      '_outputs.c': [10, 11],
    })
    expect(of('workflow:start')[0]?.payload.initialContext).toEqual({ list: [1] })
    expect(of('node:finish')[0]?.payload.result.output).toEqual([10, 11])
    ;(result.context['list'] as number[]).push(5)
    expect(of('workflow:start')[0]?.payload.initialContext).toEqual({ list: [1] })
  })
})
