import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { WorkflowResult, WorkflowStatus } from '../blueprint/flow-runner.ts'
import type { Plan } from '../blueprint/plan.ts'
import type { EventPayloads, Fact, FlowcraftEvent } from '../events/event.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Clock } from '../ports.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import type { RunState } from '../state/run-state.ts'
import type { AttemptsOptions } from './attempts.ts'
import type { ChildRun, StartChild } from './children.ts'
import type { Outbox } from './outbox.ts'
import type { PreparedPlan } from './prepare.ts'
import type { Values } from './values.ts'

/** What a run is made of. */
export interface RunOptions<TRun extends ChildRun>
  extends
    Pick<AttemptsOptions, 'implementationOf' | 'paramsOf' | 'middleware'>,
    Pick<PreparedPlan, 'hasImplementation'> {
  readonly plan: Plan
  readonly executionId: string
  readonly start: Omit<EventPayloads['workflow:start'], 'executionId' | 'blueprintId'>
  /** Where the run stands, if it goes on and does not begin. */
  readonly past?: Past | undefined
  /** What is recorded with the start. */
  readonly facts: readonly Fact[]
  toResult(status: WorkflowStatus): WorkflowResult
  readonly outbox: Outbox | undefined
  readonly values: Values
  readonly evaluator: IEvaluator
  readonly clock: Clock
  readonly dependencies: Record<string, unknown> & { readonly logger: ILogger }
  /** A blueprint that the runtime knows. */
  getBlueprint(id: string): WorkflowBlueprint | undefined
  /** The engine's own, which never throws. */
  readonly logger: ILogger
  /** Whether no other run of this process is about to record something. */
  isAlone(): boolean
  /** Whether nodes start only by turns. */
  readonly byTurns: boolean
  /** How many attempts of one iteration of a node may be cut off by crashes. */
  readonly maxRecoveries: number
  readonly startChild: StartChild<TRun>
  /** Is told when whoever waits for the run is, and each time that a parked one goes on. */
  onMove(to: Whereabouts): void
}

/**
 * Where a run is: `'gone'` when it has ended, `'left'` when it goes on somewhere else, `'lost'` when a fault of its
 * store that passes has ended it: it may go on from its log.
 */
export type Whereabouts = 'live' | 'parked' | 'gone' | 'left' | 'lost'

/**
 * What has been of a run: its stored events, or what follows from them. With a `change`, it goes on under another blueprint;
 * with a `fork`, what has been is of another run, and it goes on from there.
 */
export type Past =
  | { readonly events: readonly FlowcraftEvent[]; readonly change?: BlueprintChange | undefined }
  | { readonly state: RunState; readonly frontier: Frontier; readonly fork?: Forking | undefined }

/** How a run goes on under another blueprint, or where edges stand elsewhere. */
export type BlueprintChange = Pick<
  EventPayloads['workflow:fork'],
  'blueprintHash' | 'blueprintVersion' | 'blueprint' | 'edges'
>

/** What a forked run begins with. */
export type Forking = Omit<EventPayloads['workflow:fork'], 'executionId' | 'blueprintId'>

/** What a parked run goes on with. */
export type Resumption = Omit<EventPayloads['workflow:resume'], 'executionId' | 'blueprintId'>

/** What the run begins with, if what is past is of another run. */
export function forkOf(past: Past | undefined): Forking | undefined {
  return past !== undefined && 'fork' in past ? past.fork : undefined
}

/** The first event that is a run's own. */
export function firstFact({ start, past }: Pick<RunOptions<ChildRun>, 'start' | 'past'>): Fact {
  const fork = forkOf(past)
  return fork === undefined ? { type: 'workflow:start', payload: start } : { type: 'workflow:fork', payload: fork }
}

/** The other blueprint under which it goes on. */
export function changeIn(past: Past): BlueprintChange | undefined {
  return 'events' in past ? past.change : undefined
}
