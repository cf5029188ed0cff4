import { isFlowcraftError } from '../errors.ts'
import { copyOf, snapshot, type SnapshotOptions } from '../events/snapshot.ts'

/** Whether what nodes hand over is copied, or shared with whoever reads it. */
export type Isolation = 'clone' | 'reference'

/** How values go into a run and come out of it. */
export interface Values {
  /** A value as it is recorded. @throws SERIALIZATION_FAILED for what cannot be recorded, if the run is. */
  take(value: unknown, where: string, nodeId?: string): unknown
  /** A recorded value as somebody may have it: a copy of their own. */
  give(value: unknown): unknown
}

/** What {@link valuesOf} needs to know of a run. */
export interface ValuesOptions {
  readonly isolation: Isolation
  readonly isRecorded: boolean
  readonly executionId: string
  readonly blueprintId: string
  readonly warned: WeakSet<object>
  onWarning(message: string): void
}

/** The way of a run with values: recorded ones are snapshots, and every reader gets a copy. */
export function valuesOf(options: ValuesOptions): Values {
  if (options.isolation === 'reference') return { take: same, give: same }
  const { executionId, blueprintId, warned, onWarning } = options
  const take = (value: unknown, where: string, nodeId?: string): unknown => {
    // The codec refuses functions, symbols and texts that are too long.
    const isSimple = typeof value === 'string' ? value.length < longText : !isObject(value) && typeof value !== 'symbol'
    if (isSimple) return value
    const place: SnapshotOptions = { where, nodeId, blueprintId, executionId, warned, onWarning }
    return snapshot(value, place)
  }
  return options.isRecorded ? { take, give: copyOf } : passing(take)
}

/** A run that nothing records passes what cannot be recorded by reference. */
function passing(take: Values['take']): Values {
  let passed: WeakSet<object> | undefined
  return {
    take(value, where, nodeId) {
      try {
        return take(value, where, nodeId)
      } catch (error) {
        if (!isFlowcraftError(error, 'SERIALIZATION_FAILED')) throw error
        if (isObject(value)) (passed ??= new WeakSet()).add(value)
        return value
      }
    },
    give: (value) => copyOf(value, passed),
  }
}

function same(value: unknown): unknown {
  return value
}

/** From so many characters on, a text may be too large to be recorded. */
const longText = 1_000_000

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
