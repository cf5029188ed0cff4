import type { Lifeline } from './family.ts'
import type { Weight } from './importance.ts'

/** Who answers and cancels. */
export const outside: Lifeline = { name: 'outside', above: undefined, nodes: new Map() }

/** One line of a sequence diagram before it is text; `text` is safe for Mermaid. */
export interface Step {
  readonly kind: 'start' | 'finish' | 'failure' | 'signal' | 'note'
  /** Who it is from; of a note, whom it is over. */
  readonly from: Lifeline
  /** Absent for a note. */
  readonly to?: Lifeline
  readonly text: string
  readonly weight: Weight
  /** The number of the attempt that begins or ends with it. */
  readonly opens?: number | undefined
  readonly closes?: number | undefined
  readonly iteration?: number | undefined
}
