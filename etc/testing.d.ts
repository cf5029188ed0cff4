// @flowcraft/testing: index.d.mts
import { EventStore, EventStoreCapabilities, FlowRuntime, FlowcraftEvent, IAsyncContext, NodeRegistry, ResumeData, TypedBlueprint, WorkflowResult, WorkflowStatus } from "flowcraft";

//#region src/stepper.d.ts
/** Options of one step. */
interface StepOptions {
  /** Cancels the run when it aborts during the step. */
  readonly signal?: AbortSignal | undefined;
  /** How many nodes of the step may run at a time. Default that of the run. */
  readonly concurrency?: number | undefined;
}
/** The context at the stepper's place, to be read only. */
type StepperContext<TContext> = Pick<IAsyncContext<TContext>, "type" | "get" | "has" | "getAll" | "toJSON">;
/** The state at the stepper's place. */
interface StepperState<TContext = Record<string, unknown>> {
  /** `'stalled'` before the end, `'awaiting'` where everything that is left waits. */
  readonly status: WorkflowStatus;
  getContext(): StepperContext<TContext>;
}
/** Goes through a run turn by turn, forwards and backwards. */
interface Stepper<TContext = Record<string, unknown>> {
  readonly executionId: string;
  /** The log so far, with those of subflows' runs; later turns included when the stepper has gone back. */
  readonly events: readonly FlowcraftEvent[];
  readonly state: StepperState<TContext>;
  /**
  * Runs what is ready now, and gives the result so far; `null` when nothing is left. After `prev`, it goes forward
  * over what is recorded and runs nothing.
  */
  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null>;
  /** Goes back to the state before the last turn; `null` at the start. */
  prev(): Promise<WorkflowResult<TContext> | null>;
  /**
  * Lets a node that waits go on, so that `next` has something to run again.
  * @throws NOT_AWAITING for a node that does not wait.
  */
  resume(nodeId: string, data?: ResumeData): void;
  /** Begins anew, as another execution with a log of its own. The old one is cancelled if it has not ended. */
  reset(): void;
  /** Whether nothing is left: the run has ended, or `next` has found nothing but nodes that wait. */
  isDone(): boolean;
}
/**
* A stepper over a new run of `blueprint`. The run is recorded on the given runtime's bus too, if it has one; its log is
* complete and holds the blueprint itself. As every recorded run, it copies values.
* @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED as `runtime.run` rejects.
*/
declare function createStepper<TContext = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(runtime: FlowRuntime<TDependencies>, blueprint: TypedBlueprint<TContext>, functionRegistry: NodeRegistry, initialState?: object | string): Stepper<TContext>;
//#endregion
//#region src/store-contract/store-case.d.ts
/** What a store may offer besides its three methods; `'openAgain'`: a second connection to the same events. */
type StoreCapability = keyof EventStoreCapabilities | "openAgain";
/** How to open the store under test: fresh and empty at each call. */
type OpenStore = (() => EventStore | Promise<EventStore>) | OpenableStore;
/** The same for a store whose events can be reached by a second connection. */
interface OpenableStore {
  open(): EventStore | Promise<EventStore>;
  /** Another store on the events of the one that is given. */
  openAgain?(store: EventStore): EventStore | Promise<EventStore>;
}
/** A promise that every event store keeps, and how to check it. */
interface StoreCase {
  readonly promise: string;
  /** What the store must offer for this promise to concern it. */
  readonly needs: readonly StoreCapability[];
  /** Opens stores, closes them at the end, and rejects with an `Error` that says what was expected and what was found. */
  check(open: OpenStore): Promise<void>;
}
//#endregion
//#region src/store-contract/store-contract.d.ts
/**
* Every promise of an event store, as cases for any test runner:
* `for (const { promise, check } of eventStoreContract) it(promise, () => check(openStore))`.
*/
declare const eventStoreContract: readonly StoreCase[];
/** The promises that remain for a store that lacks these capabilities, and one more: that it lacks no others, and these. */
declare function eventStoreContractWithout(lacks: readonly StoreCapability[]): readonly StoreCase[];
//#endregion
export { type OpenStore, type OpenableStore, type StepOptions, type Stepper, type StepperContext, type StepperState, type StoreCapability, type StoreCase, createStepper, eventStoreContract, eventStoreContractWithout };
