import type { EventStore } from '../history/event-store.ts'
import type { LaunchOptions } from './launch-options.ts'
import { isClaiming } from './family-claim.ts'
import type { Run } from './run.ts'
import { storeOf } from './store-of.ts'
import { stepsTo } from './waiting-path.ts'

/** Lets go of a parked run of this runtime that has gone on somewhere else: its log knows more than this memory. */
export async function forgetStale({ runs, eventBus }: LaunchOptions, executionId: string | undefined): Promise<void> {
  const run = executionId === undefined ? undefined : runs.of(executionId)
  const store = storeOf(eventBus)
  if (run === undefined || store === undefined) return
  const root = stepsTo(runs, run)[0]?.run ?? run
  const family = familyOf(root)
  if (!family.every((member) => member.isParked)) return
  const { seq } = root.state
  // Whoever lets a family go on begins with its root.
  const isStale = await hasGoneOn(store, root)
  // What is more in the log may be its own: somebody may have let it go on here in the meantime.
  if (!isStale || runs.of(root.executionId) !== root || root.state.seq !== seq) return
  for (const member of familyOf(root)) member.leave()
}

/** How many parked families a runtime keeps in memory that are in its event store as well. */
const parkedAtMost = 10_000

/** Lets go of the families that have been parked longest: whoever resumes them reads their logs. */
export function forgetOldest({ runs, eventBus }: LaunchOptions): void {
  if (!isClaiming(eventBus) || runs.parkedCount <= parkedAtMost) return
  for (const run of runs.parked()) {
    if (runs.parkedCount <= parkedAtMost) return
    const family = familyOf(stepsTo(runs, run)[0]?.run ?? run)
    if (family.every((member) => member.isParked)) for (const member of family) member.leave()
  }
}

/** A run and those of its subflows. */
export function familyOf(run: Run): Run[] {
  return [run, ...run.children.entries().flatMap(([, child]) => familyOf(child))]
}

async function hasGoneOn(store: EventStore, { executionId, state }: Run): Promise<boolean> {
  if (store.read === undefined) return (await store.retrieve(executionId)).length > state.seq + 1
  for await (const _ of store.read(executionId, { fromSeq: state.seq + 1, limit: 1 })) return true
  return false
}
