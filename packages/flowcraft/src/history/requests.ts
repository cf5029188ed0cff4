import { EventStoreError } from '../errors.ts'
import type { RunStatus } from '../events/event.ts'
import type { FollowFilter } from './following.ts'
import type { ExecutionFilter, PageRequest, PruneOptions } from './listing.ts'

/** Who asks a store for something. */
export type Request = 'list' | 'page' | 'subscribe' | 'prune' | 'renew' | 'due'

type Check = readonly [expected: string, holds: (value: unknown) => boolean]
type Checks = Readonly<Record<string, Check>>

const statuses: readonly unknown[] = ['running', 'awaiting', 'stalled', 'completed', 'failed', 'cancelled']

const text: Check = ['a text', (value) => typeof value === 'string']
const texts: Check = [
  'a list of texts',
  (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
]
const time: Check = ['milliseconds since 1970', Number.isFinite]
const flag: Check = ['true or false', (value) => typeof value === 'boolean']
const status: Check = [`one of ${statuses.join(', ')}, or a list of them`, (value) => listOf(value).every(isStatus)]

const list: Record<keyof ExecutionFilter, Check> = {
  executionId: text,
  status,
  blueprintId: text,
  startedFrom: time,
  startedBefore: time,
  hasErrors: flag,
  errorText: text,
  parent: text,
  tag: text,
}
const page: Record<keyof PageRequest, Check> = { limit: whole(1, 1000), cursor: text }
const subscribe: Record<keyof FollowFilter, Check> = { blueprintId: text, tag: text, types: texts }
const prune: Record<keyof PruneOptions, Check> = { olderThan: time, status, keep: whole(0) }
const renew: Checks = { leaseMs: ['milliseconds, 0 or more', (value) => Number.isFinite(value) && Number(value) >= 0] }
const due: Checks = {
  now: ['milliseconds since 1970', (value) => typeof value === 'number' && !Number.isNaN(value)],
  limit: whole(1),
}

const checksOf: Readonly<Record<Request, Checks>> = { list, page, subscribe, prune, renew, due }
const required: ReadonlySet<string> = new Set(['olderThan', 'leaseMs', 'now'])

/**
 * The same for every store: what a request may ask for.
 *
 * @throws `EventStoreError` naming the first key that is unknown, missing, or has a value of a wrong kind.
 */
export function assertRequest(request: Request, given: object): void {
  const checks = checksOf[request]
  if (typeof given !== 'object' || given === null) {
    throw new EventStoreError(`${request}: it was given ${shown(given)}; expected an object`)
  }
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(checks, key)) continue
    throw new EventStoreError(`${request}: '${key}' is unknown; known are ${Object.keys(checks).join(', ')}`)
  }
  const values: Readonly<Record<string, unknown>> = { ...given }
  for (const [key, [expected, holds]] of Object.entries(checks)) {
    const value = values[key]
    if (value === undefined ? !required.has(key) : holds(value)) continue
    throw new EventStoreError(`${request}: '${key}' is ${shown(value)}; expected ${expected}`)
  }
}

/** The statuses that a filter names. */
export function statusesOf(given: RunStatus | readonly RunStatus[]): readonly RunStatus[] {
  return typeof given === 'string' ? [given] : given
}

function isStatus(value: unknown): boolean {
  return statuses.includes(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`
  return [
    `a whole number ${range}`,
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  ]
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
