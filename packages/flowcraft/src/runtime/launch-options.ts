import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import type { ValueTypes } from '../events/value-type.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { Clock, IdGenerator } from '../ports.ts'
import type { Run } from './run.ts'
import type { RunOptions } from './run-options.ts'
import type { RunTable } from './run-table.ts'
import type { Isolation } from './values.ts'

/** What a runtime brings to every run. */
export interface LaunchOptions {
  readonly registry: NodeRegistry
  /** Implementations that came with registered flows. */
  readonly flowRegistry: NodeRegistry
  readonly blueprints: ReadonlyMap<string, WorkflowBlueprint>
  readonly dependencies: RunOptions<Run>['dependencies']
  readonly logger: ILogger
  readonly eventBus: IEventBus | undefined
  readonly evaluator: IEvaluator
  readonly middleware: readonly Middleware[]
  readonly serializer: ISerializer
  readonly isolation: Isolation
  readonly valueTypes: ValueTypes | undefined
  readonly strict: boolean
  readonly clock: Clock
  readonly idGenerator: IdGenerator
  readonly maxRecoveries: number
  /** Classes whose instances have been warned about. */
  readonly warned: WeakSet<object>
  /** Blueprints whose cycles have been warned about. */
  readonly warnedCycles: WeakSet<WorkflowBlueprint>
  readonly runs: RunTable
}
