import { EventStoreError } from '../errors.ts'
import type { RunStatus } from '../events/event.ts'
import type { ExecutionFilter, PageRequest, PruneOptions } from './listing.ts'

const statuses: readonly unknown[] = ['running', 'awaiting', 'stalled', 'completed', 'failed', 'cancelled']
const texts = ['executionId', 'blueprintId', 'errorText', 'parent', 'tag'] as const
const times = ['startedFrom', 'startedBefore'] as const
const filterKeys: readonly string[] = [...texts, ...times, 'status', 'hasErrors']

/** @throws EventStoreError that names the key, for what is no filter of a list. */
export function checkFilter(filter: ExecutionFilter): void {
  checkKeys('the filter of list', filter, filterKeys)
  for (const key of texts) checkText(key, filter[key])
  for (const key of times) {
    if (filter[key] !== undefined) checkNumber(key, filter[key], Number.isFinite, 'a finite number of milliseconds')
  }
  const { hasErrors } = filter
  if (hasErrors !== undefined && typeof hasErrors !== 'boolean') refuse('hasErrors', hasErrors, 'true or false')
  statusesOf(filter.status)
}

/**
 * The limit of a page.
 *
 * @throws EventStoreError for what is no page.
 */
export function limitOf(page: PageRequest): number {
  checkKeys('the page of list', page, ['limit', 'cursor'])
  const { limit = 50 } = page
  checkNumber('limit', limit, (value) => Number.isInteger(value) && value >= 1 && value <= 1000, '1 to 1000, whole')
  return limit
}

/** @throws EventStoreError for what is no choice of executions to remove. */
export function checkPruning(options: PruneOptions): void {
  checkKeys('the options of prune', options, ['olderThan', 'status', 'keep'])
  checkNumber('olderThan', options.olderThan, Number.isFinite, 'a finite number of milliseconds')
  checkWhole('keep', options.keep ?? 0, 0)
  statusesOf(options.status)
}

/** The statuses that are asked for; `undefined` for any. */
export function statusesOf(status: ExecutionFilter['status']): readonly RunStatus[] | undefined {
  if (status === undefined) return undefined
  const asked = typeof status === 'string' ? [status] : status
  if (!Array.isArray(asked)) refuse('status', status, 'a status or a list of them')
  for (const each of asked) if (!statuses.includes(each)) refuse('status', each, `one of ${statuses.join(', ')}`)
  return asked
}

/** @throws EventStoreError for what is no object, and for a key that is not `known`. */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw new EventStoreError(`${what} must be an object`)
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw new EventStoreError(`${what} has an unknown key '${key}': use ${known.join(', ')}`)
  }
}

/** @throws EventStoreError for what is neither text nor absent. */
export function checkText(key: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') refuse(key, value, 'text')
}

/** @throws EventStoreError for what is neither a list of texts nor absent. */
export function checkTexts(key: string, value: unknown): void {
  if (value === undefined) return
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) refuse(key, value, 'a list of texts')
}

/** @throws EventStoreError for what is not a whole number from `least` on. */
export function checkWhole(key: string, value: unknown, least: number): void {
  checkNumber(
    key,
    value,
    (number) => Number.isSafeInteger(number) && number >= least,
    `a whole number from ${least} on`,
  )
}

/** @throws EventStoreError for what is not a number that is `fit`. */
export function checkNumber(key: string, value: unknown, fit: (value: number) => boolean, expected: string): void {
  if (typeof value !== 'number' || !fit(value)) refuse(key, value, expected)
}

function refuse(key: string, value: unknown, expected: string): never {
  throw new EventStoreError(`'${key}' must be ${expected}; it is ${shown(value)}`)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
