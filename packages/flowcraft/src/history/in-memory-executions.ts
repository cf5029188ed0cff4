import type { FlowcraftEvent } from '../events/event.ts'
import type { ExecutionHead } from './execution-head.ts'
import { changeAfter } from './execution-change.ts'
import type { Fork } from './fork.ts'
import { headOf, newExecution, newFork, type MemoryExecution } from './in-memory-execution.ts'
import { EventLog } from './in-memory-log.ts'
import { hold, release, sharedAt } from './in-memory-sharing.ts'

/** Who adds events, and drives the execution while it runs. */
export interface Hands {
  readonly writer: string | undefined
  readonly owner?: string | undefined
}

const noHead: ExecutionHead = { lastSeq: -1, writer: undefined, isParked: false }

/** All executions of a store in memory, their families, and the order of all their events. */
export class MemoryExecutions {
  readonly log: EventLog = new EventLog()
  readonly #byId = new Map<string, MemoryExecution>()
  readonly #children = new Map<string, Set<MemoryExecution>>()
  #nextKey = 0

  get size(): number {
    return this.#byId.size
  }

  get(executionId: string): MemoryExecution | undefined {
    return this.#byId.get(executionId)
  }

  /** In the order in which they came. */
  all(): Iterable<MemoryExecution> {
    return this.#byId.values()
  }

  headOf(executionId: string): ExecutionHead {
    const execution = this.#byId.get(executionId)
    return execution === undefined ? noHead : headOf(execution)
  }

  /** Adds events that have been admitted, to an execution that may be new. */
  add(executionId: string, events: readonly FlowcraftEvent[], { writer, owner }: Hands): MemoryExecution | undefined {
    const [first] = events
    if (first === undefined) return undefined
    const execution = this.#byId.get(executionId) ?? this.#insert(executionId, first)
    this.log.push(execution, events.length)
    for (const event of events) execution.events.push(event)
    execution.change = changeAfter(events, execution.change)
    execution.writer = writer
    execution.owner = execution.change.status === 'running' ? owner : undefined
    return execution
  }

  /** Begins a fork that has been admitted. Nothing is copied. */
  fork(fork: Fork): MemoryExecution | undefined {
    const source = this.#byId.get(fork.from)!
    const execution = newFork(fork, this.#nextKey++, source, sharedAt(source, fork.seq))
    this.#byId.set(fork.executionId, execution)
    hold(execution)
    return this.add(fork.executionId, [fork.event], fork)
  }

  /** The execution and all that came of it by subflows, itself first. */
  familyOf(root: MemoryExecution): MemoryExecution[] {
    const family = new Set([root])
    for (const { executionId } of family) {
      for (const child of this.#children.get(executionId) ?? []) family.add(child)
    }
    return [...family]
  }

  /** Whether the execution that started this one is here as well. */
  hasParent({ parent }: MemoryExecution): boolean {
    return parent !== undefined && this.#byId.has(parent)
  }

  /** Makes executions unknown, and lets go of their events as far as no fork needs them. */
  remove(removed: readonly MemoryExecution[]): void {
    for (const execution of removed) {
      this.#byId.delete(execution.executionId)
      const siblings = execution.parent === undefined ? undefined : this.#children.get(execution.parent)
      siblings?.delete(execution)
      if (siblings?.size === 0) this.#children.delete(execution.parent!)
      execution.isRemoved = true
      this.log.forget(execution)
      release(execution)
    }
  }

  clear(): void {
    for (const execution of this.all()) execution.isRemoved = true
    this.#byId.clear()
    this.#children.clear()
    this.log.clear()
  }

  #insert(executionId: string, first: FlowcraftEvent): MemoryExecution {
    const execution = newExecution(executionId, this.#nextKey++, first)
    this.#byId.set(executionId, execution)
    if (execution.parent === undefined) return execution
    const siblings = this.#children.get(execution.parent)
    if (siblings === undefined) this.#children.set(execution.parent, new Set([execution]))
    else siblings.add(execution)
    return execution
  }
}
