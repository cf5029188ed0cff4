import { FlowcraftError, type EventBatch, type EventStore, type FlowcraftEvent, type Fork } from 'flowcraft'
import { wrappedStore } from './wrapped-store.ts'

/** `fn`, whose first call throws `error` instead, whoever makes it. Default an error that says so. */
export function failOnce<TArgs extends readonly unknown[], TResult>(
  fn: (...args: TArgs) => TResult,
  error: unknown = new Error('This call fails, once: failOnce was told so'),
): (...args: TArgs) => TResult {
  let hasFailed = false
  return (...args) => {
    if (hasFailed) return fn(...args)
    hasFailed = true
    throw error
  }
}

/**
 * `store`, whose `n`-th write of events (from 1) fails, and nothing of it is stored; all others work. A write is a call of
 * `append`, of `fork`, or of `store` where there is no `append`.
 * @throws INPUT_INVALID where `n` is no whole number from 1.
 */
export function failingStore(store: EventStore, n: number): EventStore {
  requireWhole('failingStore', 'n', n, 1)
  let writes = 0
  const count = (): void => {
    writes += 1
    if (writes === n) throw new Error(`Write ${n} of events fails: failingStore was told so`)
  }
  return wrappedStore(store, {
    async store(event, executionId) {
      count()
      await store.store(event, executionId)
    },
    ...(store.append && {
      append: async (batches: readonly EventBatch[]) => {
        count()
        return await store.append!(batches)
      },
    }),
    ...(store.fork && {
      fork: async (fork: Fork) => {
        count()
        await store.fork!(fork)
      },
    }),
  })
}

/**
 * `store` as a process leaves it that dies: the first event behind `seq`, of whichever execution, is not stored, nor is
 * anything after it; the run rejects with EVENT_STORE_FAILED. It has no leases (`claim`, `renew`, `due`): a runtime on
 * `store` itself can recover the run at once.
 * @throws INPUT_INVALID where `seq` is no whole number from -1.
 */
export function crashAfter(store: EventStore, seq: number): EventStore {
  requireWhole('crashAfter', 'seq', seq, -1)
  let isDead = false
  const requireLife = (): void => {
    if (isDead) throw new Error(`The process has died after event ${seq}: crashAfter was told so`)
  }
  const isLost = (event: FlowcraftEvent): boolean => event.seq > seq
  const writing = <TArgs extends readonly unknown[], TResult>(write: (...args: TArgs) => Promise<TResult>) => {
    return async (...args: TArgs): Promise<TResult> => {
      requireLife()
      return await write(...args)
    }
  }
  return wrappedStore(store, {
    async store(event, executionId) {
      isDead ||= isLost(event)
      requireLife()
      await store.store(event, executionId)
    },
    append:
      store.append &&
      writing(async (batches: readonly EventBatch[]) => {
        const first = batches.findIndex(({ events }) => events.some(isLost))
        if (first === -1) return await store.append!(batches)
        isDead = true
        const kept = batches.slice(0, first)
        const events = batches[first]!.events.filter((event) => !isLost(event))
        if (events.length > 0) kept.push({ ...batches[first]!, events })
        if (kept.length > 0) await store.append!(kept)
        requireLife()
        return []
      }),
    fork:
      store.fork &&
      writing(async (fork: Fork) => {
        isDead = isLost(fork.event)
        requireLife()
        await store.fork!(fork)
      }),
    saveBlueprint: store.saveBlueprint && writing(store.saveBlueprint.bind(store)),
    delete: store.delete && writing(store.delete.bind(store)),
    prune: store.prune && writing(store.prune.bind(store)),
    clear: store.clear && writing(store.clear.bind(store)),
    claim: undefined,
    renew: undefined,
    due: undefined,
  })
}

/** A fault that never comes would test nothing. */
function requireWhole(who: string, name: string, value: unknown, least: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return
  throw new FlowcraftError(`${who}: '${name}' is ${String(value)}; expected a whole number from ${least}`, {
    code: 'INPUT_INVALID',
  })
}
