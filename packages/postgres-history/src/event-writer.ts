import { admitBatch, admitEvent, EventStoreError, guardOf, HistoryCorruptError } from 'flowcraft'
import type { AppendOutcome, EventBatch, FlowcraftError, FlowcraftEvent } from 'flowcraft'
import type { Sql } from 'postgres'
import { Drafts, noHead } from './drafts.ts'
import { HeadMemory, readHeads, type Head, type Heads } from './heads.ts'
import { KeySupply } from './key-supply.ts'
import { historyOf } from './read-pages.ts'
import { isSameEvent } from './rows.ts'
import { insideShared } from './shared-part.ts'
import { codeOf, isDataFault } from './store-error.ts'
import type { TableNames } from './table-names.ts'
import { writeDrafts } from './write-drafts.ts'

/** How often a write is judged again that others have come before. */
export const mostTries = 100

/**
 * Adds to the tables. Each call reads what it needs to know, judges, and writes on the condition that this is still so;
 * else it does all of that again. What was written last is remembered, so that the usual append is one statement.
 * One call at a time.
 */
export class EventWriter {
  readonly #sql: Sql
  readonly #names: TableNames
  readonly #channel: string | undefined
  readonly #memory = new HeadMemory()
  readonly #keys: KeySupply

  constructor(sql: Sql, names: TableNames, channel: string | undefined) {
    this.#sql = sql
    this.#names = names
    this.#channel = channel
    this.#keys = new KeySupply(sql, names)
  }

  /** One outcome for each batch, in order. */
  async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    try {
      return await this.#append(batches)
    } catch (error) {
      if (!isDataFault(error)) throw error
      const [batch] = batches
      if (batches.length === 1) return [{ executionId: batch!.executionId, error: refused(batch!, error) }]
    }
    // One of them has something that the server refuses: each alone, so that the others are stored.
    const outcomes: AppendOutcome[] = []
    for (const batch of batches) outcomes.push(...(await this.append([batch])))
    return outcomes
  }

  /** Appends one event without a writer. The very same event once more changes nothing. */
  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    const outcome = await this.write(async () => {
      const heads = await readHeads(this.#sql, this.#names, [executionId])
      const head = heads.get(executionId)
      if (head !== undefined && event.seq <= head.lastSeq && (await this.#holds(event, head))) return undefined
      const refusal = admitEvent(event, executionId, head ?? noHead)
      if (refusal !== undefined) throw refusal
      const drafts = await this.draftsFor(heads, 1)
      const fault = drafts.add(executionId, { writer: undefined, owner: undefined }, [event])
      if (fault !== undefined) throw fault
      return { drafts, outcome: undefined }
    })
    return outcome
  }

  /**
   * Writes what `judge` gives, again and again until nobody else has changed anything in between. `undefined` from
   * `judge`: nothing is to be written.
   */
  async write<T>(
    judge: (isFirst: boolean) => Promise<{ readonly drafts: Drafts; readonly outcome: T } | undefined>,
  ): Promise<T | undefined> {
    try {
      for (let tries = 0; tries < mostTries; tries++) {
        const judged = await judge(tries === 0)
        if (judged === undefined) return undefined
        const { drafts, outcome } = judged
        if (drafts.all.length === 0) return outcome
        if (await writeDrafts(this.#sql, this.#names, drafts, this.#channel)) {
          for (const { after } of drafts.all) this.#memory.set(after)
          return outcome
        }
      }
    } catch (error) {
      this.#memory.clear()
      throw error
    }
    const message = `other connections changed the same executions ${mostTries} times in a row`
    throw Object.assign(new Error(message), { code: '40001' })
  }

  /** Drafts over what is known, with keys for `count` new executions. */
  async draftsFor(heads: Heads, count: number): Promise<Drafts> {
    await this.#keys.reserve(count)
    return new Drafts(heads, () => this.#keys.take())
  }

  async #append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    const ids = batches.map(({ executionId }) => executionId)
    const outcomes = await this.write(async (isFirst) => {
      if (isFirst) {
        const drafts = await this.draftsFor(this.#guess(batches), batches.length)
        const judged = judgeAll(batches, drafts)
        if (judged.every((one) => one.isPlain)) return { drafts, outcome: judged.map(({ outcome }) => outcome) }
      }
      // What is remembered, or guessed, is no ground for a refusal, nor for taking something as done.
      const heads = await readHeads(this.#sql, this.#names, ids)
      const guards = guardsOf(batches, heads)
      for (const [id, head] of await readHeads(this.#sql, this.#names, guards)) heads.set(id, head)
      const drafts = await this.draftsFor(heads, batches.length)
      return { drafts, outcome: judgeAll(batches, drafts).map(({ outcome }) => outcome) }
    })
    return outcomes ?? []
  }

  /** What is remembered of the executions; one that is not, and begins, is taken for new. */
  #guess(batches: readonly EventBatch[]): Heads {
    const heads: Heads = new Map()
    for (const batch of batches) {
      const head = this.#memory.get(batch.executionId)
      if (head !== undefined || batch.expectedSeq === 0) heads.set(batch.executionId, head)
      const guard = guardOf(batch, head ?? noHead)
      const guardHead = guard === undefined ? undefined : this.#memory.get(guard)
      if (guardHead !== undefined) heads.set(guardHead.executionId, guardHead)
    }
    return heads
  }

  async #holds(event: FlowcraftEvent, head: Head): Promise<boolean> {
    const [row] = await historyOf(this.#names, head).page(this.#sql, event.seq, event.seq, 1, null)
    const isShared = event.seq <= (head.forkedSeq ?? -1)
    const blueprintId = isShared ? (row?.[6] ?? null) : head.blueprintId
    return row !== undefined && isSameEvent(row, event, { executionId: head.executionId, blueprintId })
  }
}

interface Judged {
  readonly outcome: AppendOutcome
  /** Whether it goes on exactly behind what is known: then writing finds out whether that is so. */
  readonly isPlain: boolean
}

function judgeAll(batches: readonly EventBatch[], drafts: Drafts): Judged[] {
  return batches.map((batch) => judgeOne(batch, drafts))
}

function judgeOne(batch: EventBatch, drafts: Drafts): Judged {
  const { executionId, events, writer, owner } = batch
  const head = drafts.headOf(executionId) ?? noHead
  const guard = guardOf(batch, head)
  const isGuardKnown = guard === undefined || drafts.headOf(guard) !== undefined
  const guardWriter = guard === undefined ? undefined : drafts.guardWriterOf(guard)
  const { skip, error = insideShared(batch, drafts.headOf(executionId)) } = admitBatch(batch, head, guardWriter)
  if (error !== undefined) return { outcome: { executionId, error }, isPlain: false }
  const left = events.slice(skip)
  if (left.length === 0) return { outcome: { executionId }, isPlain: false }
  const fault = drafts.add(executionId, { writer, owner }, left)
  const isPlain = skip === 0 && isGuardKnown
  return { outcome: fault === undefined ? { executionId } : { executionId, error: fault }, isPlain }
}

function guardsOf(batches: readonly EventBatch[], heads: Heads): string[] {
  // A batch may go on behind one of the same call: all that could be asked for.
  const guards = batches.flatMap((batch) => {
    const head = heads.get(batch.executionId)
    return [guardOf(batch, head ?? noHead), head?.parent]
  })
  return [...new Set(guards)].filter((id): id is string => id !== undefined && !heads.has(id))
}

function refused({ executionId, expectedSeq }: EventBatch, cause: unknown): FlowcraftError {
  if (codeOf(cause) === '23505') {
    const message =
      `Execution '${executionId}' cannot be appended to at seq ${expectedSeq}: the tables hold events behind its ` +
      `recorded end (${String(cause)})`
    return new HistoryCorruptError(message, { executionId, cause })
  }
  const message = `PostgreSQL refuses events of execution '${executionId}' from seq ${expectedSeq} on: ${String(cause)}`
  return new EventStoreError(message, { executionId, cause })
}
