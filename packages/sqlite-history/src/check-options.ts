import { EventStoreError, type ExecutionFilter, type FollowFilter, type PageRequest, type RunStatus } from 'flowcraft'

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isTime: Check = (value) => Number.isFinite(value)
const statuses: readonly unknown[] = [
  'running',
  'awaiting',
  'stalled',
  'completed',
  'failed',
  'cancelled',
] satisfies readonly RunStatus[]

const filterChecks: Readonly<Record<keyof ExecutionFilter, Check>> = {
  executionId: isText,
  status: isStatus,
  blueprintId: isText,
  startedFrom: isTime,
  startedBefore: isTime,
  hasErrors: (value) => typeof value === 'boolean',
  errorText: isText,
  parent: isText,
  tag: isText,
}

const pageChecks: Readonly<Record<keyof PageRequest, Check>> = {
  limit: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1000,
  cursor: isText,
}

const followChecks: Readonly<Record<keyof FollowFilter, Check>> = {
  blueprintId: isText,
  tag: isText,
  types: (value) => Array.isArray(value) && value.every(isText),
}

const pruneChecks: Readonly<Record<string, Check>> = {
  olderThan: (value) => Number.isFinite(value),
  status: isStatus,
  keep: (value) => Number.isInteger(value) && Number(value) >= 0,
}

/** What may be checked. */
export type Checked = 'list filter' | 'page' | 'subscribe filter' | 'prune'

const checksOf: Readonly<Record<Checked, Readonly<Record<string, Check>>>> = {
  'list filter': filterChecks,
  page: pageChecks,
  'subscribe filter': followChecks,
  prune: pruneChecks,
}

/** @throws `EventStoreError` naming the first key that is unknown or has a value of a wrong kind. */
export function assertOptionsOf(what: Checked, given: unknown): void {
  if (typeof given !== 'object' || given === null) {
    throw new EventStoreError(`${what}: found ${String(given)}; expected an object`)
  }
  const checks = checksOf[what]
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, key)) {
      const known = Object.keys(checks).join(', ')
      throw new EventStoreError(`${what}: the key '${key}' is not known; expected some of ${known}`)
    }
    if (value !== undefined && checks[key]?.(value) !== true) refuse(what, key, value)
  }
  if (what === 'prune' && (!('olderThan' in given) || given.olderThan === undefined))
    refuse(what, 'olderThan', undefined)
}

function refuse(what: Checked, key: string, value: unknown): never {
  const found = typeof value === 'string' ? JSON.stringify(value) : String(value)
  throw new EventStoreError(`${what}: '${key}' is ${found}, which is not a value of its kind: see its documentation`)
}

function isStatus(value: unknown): boolean {
  return (Array.isArray(value) ? value : [value]).every((status) => statuses.includes(status))
}
