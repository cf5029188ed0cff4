import { EventStoreError, type ErrorCause } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { lastSeqOf, type MemoryExecution } from './in-memory-execution.ts'
import type { MemoryExecutions } from './in-memory-executions.ts'
import { assertRequest, statusesOf } from './requests.ts'
import type { ExecutionFilter, ExecutionPage, ExecutionSummary, PageRequest } from './listing.ts'

/** Tells whether somebody whose lease goes on drives an execution. */
export type IsOwned = (execution: MemoryExecution) => boolean

/**
 * A page of the executions that fit a filter.
 *
 * @throws EventStoreError for what is no filter or no page.
 */
export function listOf(
  executions: MemoryExecutions,
  filter: ExecutionFilter,
  page: PageRequest,
  isOwned: IsOwned,
): ExecutionPage {
  assertRequest('list', filter)
  assertRequest('page', page)
  const { limit = 50 } = page
  const fits = fitting(filter)
  const isBehind = page.cursor === undefined ? () => true : behind(page.cursor)
  const found: MemoryExecution[] = []
  for (const execution of newestFirst(candidates(executions, filter))) {
    if (!isBehind(execution) || !fits(execution)) continue
    if (found.length === limit) return { items: summariesOf(found, isOwned), cursor: cursorOf(found.at(-1)!) }
    found.push(execution)
  }
  return { items: summariesOf(found, isOwned) }
}

function candidates(executions: MemoryExecutions, { executionId }: ExecutionFilter): Iterable<MemoryExecution> {
  if (executionId === undefined) return executions.all()
  const named = executions.get(executionId)
  return named === undefined ? [] : [named]
}

/** The one that started last first; of those that started together, the one that came last. */
export function newestFirst(executions: Iterable<MemoryExecution>): MemoryExecution[] {
  return [...executions].sort((a, b) => startOf(b) - startOf(a) || b.key - a.key)
}

function fitting(filter: ExecutionFilter): (execution: MemoryExecution) => boolean {
  const { executionId, blueprintId, startedFrom = -Infinity, startedBefore = Infinity, hasErrors, tag } = filter
  const statuses = filter.status && statusesOf(filter.status)
  const errorText = filter.errorText?.toLowerCase()
  return (execution) => {
    const { change, parent } = execution
    if (executionId !== undefined && execution.executionId !== executionId) return false
    if (filter.parent !== undefined ? parent !== filter.parent : parent !== undefined && executionId === undefined) {
      return false
    }
    if (statuses !== undefined && !statuses.includes(change.status)) return false
    if (blueprintId !== undefined && execution.blueprintId !== blueprintId) return false
    if (startOf(execution) < startedFrom || startOf(execution) >= startedBefore) return false
    if (hasErrors !== undefined && change.errorCount > 0 !== hasErrors) return false
    if (tag !== undefined && !execution.tags.includes(tag)) return false
    return errorText === undefined || execution.events.some((event) => tellsOf(errorText, event))
  }
}

/** Whether the message of an error in this event, or of one of its causes, has the text. */
function tellsOf(text: string, event: FlowcraftEvent): boolean {
  if (event.type === 'node:error' || event.type === 'node:retry') return has(text, event.payload.error)
  if (event.type !== 'workflow:finish' || !Array.isArray(event.payload.errors)) return false
  return event.payload.errors.some((error) => has(text, error))
}

/** What a store is given may be damaged: an error may be its own cause. */
function has(text: string, error: ErrorCause | undefined): boolean {
  const seen = new Set<unknown>()
  for (let each = error; typeof each === 'object' && each !== null && !seen.has(each); each = each.cause) {
    if (String(each.message).toLowerCase().includes(text)) return true
    seen.add(each)
  }
  return false
}

function summariesOf(executions: readonly MemoryExecution[], isOwned: IsOwned): ExecutionSummary[] {
  return executions.map((execution) => summaryOf(execution, isOwned(execution)))
}

function summaryOf(execution: MemoryExecution, isOwned: boolean): ExecutionSummary {
  const { executionId, blueprintId, blueprintVersion, blueprintHash, parent, forkedFrom, tags, owner } = execution
  const { status, finishedAt, wakeUpAt, errorCount } = execution.change
  return {
    executionId,
    ...(blueprintId !== undefined && { blueprintId }),
    ...(blueprintVersion !== undefined && { blueprintVersion }),
    ...(blueprintHash !== undefined && { blueprintHash }),
    status,
    startedAt: startOf(execution),
    updatedAt: updateOf(execution),
    ...(finishedAt !== undefined && { finishedAt }),
    lastSeq: lastSeqOf(execution),
    errorCount,
    ...(parent !== undefined && { parent }),
    ...(forkedFrom !== undefined && { forkedFrom }),
    ...(wakeUpAt !== undefined && { wakeUpAt }),
    tags: [...tags],
    ...(owner !== undefined && { owner }),
    isOwned,
  }
}

/** When it started: an execution has an event of its own. */
function startOf({ events }: MemoryExecution): number {
  return events[0]!.timestamp
}

/** When its last event happened. */
export function updateOf({ events }: MemoryExecution): number {
  return events.at(-1)!.timestamp
}

function cursorOf(execution: MemoryExecution): string {
  return `${startOf(execution)}/${execution.key}`
}

function behind(cursor: string): (execution: MemoryExecution) => boolean {
  const match = typeof cursor === 'string' ? /^(-?[\d.]+(?:e[-+]?\d+)?)\/(\d+)$/.exec(cursor) : null
  const [startedAt, key] = [Number(match?.[1]), Number(match?.[2])]
  if (!Number.isFinite(startedAt)) {
    throw new EventStoreError(`${JSON.stringify(cursor)} is not a cursor: give the one that came with the page before`)
  }
  return (execution) => {
    const difference = startOf(execution) - startedAt
    return difference < 0 || (difference === 0 && execution.key < key)
  }
}
