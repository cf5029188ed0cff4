import { EventStoreError } from 'flowcraft'
import type { ExecutionFilter, FollowFilter, PruneOptions, RunStatus } from 'flowcraft'
import type { Parameter } from './queries.ts'

/** Conditions of a statement, and the values that its parameters stand for. */
export class Conditions {
  readonly #parts: string[] = []
  readonly #parameters: Parameter[]

  /** @param parameters Those that come before, if any. */
  constructor(parameters: readonly Parameter[] = []) {
    this.#parameters = [...parameters]
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** All of them, for a WHERE. */
  get text(): string {
    return this.#parts.length === 0 ? 'true' : this.#parts.join(' AND ')
  }

  /** The name of a further parameter. */
  bind(value: Parameter): string {
    return `$${this.#parameters.push(value)}`
  }

  add(text: string): void {
    this.#parts.push(text)
  }

  /** One of several texts. */
  addOneOf(column: string, values: readonly string[]): void {
    const list = this.bind(JSON.stringify(values))
    this.add(`${column} = ANY (ARRAY(SELECT json_array_elements_text(${list}::text::json)))`)
  }
}

const statuses: readonly RunStatus[] = ['running', 'awaiting', 'stalled', 'completed', 'failed', 'cancelled']

type Check = readonly [expected: string, holds: (value: unknown) => boolean]

const text: Check = ['a string', (value) => typeof value === 'string']
const time: Check = ['epoch milliseconds', Number.isFinite]
const flag: Check = ['true or false', (value) => typeof value === 'boolean']
const status: Check = [`one of ${statuses.join(', ')}, or a list of them`, isStatus]
const texts: Check = [
  'a list of strings',
  (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
]

const listChecks: Record<keyof ExecutionFilter, Check> = {
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

const followChecks: Record<keyof FollowFilter, Check> = { blueprintId: text, tag: text, types: texts }

const count: Check = ['a whole number, 0 or more', (value) => Number.isInteger(value) && (value as number) >= 0]
const pruneChecks: Record<keyof PruneOptions, Check> = { olderThan: time, status, keep: count }

/** @throws `EventStoreError` that names the part of the filter which cannot be. */
export function assertListFilter(filter: ExecutionFilter): void {
  assertParts('list', filter, listChecks)
}

/** @throws `EventStoreError` that names the part of the filter which cannot be. */
export function assertFollowFilter(filter: FollowFilter): void {
  assertParts('subscribe', filter, followChecks)
}

/** @throws `EventStoreError` that names the option which cannot be. */
export function assertPruneOptions(options: PruneOptions): void {
  assertParts('prune', options, pruneChecks)
  if (options.olderThan === undefined)
    throw new EventStoreError('prune: olderThan is missing; expected epoch milliseconds')
}

/** The statuses that a filter names. */
export function statusesOf(given: RunStatus | readonly RunStatus[]): readonly RunStatus[] {
  return typeof given === 'string' ? [given] : given
}

function assertParts(method: string, filter: object, checks: Readonly<Record<string, Check>>): void {
  if (typeof filter !== 'object' || filter === null) {
    throw new EventStoreError(`${method}: what was given is ${JSON.stringify(filter)}; expected an object`)
  }
  for (const [name, value] of Object.entries(filter)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      throw new EventStoreError(`${method}: '${name}' is unknown; known are ${Object.keys(checks).join(', ')}`)
    }
    const [expected, holds] = check
    if (value === undefined || holds(value)) continue
    throw new EventStoreError(`${method}: ${name} is ${JSON.stringify(value) ?? String(value)}; expected ${expected}`)
  }
}

function isStatus(value: unknown): boolean {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  return given.every((one) => (statuses as readonly unknown[]).includes(one))
}
