import type { EventType, FlowcraftEvent, Fact } from '../events/event.ts'
import { valueText } from './value-differences.ts'

/** An event of one of several types. */
export type OneOf<T extends EventType> = Extract<FlowcraftEvent, { readonly type: T }>

/** Whether a blueprint would take the decisions that a recording holds; if not, the first one that it would not take. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly divergence: VerificationDivergence }

/** A recorded decision that a blueprint would not take. Plain data. */
export interface VerificationDivergence {
  /** Of the event that holds the decision. */
  readonly seq: number
  /** What is recorded. */
  readonly expected: DecisionSummary
  /** What the blueprint would do in its place. */
  readonly actual: DecisionSummary
  /** One sentence for people: what differs, and what can be done. */
  readonly reason: string
  /** The node that it is about; for an edge, the one where it begins. */
  readonly nodeId?: string
  readonly edge?: { readonly source: string; readonly target: string }
}

/** What was decided, or would be, in short. */
export interface DecisionSummary {
  /** `'nothing'`: at that moment the run would wait for something else. */
  readonly type: EventType | 'nothing'
  readonly nodeId?: string
  /** Of an edge: its index in the blueprint that has it, the recorded or the given one. */
  readonly edge?: number
  readonly source?: string
  readonly target?: string
  /** Of an edge: whether it is taken. */
  readonly result?: boolean
  readonly iteration?: number
  readonly attempt?: number
  /** With what a loop controller ends a turn. */
  readonly action?: string
  /** Why a node is skipped, or what it waits for. */
  readonly reason?: string
  /** The name of the event that a node waits for. */
  readonly event?: string
  readonly fallback?: string
  readonly fallbackFor?: string
  readonly workerNodeIds?: readonly string[]
  readonly onError?: string
  readonly key?: string
  readonly status?: string
  /** The input of a start, or what an edge delivers, as text. */
  readonly value?: string
}

const told = [
  'nodeId',
  'edge',
  'source',
  'target',
  'result',
  'iteration',
  'attempt',
  'reason',
  'event',
  'fallback',
  'fallbackFor',
  'workerNodeIds',
  'onError',
  'key',
  'status',
] as const satisfies readonly (keyof DecisionSummary)[]

const ofCancel: readonly EventType[] = ['workflow:cancel', 'workflow:resume']

/** An event or a fact in short. */
export function summaryOf({ type, payload }: FlowcraftEvent | Fact): DecisionSummary {
  const summary: Record<string, unknown> = { type }
  for (const name of told) {
    const value: unknown = Reflect.get(payload, name)
    // What a node finished with is no decision, and a reason for cancelling may be any value.
    if (value === undefined || (name === 'result' && typeof value !== 'boolean') || ofCancel.includes(type)) continue
    summary[name] = value
  }
  if (type === 'node:finish' && payload.result.action !== undefined) summary['action'] = payload.result.action
  if (type === 'node:start') summary['value'] = valueText(payload.input)
  if (type === 'edge:evaluate' && 'value' in payload) summary['value'] = valueText(payload.value)
  // Each name that was put in is one of a summary, with a value of its type.
  return summary as unknown as DecisionSummary
}

/** That nothing would be decided. */
export const nothing: DecisionSummary = Object.freeze({ type: 'nothing' })
