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

/** @throws INPUT_INVALID for a source or options that cannot be used. */
export function requireFork(source: unknown, options: unknown): void {
  if (typeof source !== 'string' || source === '') {
    const { executionId, events } = requireObject(`what is forked, if it is no execution id,`, source)
    if (typeof executionId !== 'string' || !Array.isArray(events))
      throw invalid('what is forked', 'a recording, or an execution id')
  }
  const { at, set, delete: gone, outputs, rerun, executionId = 'new' } = requireObject('the options of a fork', options)
  if (at === undefined) throw invalid(`'at'`, `a position, as { before: 'a node' } or 'end'`)
  if (set !== undefined) requireObject(`'set'`, set)
  if (outputs !== undefined) requireObject(`'outputs'`, outputs)
  requireTexts('delete', gone)
  requireTexts('rerun', rerun)
  requireCall(executionId, options)
}

function requireObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  throw invalid(what, 'an object')
}

function requireTexts(name: string, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'))) return
  throw invalid(`'${name}'`, 'an array of texts')
}

function invalid(what: string, expected: string): FlowcraftError {
  return new FlowcraftError(`For a fork, ${what} must be ${expected}`, { code: 'INPUT_INVALID' })
}
