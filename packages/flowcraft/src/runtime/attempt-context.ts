import type { IAsyncContext, PatchOperation } from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'
import { describeThrown } from '../events/failure.ts'
import { put } from '../events/own-property.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Write } from '../scheduler/outcome.ts'
import { contextOf, contextValue, hasContextKey, isReservedKey } from '../state/select.ts'
import type { RunState } from '../state/run-state.ts'
import type { Values } from './values.ts'

/** What an {@link AttemptContext} needs of its run. */
export interface AttemptScope {
  readonly blueprintId: string
  readonly executionId: string
  readonly values: Values
  /** The engine's own, which never throws. */
  readonly logger: ILogger
  state(): RunState
  /** Resolves when what a reader sees is durable, where that matters. */
  untilSafe(): Promise<void>
}

/** The context of a run as one attempt, or the middleware around it, sees it: with its own writes on top. */
export class AttemptContext implements IAsyncContext {
  readonly type = 'async'
  readonly #scope: AttemptScope
  readonly #nodeId: string
  /** That of the middleware around the attempt: what it wrote is not recorded yet. */
  readonly #outer: AttemptContext | undefined
  #writes: Write[] = []
  #own: Map<string, Write> | undefined
  #closedBy: string | undefined

  constructor(scope: AttemptScope, nodeId: string, outer?: AttemptContext) {
    this.#scope = scope
    this.#nodeId = nodeId
    this.#outer = outer
  }

  /** What was written so far, in order. */
  get writes(): readonly Write[] {
    return this.#writes
  }

  /** Refuses every further write. */
  close(reason: string): void {
    this.#closedBy ??= reason
  }

  /** Makes the writes of an attempt its own. */
  absorb(writes: readonly Write[]): void {
    for (const write of writes) this.#write(write)
  }

  /** Gives up what it wrote to keys that have been written since, by an attempt that is recorded. */
  giveWay(writes: readonly Write[]): void {
    if (this.#own === undefined || writes.length === 0) return
    for (const { key } of writes) this.#own.delete(key)
    const own = this.#own
    this.#writes = this.#writes.filter(({ key }) => own.has(key))
  }

  get(key: string): Promise<unknown> {
    const { give } = this.#scope.values
    return attempted(() => {
      const own = this.#find(key)
      if (own !== undefined) return Promise.resolve(own.op === 'set' ? give(own.value) : undefined)
      return this.#onceSafe(give(contextValue(this.#scope.state(), String(key))))
    })
  }

  has(key: string): Promise<boolean> {
    const own = this.#find(key)
    if (own !== undefined) return Promise.resolve(own.op === 'set')
    return this.#onceSafe(hasContextKey(this.#scope.state(), String(key)))
  }

  set(key: string, value: unknown): Promise<void> {
    return this.#attended(async () => this.#write(this.#toWrite({ op: 'set', key, value })))
  }

  delete(key: string): Promise<boolean> {
    return this.#attended(async () => {
      const write = this.#toWrite({ op: 'delete', key })
      const own = this.#find(key)
      const existed = own === undefined ? hasContextKey(this.#scope.state(), key) : own.op === 'set'
      this.#write(write)
      if (own === undefined) await this.#scope.untilSafe()
      return existed
    })
  }

  patch(operations: readonly PatchOperation[]): Promise<void> {
    return this.#attended(async () => {
      const writes = operations.map((operation) => this.#toWrite(operation))
      for (const write of writes) this.#write(write)
    })
  }

  getAll(): Promise<Record<string, unknown>> {
    return attempted(() => {
      const all = contextOf(this.#scope.state(), this.#scope.values.give)
      this.#overlay(all)
      return this.#onceSafe(all)
    })
  }

  toJSON(): Promise<Record<string, unknown>> {
    return this.getAll()
  }

  #find(key: string): Write | undefined {
    return this.#own?.get(key) ?? (this.#outer === undefined ? undefined : this.#outer.#find(key))
  }

  #overlay(all: Record<string, unknown>): void {
    if (this.#outer !== undefined) this.#outer.#overlay(all)
    for (const [key, write] of this.#own ?? []) {
      if (write.op === 'set') put(all, key, this.#scope.values.give(write.value))
      else delete all[key]
    }
  }

  /** A write that is refused and not awaited is reported, and does not bring the process down. */
  #attended<T>(work: () => Promise<T>): Promise<T> {
    const done = work()
    done.catch((error: unknown) => this.#scope.logger.warn(describeThrown(error).message, { error }))
    return done
  }

  /** What was read, as soon as it is durable: what comes while this waits would be seen too early. */
  #onceSafe<T>(value: T): Promise<T> {
    const safe = this.#scope.untilSafe().then(() => value)
    // A node may be busy with something else when its run fails: it is told when it asks.
    safe.catch(() => {})
    return safe
  }

  #toWrite(operation: PatchOperation): Write {
    const { blueprintId, executionId, values } = this.#scope
    const nodeId = this.#nodeId
    const { key, op } = operation
    const given: { readonly key: string; readonly op: string } = operation
    const where = { nodeId, blueprintId, executionId }
    if (this.#closedBy !== undefined) {
      throw new FlowcraftError(
        `Node '${nodeId}' (execution '${executionId}') cannot write key '${key}': its attempt ${this.#closedBy}. Await every write before the node returns, and watch 'signal'`,
        { ...where, code: 'CONTEXT_CLOSED' },
      )
    }
    if (typeof key !== 'string' || isReservedKey(key)) {
      throw new FlowcraftError(
        `Node '${nodeId}' (execution '${executionId}') cannot write key '${String(key)}': keys that begin with '_outputs.', '_inputs.', '_executionId', '_awaiting' or '_run' belong to the engine. Choose another name`,
        { ...where, code: 'CONTEXT_KEY_RESERVED' },
      )
    }
    if (op === 'delete') return { op, key }
    if (op !== 'set') {
      throw new FlowcraftError(
        `Node '${nodeId}' (execution '${executionId}') patches key '${given.key}' by '${given.op}'; there is 'set' and 'delete'`,
        { ...where, code: 'INPUT_INVALID' },
      )
    }
    const place = `key '${key}' set by node '${nodeId}' (execution '${executionId}')`
    return { op, key, value: values.take(operation.value, place, nodeId) }
  }

  #write(write: Write): void {
    this.#writes.push(write)
    this.#own ??= new Map()
    this.#own.set(write.key, write)
  }
}

/** What `read` gives; a value that cannot be given is told to whoever waits for it. */
function attempted<T>(read: () => Promise<T>): Promise<T> {
  try {
    return read()
  } catch (error) {
    const refused = Promise.reject<T>(error)
    refused.catch(() => {})
    return refused
  }
}
