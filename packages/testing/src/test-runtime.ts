import {
  FlowRuntime,
  InMemoryEventStore,
  PersistentEventBusAdapter,
  type EventStore,
  type RuntimeOptions,
} from 'flowcraft'
import { virtualClock, type VirtualClock } from './virtual-clock.ts'
import { watchedStore } from './wrapped-store.ts'

/** Options of a test runtime, besides those of every runtime. */
export interface TestRuntimeOptions<TDependencies extends object = Record<string, unknown>> extends Omit<
  RuntimeOptions<TDependencies>,
  'clock' | 'eventBus' | 'idGenerator'
> {
  /** The time at which its clock begins, in epoch milliseconds. Default that of 2025-01-01T00:00:00Z. */
  readonly now?: number | undefined
  /** Execution ids are `test-<seed>-1`, `test-<seed>-2` and so on. Default 1. */
  readonly seed?: number | string | undefined
  /** Where runs are recorded. Default a new `InMemoryEventStore` with the same clock. */
  readonly store?: EventStore | undefined
}

/** A runtime for tests, and what it works with. */
export interface TestRuntime<TDependencies extends object = Record<string, unknown>> {
  /** Its scheduler, once started, needs no interval: it looks into the store when it is started and when a node waits. */
  readonly runtime: FlowRuntime<TDependencies>
  readonly clock: VirtualClock
  readonly store: EventStore
}

/**
 * A runtime whose runs are recorded in a store and take no time: retries, timeouts and, after `runtime.startScheduler()`,
 * sleeps are over as soon as nothing else goes on. The same runs get the same ids.
 */
export function createTestRuntime<TDependencies extends object = Record<string, unknown>>(
  options: TestRuntimeOptions<TDependencies> = {},
): TestRuntime<TDependencies> {
  const { now = Date.UTC(2025, 0, 1), seed = 1, store: given, ...runtimeOptions } = options
  let isBusy = (): boolean => false
  const clock = virtualClock(now, () => isBusy())
  const store = given ?? new InMemoryEventStore({ clock })
  const watched = watchedStore(store)
  isBusy = () => watched.isBusy()
  const eventBus = new PersistentEventBusAdapter(watched.store, {
    ports: {
      now: () => clock.now(),
      sleep: (ms) => new Promise((resolve) => void clock.setTimer(ms, resolve)),
      random: () => 0.5,
    },
  })
  let ids = 0
  const idGenerator = (): string => `test-${seed}-${(ids += 1)}`
  const runtime = new UnhurriedRuntime<TDependencies>({ ...runtimeOptions, clock, eventBus, idGenerator })
  eventBus.on('node:wait', () => runtime.lookAgain())
  return { runtime, clock, store }
}

/** A runtime whose scheduler sleeps until something is due: at intervals, its clock would jump for ever. */
class UnhurriedRuntime<TDependencies extends object> extends FlowRuntime<TDependencies> {
  #isScheduling = false

  override startScheduler(): void {
    this.#isScheduling = true
    super.startScheduler(Number.MAX_SAFE_INTEGER)
  }

  override stopScheduler(): void {
    this.#isScheduling = false
    super.stopScheduler()
  }

  /** A node of a run that goes on is waiting: without an interval, nobody would look for it. */
  lookAgain(): void {
    if (this.#isScheduling) this.startScheduler()
  }
}
