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
  /** Events after which somebody asks for a pause. */
  readonly pausesAt: readonly number[]
  /** Nodes to which a run goes at first, and no further. */
  readonly targets: readonly string[]
  /** With what a parked run is resumed, in turn. */
  readonly answers: readonly Answer[]
  /** Whether the run goes on only when it is told to. */
  readonly isByTurns: boolean
  readonly maxIterations: number
  /** The conditions of loops, and what each of them says. */
  readonly loopConditions: ReadonlyMap<string, (scope: LoopScope) => boolean>
}

/** What the condition of a loop looks at. */
export interface LoopScope {
  /** What the controller received. */
  readonly input: unknown
  /** Reads a key of the context. */
  readonly read: (key: string) => unknown
}

/** What a waiting node gets when it is its turn. */
export interface Answer {
  /** Which of those that wait. */
  readonly nth: number
  /** Whether another runtime takes the run over. */
  readonly isElsewhere: boolean
  readonly output: unknown
  readonly action: string | undefined
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
export interface FlowDraft extends Mutable<Omit<RandomFlow, Parts>> {
  readonly nodes: NodeDefinition[]
  readonly edges: EdgeDefinition[]
  /** Attempts by iteration. */
  readonly programs: Map<string, Mutable<Attempt>[][]>
  readonly classes: Set<string>
  readonly initial: Record<string, unknown>
  readonly loopConditions: Map<string, (scope: LoopScope) => boolean>
  /** Programs on which it rests that a loop ends, with what they give in each iteration. */
  readonly drivers: Map<string, readonly Drive[]>
}

/** What a node that drives a loop gives. */
export type Drive = { readonly output: unknown } | { readonly action: string | undefined }

type Parts = 'blueprint' | 'programs' | 'classes' | 'initial' | 'loopConditions'

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

/** Whether user code runs for a node, and not the engine itself. */
export function hasProgram({ programs }: FlowDraft, { uses }: NodeDefinition): boolean {
  return programs.has(uses)
}

/** Every attempt of every program. */
export function* attemptsOf(flow: FlowDraft): Iterable<Mutable<Attempt>> {
  for (const program of flow.programs.values()) for (const turn of program) yield* turn
}
