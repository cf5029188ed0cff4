import type { ErrorKind } from './errors.ts'

/** What a node of a random flow does, as data: one entry for each iteration; the last one goes for all later ones. */
export type Program = readonly [Turn, ...Turn[]]

/** What one iteration does: one entry for each attempt; the last one goes for all later attempts. */
export type Turn = readonly [Attempt, ...Attempt[]]

/** What one attempt does, in this order. */
export interface Attempt {
  /** Reads the whole context at once, and has it compared with the replay. */
  readonly looks: boolean
  /** Changes its own copy of the input in place. */
  readonly mutatesInput: boolean
  readonly writes: readonly ProgramWrite[]
  readonly delayMs: number
  readonly lateWrites: readonly ProgramWrite[]
  readonly ending: Ending
}

/** A write; `value` is a recorded one, of which each attempt writes a copy that it changes in place afterwards. */
export type ProgramWrite =
  | { readonly op: 'set'; readonly key: string; readonly value: unknown }
  | { readonly op: 'delete'; readonly key: string }

/** How an attempt ends. */
export type Ending =
  | {
      readonly kind: 'return'
      readonly output: Output
      readonly action: string | undefined
      readonly mutatesLater: boolean
    }
  | { readonly kind: 'throw'; readonly error: ErrorKind }
  /** Returns what cannot be recorded. */
  | { readonly kind: 'unrecordable' }
  /** Waits, for whatever comes first. */
  | { readonly kind: 'wait'; readonly event: string | undefined; readonly afterMs: number | undefined }

/** What an attempt gives back. */
export type Output =
  | { readonly kind: 'nothing' }
  /** A text that tells the node and its input. */
  | { readonly kind: 'echo' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'value'; readonly value: unknown }
  /** What a key that others write holds at that moment. */
  | { readonly kind: 'shared'; readonly key: string }

/** Which attempt of which iteration of which node. */
export interface Moment {
  readonly nodeId: string
  /** From 0. */
  readonly iteration: number
  /** From 1. */
  readonly attempt: number
}

/** What a program does at a moment. Workers of one batch do what the same node would do one turn after the other. */
export function attemptOf(program: Program, { nodeId, iteration, attempt }: Moment): Attempt {
  const index = /\[(\d+)\]$/.exec(nodeId)?.[1] ?? 0
  const turn = program[Math.min(iteration + Number(index), program.length - 1)] ?? program[0]
  return turn[Math.min(attempt, turn.length) - 1] ?? turn[0]
}

/** What a node throws is called after the program and the moment. */
export function labelOf(key: string, { nodeId, iteration, attempt }: Moment): string {
  return `${nodeId} by ${key}, turn ${iteration}, attempt ${attempt}`
}
