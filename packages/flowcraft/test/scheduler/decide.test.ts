import { describe, expect, it } from 'vitest'
import { decideOutcome } from '../../src/scheduler/outcome.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import { graph } from '../runtime/run-recorded.ts'
import { broken, edge, error, factsOf, fallback, finish, retry, skipped, start, whenAsked } from './given.ts'

describe('a run that has begun', () => {
  it('starts its start nodes in blueprint order', () => {
    const blueprint = graph(['a -> c', 'b -> c'])
    expect(factsOf(whenAsked(blueprint, []))).toMatchObject([
      { type: 'node:start', payload: { nodeId: 'a', attempt: 1 } },
    ])
    expect(factsOf(whenAsked(blueprint, [start('a')]))).toMatchObject([{ payload: { nodeId: 'b' } }])
  })

  it('waits when every slot is taken', () => {
    expect(whenAsked(graph(['a -> c', 'b -> c']), [start('a')], { concurrency: 1 })).toEqual({ kind: 'wait' })
  })

  it('ends as exhausted when it has had all its executions', () => {
    expect(whenAsked(graph([], { a: {}, b: {} }), [start('a')], { maxIterations: 1 })).toEqual({ kind: 'exhausted' })
  })
})

describe('a node that finished', () => {
  it('has its edges decided before anything else', () => {
    const decision = whenAsked(graph(['a -> b'], { c: {} }), [start('a'), finish('a')])
    expect(decision).toMatchObject({ kind: 'route', node: { id: 'a' } })
  })

  it('has the rest of them decided when a log was cut between two', () => {
    const decision = whenAsked(graph(['a -> b', 'a -> c']), [start('a'), finish('a'), edge(0, 'a', 'b')])
    expect(decision).toMatchObject({ kind: 'route', node: { id: 'a' } })
  })

  it('starts its successor with its output', () => {
    const past = [start('a'), finish('a', 7), edge(0, 'a', 'b')]
    expect(factsOf(whenAsked(graph(['a -> b']), past))).toMatchObject([{ payload: { nodeId: 'b', input: 7 } }])
  })

  it('ends the run when it was the last', () => {
    expect(whenAsked(graph([], { a: {} }), [start('a'), finish('a')])).toEqual({ kind: 'finish', status: 'completed' })
  })
})

describe('an all join', () => {
  const blueprint = graph(['a -> c', 'b -> c'])
  const both = [start('a'), start('b')]

  it('waits for every edge', () => {
    expect(whenAsked(blueprint, [...both, finish('a'), edge(0, 'a', 'c')])).toEqual({ kind: 'wait' })
  })

  it('runs with what was taken', () => {
    const past = [...both, finish('a', 1), edge(0, 'a', 'c', false), finish('b', 2), edge(1, 'b', 'c')]
    expect(factsOf(whenAsked(blueprint, past))).toMatchObject([{ payload: { nodeId: 'c', input: { b: 2 } } }])
  })

  it('is skipped when nothing was', () => {
    const past = [...both, finish('a'), edge(0, 'a', 'c', false), finish('b'), edge(1, 'b', 'c', false)]
    expect(factsOf(whenAsked(blueprint, past))).toMatchObject([
      { type: 'node:skipped', payload: { nodeId: 'c', reason: 'not-chosen', edge: 1 } },
    ])
  })

  it('is skipped when a source failed, but not before the others are done', () => {
    expect(whenAsked(blueprint, [...both, error('a')])).toEqual({ kind: 'wait' })
    const past = [...both, error('a'), finish('b'), edge(1, 'b', 'c')]
    expect(factsOf(whenAsked(blueprint, past))).toMatchObject([
      { type: 'node:skipped', payload: { nodeId: 'c', reason: 'upstream-failed', edge: 0 } },
    ])
  })

  it('is skipped by failure behind a node that was', () => {
    const chain = graph(['a -> b', 'b -> c'])
    const past = [start('a'), error('a'), skipped('b', 'upstream-failed')]
    expect(factsOf(whenAsked(chain, past))).toMatchObject([{ payload: { nodeId: 'c', reason: 'upstream-failed' } }])
  })
})

describe('a node that failed', () => {
  const blueprint = graph(['a -> b'], { a: { config: { fallback: 'spare' } }, spare: {} })

  it('calls its fallback', () => {
    expect(factsOf(whenAsked(blueprint, [start('a'), error('a')]))).toMatchObject([
      { type: 'node:fallback', payload: { nodeId: 'a', fallback: 'spare' } },
    ])
  })

  it('is replaced by it, with its own input', () => {
    const past = [start('a', { input: 5 }), error('a'), fallback('a', 'spare')]
    expect(factsOf(whenAsked(blueprint, past))).toMatchObject([
      { type: 'node:start', payload: { nodeId: 'spare', input: 5, fallbackFor: 'a' } },
    ])
  })

  it('is routed as if it had finished when the fallback did', () => {
    const past = [
      start('a'),
      error('a'),
      fallback('a', 'spare'),
      start('spare', { fallbackFor: 'a' }),
      finish('spare', 3),
    ]
    expect(whenAsked(blueprint, past)).toMatchObject({ kind: 'route', node: { id: 'a' } })
  })

  it('ends the run at once when its error is fatal, whatever else is running', () => {
    const past = [start('a'), error('a', {}, { isFatal: true })]
    expect(whenAsked(graph(['a -> b'], { c: {} }), past)).toEqual({ kind: 'finish', status: 'failed' })
  })

  it('waits out its delay before the next attempt', () => {
    const config = { maxRetries: 2 }
    expect(whenAsked(graph([], { a: { config } }), [start('a'), retry('a', 10)])).toEqual({ kind: 'wait' })
    expect(factsOf(whenAsked(graph([], { a: { config } }), [start('a'), retry('a', 0)]))).toMatchObject([
      { type: 'node:start', payload: { nodeId: 'a', attempt: 2, iteration: 0 } },
    ])
  })
})

describe('a cancelled run', () => {
  it('ends, and starts nothing more', () => {
    const past = [start('a'), { type: 'workflow:cancel', payload: { reason: 'enough' } } as const]
    expect(whenAsked(graph(['a -> b'], { c: {} }), past)).toEqual({ kind: 'finish', status: 'cancelled' })
  })
})

describe('an attempt that ended', () => {
  const plan = planOf(graph([], { a: { config: { maxRetries: 3, retryDelay: 5 } } }))
  const node = isPlan(plan) ? plan.nodes[0]! : undefined!
  const ended = { node, attempt: 1, iteration: 0, isRegistryFallback: false, writes: [], durationMs: 2 }
  const failure = { error: broken, isRetryable: true }

  it('is recorded with its writes before its outcome', () => {
    const writes = [{ op: 'set', key: 'k', value: 1 } as const, { op: 'delete', key: 'l' } as const]
    expect(decideOutcome({ ...ended, writes, outcome: { result: { output: 1 } } }).map((fact) => fact.type)).toEqual([
      'context:change',
      'context:change',
      'node:finish',
    ])
  })

  it('is retried while attempts are left and another one could help', () => {
    const typeAfter = (change: object) => decideOutcome({ ...ended, outcome: failure, ...change }).at(-1)?.type
    expect(typeAfter({})).toBe('node:retry')
    expect(typeAfter({ attempt: 3 })).toBe('node:error')
    expect(typeAfter({ isRegistryFallback: true })).toBe('node:error')
    expect(typeAfter({ outcome: { ...failure, isRetryable: false } })).toBe('node:error')
    expect(typeAfter({ outcome: { ...failure, error: { ...broken, isFatal: true } } })).toBe('node:error')
  })
})
