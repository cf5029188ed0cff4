import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../../../src/blueprint/blueprint.ts'
import type { Attempt, Program } from '../program.ts'
import type { Draw } from './draw.ts'

/** A flow, what its nodes do, and what happens to its run. Nothing of it changes when it runs. */
export interface RandomFlow {
  readonly blueprint: WorkflowBlueprint
  /** By `uses` key; those of fallbacks that are no nodes as well. */
  readonly programs: ReadonlyMap<string, Program>
  /** The programs that run as classes. */
  readonly classes: ReadonlySet<string>
  /** Recorded values. */
  readonly initial: Readonly<Record<string, unknown>>
  readonly concurrency: number
  readonly clockJumpsMs: readonly number[]
  /** How long each append takes, in turn. */
  readonly storeDelaysMs: readonly number[]
  readonly durability: 'step' | 'relaxed'
  /** Whether the store has nothing but what every store must have. */
  readonly isBareStore: boolean
  readonly cancellation: Cancellation | undefined
  /** Whether the run goes on only when it is told to. */
  readonly isByTurns: boolean
  /** Whether what nodes give or decide may depend on which of two parallel nodes was first. */
  readonly hasRaces: boolean
}

/** When and why a run is cancelled. */
export interface Cancellation {
  readonly moment:
    | { readonly kind: 'before' }
    | { readonly kind: 'time'; readonly ms: number }
    /** As soon as this event is recorded. */
    | { readonly kind: 'seq'; readonly seq: number }
  /** A recorded value; without it, the reason is the signal's own. */
  readonly reason: unknown
}

/** A flow in the making. */
export interface FlowDraft extends Mutable<Omit<RandomFlow, 'blueprint' | 'programs' | 'classes' | 'initial'>> {
  readonly nodes: NodeDefinition[]
  readonly edges: EdgeDefinition[]
  readonly programs: Map<string, Mutable<Attempt>[]>
  readonly classes: Set<string>
  readonly initial: Record<string, unknown>
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** One feature of flows: draws what it needs, and changes the flow accordingly. A new feature is a new piece. */
export type Piece = (draw: Draw, flow: FlowDraft) => void

/** An attempt that gives back what it got, as text. */
export function plainAttempt(): Mutable<Attempt> {
  return {
    looks: false,
    mutatesInput: false,
    writes: [],
    delayMs: 0,
    lateWrites: [],
    ending: { kind: 'return', output: { kind: 'echo' }, action: undefined, mutatesLater: false },
  }
}

/** Every attempt of every program. */
export function* attemptsOf(flow: FlowDraft): Iterable<Mutable<Attempt>> {
  for (const program of flow.programs.values()) yield* program
}
