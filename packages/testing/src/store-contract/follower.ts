import type { EventBatch, FlowcraftEvent, FollowedEvent, FollowOptions, FollowTarget } from 'flowcraft'
import { nextOf } from './answers.ts'
import { expectEqual, expectTrue, within } from './expectation.ts'
import type { StoreWith } from './store-case.ts'

/** Somebody who follows a store. */
export interface Follower {
  /** The next event, with its cursor. */
  next(what?: string): Promise<FollowedEvent>
  /** The next events, so many. */
  take(count: number, what?: string): Promise<FollowedEvent[]>
  /** Checks that these events are next, in this order. */
  expect(events: readonly FlowcraftEvent[], what?: string): Promise<void>
  /** Checks that the iteration has ended by itself. */
  expectEnd(what?: string): Promise<void>
  /** What comes next, whenever it comes: to be asked before it can come. */
  soon(): Promise<FollowedEvent | 'ended'>
  /** Ends the iteration. */
  leave(): Promise<void>
}

/** Begins to follow. */
export function follow(store: StoreWith<'subscribe'>, target: FollowTarget, options?: FollowOptions): Follower {
  const iterator = store.subscribe(target, options)[Symbol.asyncIterator]()
  const whom = `the subscription to ${JSON.stringify(target)}`
  const follower: Follower = {
    soon: () => nextOf(iterator, whom),
    async next(what = whom) {
      const followed = await nextOf(iterator, what)
      if (followed === 'ended') throw new Error(`${what}: has ended, expected an event`)
      return followed
    },
    async take(count, what) {
      const taken: FollowedEvent[] = []
      while (taken.length < count) taken.push(await follower.next(what))
      return taken
    },
    async expect(events, what = `the events of ${whom}`) {
      expectEqual(eventsOf(await follower.take(events.length, what)), events, what)
    },
    async expectEnd(what = whom) {
      const followed = await nextOf(iterator, what)
      expectTrue(followed === 'ended', `${what} has ended`)
    },
    async leave() {
      expectTrue(iterator.return !== undefined, `${whom} can be left early: its iterator has 'return'`)
      await within(Promise.resolve(iterator.return?.()), `leaving ${whom}`)
    },
  }
  return follower
}

/** The events without their cursors. */
export function eventsOf(followed: readonly FollowedEvent[]): FlowcraftEvent[] {
  return followed.map(({ event }) => event)
}

/** The events of batches, one behind the other. */
export function allOf(...batches: readonly EventBatch[]): FlowcraftEvent[] {
  return batches.flatMap(({ events }) => events)
}
