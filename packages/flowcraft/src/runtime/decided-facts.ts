import type { Fact } from '../events/event.ts'
import type { Decision } from '../scheduler/decision.ts'
import type { ILogger } from '../extensions/logger.ts'
import { controlLoop } from './control-loop.ts'
import type { EvaluationOptions } from './evaluate.ts'
import type { Recorder } from './recorder.ts'
import { routeNode } from './route-node.ts'

/** What a decision that starts and ends nothing is recorded as: where expressions have a say, they are evaluated now. */
export function factsOf(
  decision: Extract<Decision, { kind: 'record' | 'route' | 'control' }>,
  recorder: Recorder,
  options: EvaluationOptions & { readonly logger: ILogger },
): readonly Fact[] {
  switch (decision.kind) {
    case 'record':
      return decision.facts
    case 'route':
      return routeNode(decision.node, recorder, options)
    case 'control':
      return [controlLoop(decision.node, recorder.state, options)]
  }
}
