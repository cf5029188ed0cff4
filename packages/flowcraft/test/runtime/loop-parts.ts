import type { EdgeDefinition, NodeContext, NodeDefinition, NodeFunction } from 'flowcraft'
import { edge } from './dynamic-parts.ts'
import type { RecordedRun } from './run-recorded.ts'

/** The edge from a controller to the start of its loop. */
export function goOn(source: string, target: string): EdgeDefinition {
  return edge(source, target, { action: 'continue' })
}

/** The edge from a controller to what comes after its loop. */
export function stop(source: string, target: string): EdgeDefinition {
  return edge(source, target, { action: 'break' })
}

/** What makes a node a controller. */
export function controller(condition: string): Partial<NodeDefinition> {
  return { uses: 'loop-controller', params: { condition } }
}

/** A node that gives the number of its turn, except that it fails in one. */
export function failingIn(failed: number): NodeFunction {
  return ({ iteration }: NodeContext) => {
    if (iteration === failed) throw new Error('broken')
    return { output: iteration }
  }
}

/** A node that gives the number of its turn. */
export const turn: NodeFunction = failingIn(-1)

/** What was skipped because of a failure, in that order. */
export function lost({ of }: RecordedRun): string[] {
  return of('node:skipped').flatMap(({ payload }) => (payload.reason === 'upstream-failed' ? [payload.nodeId] : []))
}
