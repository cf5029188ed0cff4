import type { EngineDependencies, NodeImplementation } from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import type { RecordedResult } from '../events/event.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import type { Clock } from '../ports.ts'
import type { RunState } from '../state/run-state.ts'
import type { AttemptsOptions } from './attempts.ts'
import type { ChildRun } from './children.ts'
import { dependenciesOf } from './facades.ts'
import type { Recorder } from './recorder.ts'
import type { RunOptions } from './run-options.ts'
import { requireJoinable } from './take-outcome.ts'
import type { Values } from './values.ts'

/** What the attempts of a run are made with: the run's options, and the state as it is. */
export class RunScope<TRun extends ChildRun> implements AttemptsOptions {
  readonly executionId: string
  readonly blueprintId: string
  readonly values: Values
  readonly clock: Clock
  readonly logger: ILogger
  readonly nodeLogger: ILogger
  readonly middleware: readonly Middleware[]
  readonly #options: RunOptions<TRun>
  readonly #recorder: Recorder
  #dependencies: (Record<string, unknown> & EngineDependencies) | undefined

  constructor(options: RunOptions<TRun>, recorder: Recorder) {
    this.executionId = options.executionId
    this.blueprintId = options.plan.blueprint.id
    this.values = options.values
    this.clock = options.clock
    this.logger = options.logger
    this.nodeLogger = options.dependencies.logger
    this.middleware = options.middleware
    this.#options = options
    this.#recorder = recorder
  }

  /** Made when a node first asks for them. */
  get dependencies(): Record<string, unknown> & EngineDependencies {
    this.#dependencies ??= dependenciesOf(this.#options, () => this.#recorder.state)
    return this.#dependencies
  }

  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation {
    return this.#options.implementationOf(node, isRegistryFallback)
  }

  paramsOf(node: PlanNode): Readonly<Record<string, unknown>> {
    return this.#options.paramsOf(node)
  }

  requireJoinable({ id }: PlanNode, result: RecordedResult): void {
    requireJoinable(id, result, this.#recorder.frontier, this.#options)
  }

  state(): RunState {
    return this.#recorder.state
  }

  untilSafe(): Promise<void> {
    return this.#recorder.untilSafe()
  }
}
