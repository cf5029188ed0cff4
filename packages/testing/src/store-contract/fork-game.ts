import type { FlowcraftEvent } from 'flowcraft'
import { appended, collect, sizeOf } from './answers.ts'
import { change, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { forked, forkOf } from './forks.ts'
import type { StoreWith } from './store-case.ts'

/** A whole number from 0 to below `count`. */
export type Choose = (count: number) => number

/** A store for {@link playForks}. */
export type GameStore = StoreWith<'append' | 'fork' | 'read' | 'delete' | 'prune' | 'getStats' | 'list'>

/** An execution as a plain copy of all that it has, shared or not. */
interface Copy {
  readonly id: string
  readonly writer: string
  readonly parent: string | undefined
  readonly from: { readonly executionId: string; readonly seq: number } | undefined
  readonly events: FlowcraftEvent[]
}

const ids = Array.from({ length: 8 }, (_, index) => `run ${index}`)

/**
 * Begins, forks, appends, deletes and prunes executions of few ids as `choose` has it, so many times, and checks after
 * each time that the store gives what plain copies would. In the end it deletes all.
 */
export async function playForks(store: GameStore, choose: Choose, moves: number): Promise<void> {
  const copies = new Map<string, Copy>()
  for (let move = 0; move < moves; move++) {
    const id = ids[choose(ids.length)]!
    const known = copies.get(id)
    await (known === undefined
      ? begin(store, choose, copies, id, `writer ${move}`)
      : goOn(store, choose, copies, known))
    await check(store, choose, copies, `behind move ${move}`)
  }
  while (copies.size > 0) {
    const roots = [...copies.values()].filter(({ parent }) => parent === undefined)
    await remove(store, copies, roots[choose(roots.length)]!.id)
    await check(store, choose, copies, `with ${copies.size} left`)
  }
}

async function begin(
  store: GameStore,
  choose: Choose,
  copies: Map<string, Copy>,
  id: string,
  writer: string,
): Promise<void> {
  const others = [...copies.values()]
  const other = others[choose(Math.max(1, others.length))]
  const kind = choose(5)
  if (other === undefined || kind === 0) {
    const own = runOf(id, { writer })
    expectEqual(await appended(store, own), ['done'], `the beginning of '${id}'`)
    copies.set(id, { id, writer, parent: undefined, from: undefined, events: [...own.events] })
  } else if (kind === 1) {
    const own = runOf(id, { writer: other.writer, parent: other.id })
    expectEqual(await appended(store, own), ['done'], `the beginning of '${id}', a subflow of '${other.id}'`)
    copies.set(id, { id, writer: other.writer, parent: other.id, from: undefined, events: [...own.events] })
  } else {
    const seq = choose(other.events.length + 1)
    const fork = forkOf(id, other.id, seq, { writer })
    if (seq === other.events.length) {
      await expectRejection(store.fork(fork), 'EXECUTION_UNKNOWN', `a fork of '${other.id}' behind its last event`)
      return
    }
    await store.fork(fork)
    const from = { executionId: other.id, seq }
    copies.set(id, { id, writer, parent: undefined, from, events: forked(fork, other.events) })
  }
}

async function goOn(store: GameStore, choose: Choose, copies: Map<string, Copy>, copy: Copy): Promise<void> {
  const { id, events, writer } = copy
  const kind = choose(10)
  if (kind < 6) {
    const own = Array.from({ length: 1 + choose(3) }, (_, index) => change(id, events.length + index, choose(1000)))
    const batch = { executionId: id, writer, events: own, expectedSeq: events.length }
    expectEqual(await appended(store, batch, batch), ['done', 'done'], `the same events of '${id}' twice`)
    events.push(...own)
  } else if (kind < 8) {
    await remove(store, copies, id)
  } else if (kind === 8) {
    const again = forkOf(id, id, choose(events.length), { writer: 'other' })
    await expectRejection(store.fork(again), 'CONCURRENCY_CONFLICT', `a fork of '${id}' under its own id`)
  } else {
    const length = choose(14)
    const old = [...copies.values()].filter((each) => each.parent === undefined && each.events.length <= length)
    const count = old.map((each) => forget(copies, each.id)).reduce((sum, each) => sum + each, 0)
    const options = { olderThan: usualTime + length, status: 'running' } as const
    expectEqual(await store.prune(options), count, `the number of those pruned with at most ${length} events`)
  }
}

async function remove(store: GameStore, copies: Map<string, Copy>, id: string): Promise<void> {
  if (copies.get(id)?.parent === undefined) {
    expectEqual(await store.delete(id), forget(copies, id), `the number removed with '${id}'`)
  } else {
    await expectRejection(store.delete(id), 'EXECUTION_CONFLICT', `deleting '${id}', a subflow`)
  }
}

/** Removes a copy with those of its subflows. Gives how many. */
function forget(copies: Map<string, Copy>, id: string): number {
  copies.delete(id)
  const children = [...copies.values()].filter(({ parent }) => parent === id)
  return children.reduce((sum, child) => sum + forget(copies, child.id), 1)
}

async function check(store: GameStore, choose: Choose, copies: ReadonlyMap<string, Copy>, when: string): Promise<void> {
  const found = await store.retrieveMultiple([...ids])
  for (const id of ids) expectEqual(found.get(id), copies.get(id)?.events ?? [], `the events of '${id}' ${when}`)
  const all = [...copies.values()]
  const ownEvents = all.reduce(
    (sum, { events, from }) => sum + events.length - (from === undefined ? 0 : from.seq + 1),
    0,
  )
  expectEqual(await sizeOf(store), [ownEvents, all.length], `the number of events and executions ${when}`)

  const id = ids[choose(ids.length)]!
  const fromSeq = choose((copies.get(id)?.events.length ?? 0) + 1)
  const toSeq = fromSeq + choose(6)
  const part = copies.get(id)?.events.slice(fromSeq, toSeq + 1) ?? []
  expectEqual(
    await collect(store, id, { fromSeq, toSeq }),
    part,
    `the events ${fromSeq} to ${toSeq} of '${id}' ${when}`,
  )

  const listed = (await store.list()).items.map((each) => [each.executionId, each.lastSeq, each.forkedFrom] as const)
  const roots = all.filter(({ parent }) => parent === undefined)
  const expected = roots.map((each) => [each.id, each.events.length - 1, each.from] as const)
  const byId = ([one]: readonly [string, ...unknown[]], [other]: readonly [string, ...unknown[]]): number =>
    one < other ? -1 : 1
  expectEqual(listed.toSorted(byId), expected.toSorted(byId), `the list ${when}`)
}
