// @flowcraft/testing: index.d.mts
import { Clock, EventOf, EventStore, EventStoreCapabilities, EventType, FlowRuntime, FlowcraftEvent, IAsyncContext, IEventBus, NodeRegistry, ResumeData, RunCallOptions, RuntimeOptions, TypedBlueprint, WorkflowResult, WorkflowStatus } from "flowcraft";

//#region src/event-logger.d.ts
/** An event bus that keeps every event in memory, for a test to look at. It is no store: nothing can be resumed from it. */
declare class InMemoryEventLogger implements IEventBus {
  #private;
  /** In the order in which they came, those of subflows' runs included. A copy. */
  get events(): readonly FlowcraftEvent[];
  emit(event: FlowcraftEvent): void;
  /** Forgets all events. */
  clear(): void;
  /** The first event of a type; `undefined` when there is none. */
  find<T extends EventType>(type: T): EventOf<T> | undefined;
  /** All events of a type. */
  filter<T extends EventType>(type: T): EventOf<T>[];
  /** Prints the events with `console.log`: a title, then a line for each, with the time since the first one. */
  printLog(title?: string): void;
}
//#endregion
//#region src/faults.d.ts
/** `fn`, whose first call throws `error` instead, whoever makes it. Default an error that says so. */
declare function failOnce<TArgs extends readonly unknown[], TResult>(fn: (...args: TArgs) => TResult, error?: unknown): (...args: TArgs) => TResult;
/**
* `store`, whose `n`-th write of events (from 1) fails, and nothing of it is stored; all others work. A write is a call of
* `append`, or of `store` where there is no `append`.
*/
declare function failingStore(store: EventStore, n: number): EventStore;
/**
* `store` as a process leaves it that dies: the first event behind `seq`, of whichever execution, is not stored, nor is
* anything after it; the run rejects with EVENT_STORE_FAILED. It has no leases (`claim`, `renew`, `due`): a runtime on
* `store` itself can recover the run at once.
*/
declare function crashAfter(store: EventStore, seq: number): EventStore;
//#endregion
//#region src/run-with-trace.d.ts
/**
* The result of a run, whose events are printed with `console.log` when it fails or throws. Recorded on the given
* runtime's bus too, if it has one; as every recorded run, it copies values. It runs in a runtime with the options of the
* given one: what that has got by `register` is not known there.
*
* @throws as `runtime.run` rejects.
*/
declare function runWithTrace<TContext = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(runtime: FlowRuntime<TDependencies>, blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: RunCallOptions): Promise<WorkflowResult<TContext>>;
//#endregion
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
//#region src/virtual-clock.d.ts
/**
* A clock that takes no time: once nothing else goes on, it jumps to the next timer. What a node waits for outside of the
* engine (a file, the network, a timer of the machine) is not seen to go on.
*/
interface VirtualClock extends Clock {
  /**
  * Moves on by `ms`, and fires what is due on the way, in order. Resolves when the work that this causes is done too.
  *
  * @throws INPUT_INVALID for anything but a number of at least 0.
  */
  advance(ms: number): Promise<void>;
}
//#endregion
//#region src/test-runtime.d.ts
/** Options of a test runtime, besides those of every runtime. */
interface TestRuntimeOptions<TDependencies extends object = Record<string, unknown>> extends Omit<RuntimeOptions<TDependencies>, "clock" | "eventBus" | "idGenerator"> {
  /** The time at which its clock begins, in epoch milliseconds. Default that of 2025-01-01T00:00:00Z. */
  readonly now?: number | undefined;
  /** Execution ids are `test-<seed>-1`, `test-<seed>-2` and so on. Default 1. */
  readonly seed?: number | string | undefined;
  /** Where runs are recorded. Default a new `InMemoryEventStore` with the same clock. */
  readonly store?: EventStore | undefined;
}
/** A runtime for tests, and what it works with. */
interface TestRuntime<TDependencies extends object = Record<string, unknown>> {
  /** Its scheduler, once started, needs no interval: it looks into the store when it is started and when a node waits. */
  readonly runtime: FlowRuntime<TDependencies>;
  readonly clock: VirtualClock;
  readonly store: EventStore;
}
/**
* A runtime whose runs are recorded in a store and take no time: retries, timeouts and, after `runtime.startScheduler()`,
* sleeps are over as soon as nothing else goes on. The same runs get the same ids.
*/
declare function createTestRuntime<TDependencies extends object = Record<string, unknown>>(options?: TestRuntimeOptions<TDependencies>): TestRuntime<TDependencies>;
//#endregion
export { InMemoryEventLogger, type OpenStore, type OpenableStore, type StepOptions, type Stepper, type StepperContext, type StepperState, type StoreCapability, type StoreCase, type TestRuntime, type TestRuntimeOptions, type VirtualClock, crashAfter, createStepper, createTestRuntime, eventStoreContract, eventStoreContractWithout, failOnce, failingStore, runWithTrace };
