import { describe, expect, expectTypeOf, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { FlowEventBus } from '../../src/history/event-bus.ts'
import { change, run } from './events.ts'

describe('FlowEventBus', () => {
  it('tells listeners of a type, and those of every type, in order', async () => {
    const bus = new FlowEventBus()
    const seen: string[] = []
    bus.on('workflow:finish', (event) => {
      expectTypeOf(event.payload.status).toEqualTypeOf<'completed' | 'failed' | 'cancelled'>()
      seen.push(event.payload.status)
    })
    bus.on('*', (event) => {
      expectTypeOf(event).toEqualTypeOf<FlowcraftEvent>()
      seen.push(event.type)
    })
    await bus.emitBatch(run('a', 1))
    expect(seen).toEqual(['workflow:start', 'context:change', 'completed', 'workflow:finish'])
  })

  it('tells a once listener once, and one that was taken off no more', () => {
    const bus = new FlowEventBus()
    const seen: string[] = []
    const once = (): number => seen.push('once')
    const never = (): number => seen.push('never')
    bus.once('*', () => void once()).on('context:change', () => void seen.push('on'))
    const taken = (): void => void never()
    bus.on('*', taken).once('*', taken).off('*', taken)
    bus.emit(change('a', 0))
    bus.emit(change('a', 1))
    expect(seen).toEqual(['on', 'once', 'on'])
  })

  it('reports what a listener throws or rejects with, and goes on', async () => {
    const reported: unknown[] = []
    const bus = new FlowEventBus({ onListenerError: (error, event) => void reported.push([error, event.seq]) })
    const seen: number[] = []
    bus.on('*', () => {
      throw new Error('thrown')
    })
    bus.on('*', async () => {
      throw new Error('rejected')
    })
    bus.on('*', (event) => void seen.push(event.seq))
    bus.emit(change('a', 4))
    await Promise.resolve()
    expect(seen).toEqual([4])
    expect(reported).toEqual([
      [new Error('thrown'), 4],
      [new Error('rejected'), 4],
    ])
  })
})
