import { ExecutionConflictError } from '../errors.ts'
import { macrotask } from '../ports.ts'
import { isTerminal } from './claim.ts'
import type { MemoryExecution } from './in-memory-execution.ts'
import type { MemoryExecutions } from './in-memory-executions.ts'
import { newestFirst, updateOf, type IsOwned } from './in-memory-listing.ts'
import { assertRequest, statusesOf } from './requests.ts'
import { terminalStatuses, type PruneOptions } from './listing.ts'

const sliceSize = 1000

/** Removes an execution and those of its subflows. Gives how many. */
export function deleteFrom(executions: MemoryExecutions, executionId: string, isOwned: IsOwned): number {
  const root = executions.get(executionId)
  if (root === undefined) return 0
  if (executions.hasParent(root)) {
    const message = `Execution '${executionId}' was started by '${root.parent}' and goes with it: delete the root of the family`
    throw new ExecutionConflictError(message, { executionId })
  }
  const family = executions.familyOf(root)
  const driven = family.find(isOwned)
  if (driven !== undefined) {
    const message =
      `Execution '${executionId}' cannot be deleted: somebody drives '${driven.executionId}' (owner ` +
      `'${driven.owner}'). Cancel it, or wait for its end`
    throw new ExecutionConflictError(message, { executionId })
  }
  executions.remove(family)
  return family.length
}

/** Removes old executions, slice by slice, as long as `goesOn` does not throw. Gives how many. */
export async function pruneFrom(
  executions: MemoryExecutions,
  options: PruneOptions,
  isOwned: IsOwned,
  goesOn: () => void,
): Promise<number> {
  assertRequest('prune', options)
  const { olderThan, keep = 0 } = options
  const statuses = statusesOf(options.status ?? terminalStatuses)
  const isMeant = (execution: MemoryExecution): boolean =>
    execution.parent === undefined &&
    updateOf(execution) < olderThan &&
    statuses.includes(execution.change.status) &&
    !isOwned(execution)
  const meant = newestFirst([...executions.all()].filter(isMeant)).slice(keep)
  let removed = 0
  let inSlice = 0
  for (const root of meant) {
    if (inSlice >= sliceSize) {
      await new Promise<void>(macrotask)
      goesOn()
      inSlice = 0
    }
    // Others go on between two slices.
    if (root.isRemoved || !isMeant(root)) continue
    const family = executions.familyOf(root)
    if (family.some(isOwned)) continue
    executions.remove(family)
    removed += family.length
    inSlice += family.length
  }
  return removed
}

/** Keeps a number of executions by dropping the families that finished first. */
export class Eviction {
  readonly #maxExecutions: number
  /** Roots, in the order in which they finished. */
  readonly #finished = new Set<MemoryExecution>()

  constructor(maxExecutions: number) {
    this.#maxExecutions = maxExecutions
  }

  /** To be called when an execution has got events. */
  after(execution: MemoryExecution, executions: MemoryExecutions): void {
    if (this.#maxExecutions === Infinity) return
    if (isTerminal(execution.change.status) && !executions.hasParent(execution)) this.#finished.add(execution)
    if (executions.size <= this.#maxExecutions) return
    for (const root of this.#finished) {
      const family = executions.familyOf(root)
      if (!root.isRemoved && family.some(({ change }) => !isTerminal(change.status))) continue
      this.#finished.delete(root)
      if (root.isRemoved) continue
      executions.remove(family)
      if (executions.size <= this.#maxExecutions) return
    }
  }
}
