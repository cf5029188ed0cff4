import type { WorkflowError } from '../errors.ts'
import type { BatchState, ContextEntry, EdgeState, HeldWrites, NodeState, RunState } from './run-state.ts'

/** The state of a run before its first event. */
export const initialState: RunState = Object.freeze({
  executionId: undefined,
  blueprintId: undefined,
  blueprintHash: undefined,
  blueprintVersion: undefined,
  blueprint: undefined,
  options: undefined,
  tags: Object.freeze([]),
  status: 'running',
  seq: -1,
  startedAt: undefined,
  finishedAt: undefined,
  updatedAt: undefined,
  cancelReason: undefined,
  input: undefined,
  parent: undefined,
  forkedFrom: undefined,
  givenOutputs: undefined,
  waiting: Object.freeze([]),
  stuck: Object.freeze([]),
  context: new Map<string, ContextEntry>(),
  nodes: new Map<string, NodeState>(),
  edges: new Map<number, EdgeState>(),
  errors: new Map<number, WorkflowError>(),
  batches: new Map<string, BatchState>(),
  held: new Map<string, HeldWrites>(),
})

/** A state that its owner may change by `apply`. Reads as a {@link RunState}. */
export type RunDraft = {
  -readonly [K in keyof RunState]: RunState[K] extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Value>
    : RunState[K]
}

/** A copy of `state` to apply events to. Entries are shared: they are replaced, never changed. */
export function draftOf(state: RunState): RunDraft {
  return {
    ...state,
    context: new Map(state.context),
    nodes: new Map(state.nodes),
    edges: new Map(state.edges),
    errors: new Map(state.errors),
    batches: new Map(state.batches),
    held: new Map(state.held),
  }
}

/** What is known of a node; of one that has not come up, that. */
export function nodeOf(draft: RunState, id: string): NodeState {
  return draft.nodes.get(id) ?? unknownNode
}

const noSeqs: readonly number[] = Object.freeze([])

/** A node that has not come up. */
export const unknownNode: NodeState = Object.freeze({
  status: 'pending',
  iteration: 0,
  starts: 0,
  attempts: 0,
  crashes: 0,
  input: undefined,
  output: undefined,
  action: undefined,
  error: undefined,
  startedAt: undefined,
  finishedAt: undefined,
  skipReason: undefined,
  fallbackFor: undefined,
  fallback: undefined,
  errorSeqs: noSeqs,
  retryAt: undefined,
  wait: undefined,
  childExecutionId: undefined,
  batchId: undefined,
})
