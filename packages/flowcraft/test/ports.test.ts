import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { macrotask, randomId, sleep, systemClock } from '../src/ports.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const day = 86_400_000

it('the clock calls back after more days than a timer of the platform can hold', () => {
  let calls = 0
  systemClock.setTimer(60 * day, () => calls++)
  vi.advanceTimersByTime(60 * day - 1)
  expect(calls).toBe(0)
  vi.advanceTimersByTime(1)
  expect(calls).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

it('the clock forgets what was cancelled, also after it has set a long timer anew', () => {
  const fail = (): never => {
    throw new Error('cancelled')
  }
  const cancel = systemClock.setTimer(60 * day, fail)
  vi.advanceTimersByTime(30 * day)
  cancel()
  expect(vi.getTimerCount()).toBe(0)
})

it('sleep resolves when its time has come', async () => {
  const start = systemClock.now()
  const slept = sleep(250).then(() => systemClock.now() - start)
  await vi.advanceTimersByTimeAsync(250)
  expect(await slept).toBe(250)
})

it('a macrotask comes after the microtasks that are due, with and without setImmediate', async () => {
  vi.useRealTimers()
  const order: string[] = []
  const queue = (name: string): Promise<void> =>
    new Promise((resolve) => {
      macrotask(() => resolve(void order.push(name)))
      queueMicrotask(() => order.push('microtask'))
    })
  await queue('immediate')
  vi.stubGlobal('setImmediate', undefined)
  await queue('message')
  vi.stubGlobal('MessageChannel', undefined)
  await queue('timer')
  vi.unstubAllGlobals()
  expect(order).toEqual(['microtask', 'immediate', 'microtask', 'message', 'microtask', 'timer'])
})

it('random ids differ', () => {
  expect(randomId()).not.toBe(randomId())
})
