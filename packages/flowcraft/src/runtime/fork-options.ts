import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { Position } from '../state/position.ts'
import { requireCall } from './require-options.ts'

/** The run that is forked, as far as it is needed: a `Recording` has all of it. */
export interface ForkSource {
  readonly executionId: string
  readonly events: readonly FlowcraftEvent[]
  /** Of the run at its end, if it is known. */
  readonly blueprint?: WorkflowBlueprint | undefined
}

/** Where a fork begins, and what is different there. */
export interface ForkOptions {
  /** The last event that both have. */
  readonly at: Position
  /** Keys of the context that get another value. */
  readonly set?: Readonly<Record<string, unknown>> | undefined
  /** Keys of the context that go. */
  readonly delete?: readonly string[] | undefined
  /** By node: the output of each start from here on, in place of an attempt. */
  readonly outputs?: Readonly<Record<string, unknown>> | undefined
  /**
   * Nodes that run again though they have come up, as if they had not, and with them all that stands behind them: the
   * whole loop of a node in a loop, the whole batch of a scatter. What they wrote to the context is taken back.
   */
  readonly rerun?: readonly string[] | undefined
  /** The blueprint from here on. It must take the decisions that are recorded up to here. Default the recorded one. */
  readonly blueprint?: WorkflowBlueprint | undefined
  readonly functionRegistry?: NodeRegistry | undefined
  /** Of the fork. Default a new one. */
  readonly executionId?: string | undefined
  /** Cancels the fork when it aborts. */
  readonly signal?: AbortSignal | undefined
}

const names: readonly (keyof ForkOptions)[] = [
  'at',
  'set',
  'delete',
  'outputs',
  'rerun',
  'blueprint',
  'functionRegistry',
  'executionId',
  'signal',
]

/** @throws INPUT_INVALID for a source or options that cannot be used. */
export function requireFork(source: unknown, options: unknown): void {
  if (typeof source !== 'string' || source === '') {
    const { executionId, events }: Given = isObject(source) ? source : {}
    if (typeof executionId !== 'string' || !Array.isArray(events)) {
      throw invalid(`The source of a fork is ${shown(source)}`, `a recording, or the id of an execution`)
    }
  }
  if (!isObject(options)) throw invalid(`The options of a fork are ${shown(options)}`, `an object, as { at: 'end' }`)
  // A misspelt one would run what was to be given.
  const stranger = Object.keys(options).find((name) => !(names as readonly string[]).includes(name))
  if (stranger !== undefined) throw invalid(`A fork has no option '${stranger}'`, names.join(', '))
  const { at, set, delete: gone, outputs, rerun, executionId = 'new' } = options
  if (at === undefined) throw invalid(`'at' of a fork is not there`, `a position, as { before: 'a node' } or 'end'`)
  for (const [name, value] of [
    ['set', set],
    ['outputs', outputs],
  ] as const) {
    if (value !== undefined && !isObject(value)) throw invalid(`'${name}' of a fork is ${shown(value)}`, 'an object')
  }
  requireTexts('delete', gone)
  requireTexts('rerun', rerun)
  requireCall(executionId, options)
}

type Given = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function requireTexts(name: string, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'))) return
  throw invalid(`'${name}' of a fork is ${shown(value)}`, 'an array of texts')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return value === null ? 'null' : Array.isArray(value) ? `[${value.map(String).join(', ')}]` : typeof value
}

function invalid(found: string, expected: string): FlowcraftError {
  return new FlowcraftError(`${found}; expected ${expected}`, { code: 'INPUT_INVALID' })
}
