import { describe, expect, it } from 'vitest'
import { BaseNode, FlowcraftError, FlowRuntime, NullLogger, type NodeContext } from 'flowcraft'
import { graph, runRecorded } from './run-recorded.ts'
import { idle, virtualClock } from './virtual-clock.ts'

describe('a class node', () => {
  it('prepares once, retries exec, posts, and recovers after any error, on one instance', async () => {
    const calls: string[] = []
    class Lifecycle extends BaseNode {
      count = 0
      override async prep() {
        calls.push('prep')
        return 'prepared'
      }
      async exec(prepared: unknown, { attempt }: NodeContext) {
        calls.push(`exec ${attempt} ${String(prepared)} ${(this.count += 1)}`)
        if (attempt === 1) throw new Error('first')
        return { output: 1 }
      }
      override async post(result: { output?: unknown } | void) {
        calls.push('post')
        return { output: [result?.output] }
      }
      override async recover(error: Error) {
        calls.push(`recover ${error.message}`)
        throw new Error('only logged')
      }
    }
    const { result } = await runRecorded(graph([], { a: { config: { maxRetries: 2 } } }), { a: Lifecycle })
    expect(calls).toEqual(['prep', 'exec 1 prepared 1', 'exec 2 prepared 2', 'post', 'recover first'])
    expect(result).toMatchObject({ status: 'completed', context: { a: [1] } })
  })

  it('has a fallback of its own, for the last attempt, also after a timeout', async () => {
    const clock = virtualClock()
    class Slow extends BaseNode {
      async exec(_: unknown, { context }: NodeContext) {
        await context.set('cut off', true)
        return await new Promise<void>(() => {})
      }
      override async fallback(error: Error, { context }: NodeContext) {
        await context.set('rescued from', error.name)
        return { output: 'rescued' }
      }
    }
    const run = runRecorded(graph([], { a: { config: { timeout: 10 } } }), { a: Slow }, {}, {}, { clock })
    await clock.advance(10)
    const { result } = await run
    expect(result).toMatchObject({ status: 'completed', context: { a: 'rescued', 'rescued from': 'NodeTimeoutError' } })
    expect(result.context).not.toHaveProperty('cut off')
  })

  it('has every stage bounded by its timeout', async () => {
    const clock = virtualClock()
    class Hangs extends BaseNode {
      async exec(): Promise<void> {
        throw new Error('broken')
      }
      override fallback(): Promise<void> {
        return new Promise(() => {})
      }
      override recover(): Promise<void> {
        return new Promise(() => {})
      }
    }
    const run = runRecorded(graph([], { a: { config: { timeout: 10 } } }), { a: Hangs }, {}, {}, { clock })
    await clock.advance(10)
    await clock.advance(10)
    expect((await run).result.errors).toMatchObject([{ code: 'NODE_TIMEOUT' }])
    expect(clock.waiting).toEqual([])
  })

  it('prepares again when what it wrote was lost in a timeout', async () => {
    const clock = virtualClock()
    class Prepares extends BaseNode {
      override async prep({ context }: NodeContext) {
        await context.set('prepared', true)
      }
      async exec(_: unknown, { attempt, context }: NodeContext) {
        if (attempt === 1) await new Promise(() => {})
        return { output: await context.get('prepared') }
      }
    }
    const config = { timeout: 10, maxRetries: 2 }
    const run = runRecorded(graph([], { a: { config } }), { a: Prepares }, {}, {}, { clock })
    await clock.advance(10)
    expect((await run).result.context).toMatchObject({ a: true, prepared: true })
  })

  it('recovers after a fatal error, whatever attempts are left', async () => {
    const calls: string[] = []
    class Fatal extends BaseNode {
      async exec(): Promise<void> {
        throw new FlowcraftError('stop', { isFatal: true })
      }
      override async recover() {
        calls.push('recover')
      }
    }
    await runRecorded(graph([], { a: { config: { maxRetries: 3 } } }), { a: Fatal })
    expect(calls).toEqual(['recover'])
  })

  it('starts no stage after the run has ended', async () => {
    const calls: string[] = []
    let prepared!: () => void
    class Stages extends BaseNode {
      override prep() {
        calls.push('prep')
        return new Promise<void>((resolve) => (prepared = resolve))
      }
      async exec() {
        calls.push('exec')
      }
      override async fallback() {
        calls.push('fallback')
      }
      override async post() {
        calls.push('post')
      }
      override async recover() {
        calls.push('recover')
      }
    }
    const runtime = new FlowRuntime({ logger: new NullLogger() })
    const handle = runtime.start(graph([], { a: {} }), {}, { functionRegistry: { a: Stages } })
    handle.cancel()
    await handle.result()
    prepared()
    await idle()
    expect(calls).toEqual(['prep'])
  })

  it('leaves no timer behind when its run is cancelled', async () => {
    const clock = virtualClock()
    const runtime = new FlowRuntime({ logger: new NullLogger(), clock })
    const functionRegistry = { a: () => new Promise<void>(() => {}) }
    const handle = runtime.start(graph([], { a: { config: { timeout: 5000 } } }), {}, { functionRegistry })
    expect(clock.waiting).toEqual([5000])
    handle.cancel()
    expect(clock.waiting).toEqual([])
  })
})
