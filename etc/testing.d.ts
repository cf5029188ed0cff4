// @flowcraft/testing: golden-files.d.mts
import { FlowcraftError, Recording } from "flowcraft";

//#region src/golden-files.d.ts
/** Where a golden history is: a path from the working directory, or a URL, such as `new URL('order.jsonl', import.meta.url)`. */
type GoldenFile = string | URL;
//#endregion
export { GoldenFile as t };
// @flowcraft/testing: index.d.mts
import { t as GoldenFile } from "./golden-files.mjs";
import { Clock, EventOf, EventStore, EventStoreCapabilities, EventType, FlowRuntime, FlowcraftEvent, IAsyncContext, IEventBus, NodeRegistry, Recording, ResumeData, RunCallOptions, RuntimeOptions, Snapshot, TypedBlueprint, VerifyOptions, WorkflowBlueprint, WorkflowResult, WorkflowStatus } from "flowcraft";

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
* `append`, of `fork`, or of `store` where there is no `append`.
* @throws INPUT_INVALID where `n` is no whole number from 1.
*/
declare function failingStore(store: EventStore, n: number): EventStore;
/**
* `store` as a process leaves it that dies: the first event behind `seq`, of whichever execution, is not stored, nor is
* anything after it; the run rejects with EVENT_STORE_FAILED. It has no leases (`claim`, `renew`, `due`): a runtime on
* `store` itself can recover the run at once.
* @throws INPUT_INVALID where `seq` is no whole number from -1.
*/
declare function crashAfter(store: EventStore, seq: number): EventStore;
//#endregion
//#region src/golden-family.d.ts
/**
* A run by its events: a recording, a list of events, or what keeps a list of them, such as an `InMemoryEventLogger` or a
* `Stepper`. Events of subflows' runs may be among them.
*/
type RecordedRun = Iterable<FlowcraftEvent> | EventKeeper;
/** What keeps the events of a run; of the one that `executionId` names, where it names one. */
interface EventKeeper {
  readonly events: Iterable<FlowcraftEvent>;
  readonly executionId?: string | undefined;
}
//#endregion
//#region src/golden.d.ts
/** Options of a check against a golden history. */
interface CheckGoldenOptions extends VerifyOptions {
  /** Runs the workflow and gives what it has recorded: for update mode, and for a history that is not there yet. */
  readonly record?: (() => RecordedRun | Promise<RecordedRun>) | undefined;
  /** Whether the history is recorded anew. Default what the environment variable `UPDATE_GOLDEN` says. */
  readonly update?: boolean | undefined;
  /** Today's blueprints of subflows, by their ids. The histories of subflows whose blueprint is not among them are not checked. */
  readonly blueprints?: Readonly<Record<string, WorkflowBlueprint>> | undefined;
}
/**
* Keeps a run, with the runs of its subflows, as a golden history: a file that `checkGolden` checks blueprints against.
* Execution ids, times, durations and stacks are made the same in every such file, and a file in which nothing but the
* order of parallel events would change stays as it is: so recording again changes it only when the behaviour has changed.
* A folder that is missing is made.
* @throws INPUT_INVALID for what holds no events or those of several runs, and for a file that cannot be written.
*/
declare function recordGolden(file: GoldenFile, recorded: RecordedRun): Promise<void>;
/**
* Checks that a blueprint would take every decision of a golden history, and gives that history. No code of nodes runs. In
* update mode, or where the file is missing and this is not CI (`CI` is not set), the history is recorded first, if
* `record` is given.
* @throws BLUEPRINT_MISMATCH where the blueprint decides otherwise: the message names file, event, node or edge;
* INPUT_INVALID where the file is missing; HISTORY_CORRUPT where it is damaged; BLUEPRINT_INVALID for a blueprint that cannot
* run; what `record` throws.
*/
declare function checkGolden(file: GoldenFile, blueprint: WorkflowBlueprint, options?: CheckGoldenOptions): Promise<Recording>;
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
//#region src/stepper/interface.d.ts
/** Options of one step. */
interface StepOptions {
  /** Cancels the run when it aborts during the step. */
  readonly signal?: AbortSignal | undefined;
  /** How many nodes of the step may run at a time. Default that of the run. */
  readonly concurrency?: number | undefined;
}
/** The context at the stepper's place, to be read only. */
type StepperContext<TContext> = Pick<IAsyncContext<TContext>, "type" | "get" | "has" | "getAll" | "toJSON">;
/** The state at the place where the stepper stood when it was asked for it. */
interface StepperState<TContext = Record<string, unknown>> {
  /** `'stalled'` before the end, `'awaiting'` where everything that is left waits. */
  readonly status: WorkflowStatus;
  getContext(): StepperContext<TContext>;
}
/** A place to run to: the id of a node that is about to start, or what holds of the run there. */
type StepTarget = string | ((snapshot: Snapshot) => boolean);
/**
* Goes through a run turn by turn or event by event, forwards and backwards. The places between turns are the start of the
* run, where its nodes had not begun, and each event that was the last one of a turn. Calls that overlap are taken one after
* the other.
*/
interface Stepper<TContext = Record<string, unknown>> {
  readonly executionId: string;
  /** The log so far, with those of subflows' runs; later turns included when the stepper has gone back. */
  readonly events: readonly FlowcraftEvent[];
  /**
  * The history of this execution so far, as `openRecording` gives it. It grows with every event; {@link reset} begins
  * another one. Before the first step has been awaited, it may be empty.
  */
  readonly recording: Recording;
  readonly state: StepperState<TContext>;
  /**
  * Goes on to the end of the present turn or, from the end of one, of the next, and gives the result so far; `null` when
  * nothing is left. What is recorded is not run again: nodes run only where the log ends.
  */
  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null>;
  /** Goes back to the end of an earlier turn, the last one before this place, or to the start; `null` at the start. */
  prev(): Promise<WorkflowResult<TContext> | null>;
  /**
  * Goes on by one event, and gives the run as it was after it; `null` when nothing is left. At the end of the log, the
  * whole next turn is run first, and its events are gone through one by one. From inside a turn, `next` goes to its end and
  * `prev` to where it began.
  */
  stepEvent(options?: StepOptions): Promise<Snapshot | null>;
  /**
  * Goes on turn by turn until a node is among those that start next, or until a predicate holds at the end of a turn; the
  * present place counts. Gives the run as it was there, or `null` when nothing is left before that, and the stepper stands
  * at the end then. In a live run, a node that is found has not run, and neither have those that start together with it;
  * `concurrency` holds for them too. From where it has been found, `next` goes on.
  * @throws INPUT_INVALID for a target that is neither the id of a node nor a function.
  */
  runTo(target: StepTarget, options?: StepOptions): Promise<Snapshot | null>;
  /**
  * Lets a node that waits go on, so that `next` has something to run again.
  * @throws NOT_AWAITING for a node that does not wait, and always for a stepper over a recording.
  */
  resume(nodeId: string, data?: ResumeData): void;
  /**
  * Begins anew: a live stepper with another execution that has a log of its own, and the old one is cancelled if it has not
  * ended; one over a recording at its start.
  */
  reset(): void;
  /**
  * Whether nothing is left: the stepper stands at the end of a run that has ended, or of a recording, or `next` has found
  * nothing but nodes that wait.
  */
  isDone(): boolean;
}
//#endregion
//#region src/recorded-stepper.d.ts
/**
* A stepper over a past run: nothing is run, recorded or written. It stops where a stepper over the live run stopped, as far
* as the log tells; in a run that was not stepped through, where nothing was running. `events` are those of this execution
* only. A recording that is refreshed has more to step through.
* @param runtime Whose value types and serializer contexts are given with. Default one without options.
* @throws INPUT_INVALID for what is no recording.
*/
declare function createRecordedStepper<TContext = Record<string, unknown>>(recording: Recording, runtime?: {
  readonly options: Pick<RuntimeOptions, "serializer" | "valueTypes">;
}): Stepper<TContext>;
//#endregion
//#region src/stepper.d.ts
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
export { type CheckGoldenOptions, type EventKeeper, type GoldenFile, InMemoryEventLogger, type OpenStore, type OpenableStore, type RecordedRun, type StepOptions, type StepTarget, type Stepper, type StepperContext, type StepperState, type StoreCapability, type StoreCase, type TestRuntime, type TestRuntimeOptions, type VirtualClock, checkGolden, crashAfter, createRecordedStepper, createStepper, createTestRuntime, eventStoreContract, eventStoreContractWithout, failOnce, failingStore, recordGolden, runWithTrace };
// @flowcraft/testing: vitest.d.mts
import { t as GoldenFile } from "./golden-files.mjs";
import { WorkflowBlueprint } from "flowcraft";
import { MatcherResult, MatcherState } from "vitest";

//#region src/vitest-matcher-types.d.ts
/** The two nodes of an edge, and its action where there are several between them. */
interface EdgeEnds {
  readonly source: string;
  readonly target: string;
  readonly action?: string | undefined;
}
/**
* What importing `flowcraft/testing/vitest` adds to `expect`. Each takes a recording, a list of events, or what keeps one,
* such as an `InMemoryEventLogger` or a `Stepper`; the first two also the result of a run.
*/
interface FlowcraftMatchers {
  /** The run has ended, and well. */
  toHaveCompleted(): void;
  /** The run has failed, by this node among others. */
  toHaveFailedAt(nodeId: string): void;
  /** These nodes have started, in this order; others may have come between them. */
  toHaveRun(...nodeIds: string[]): void;
  /** The node was skipped, at least once. */
  toHaveSkipped(nodeId: string): void;
  /** An edge between these nodes was taken, at least once. */
  toHaveTaken(edge: EdgeEnds): void;
  /** Replay of the events gives this context, such as `result.context`. Takes asymmetric matchers. */
  toReplayTo(context: object): void;
  /**
  * The events are those of a golden history, whatever the order of parallel ones, and the blueprint (default that of the
  * run) would take every decision of it. A path is taken from the folder of the test. With `vitest -u` or UPDATE_GOLDEN=1
  * the history is recorded anew, as it is where it is missing and `CI` is not set. To be awaited.
  */
  toMatchGolden(file: GoldenFile, blueprint?: WorkflowBlueprint): Promise<void>;
}
/** What a matcher finds. */
type Verdict = Extract<MatcherResult, {
  readonly pass: boolean;
}>;
/** The matchers as `expect.extend` takes them. */
type MatcherFunctions = { readonly [K in keyof FlowcraftMatchers]: (this: MatcherState, received: unknown, ...expected: Parameters<FlowcraftMatchers[K]>) => ReturnType<FlowcraftMatchers[K]> extends Promise<void> ? Promise<Verdict> : Verdict };
//#endregion
//#region src/vitest-matchers.d.ts
/** The matchers, for an `expect` of one's own: `expect.extend(flowcraftMatchers)`. */
declare const flowcraftMatchers: MatcherFunctions;
//#endregion
//#region src/vitest-serializer.d.ts
/** What prints the logs of runs in snapshots. */
interface LogSerializer {
  /** Whether it prints a value: a recording, a list of events from the start of a run, or what keeps such a list. */
  test(value: unknown): boolean;
  /** Within another value, it stands further in, in brackets. */
  serialize(value: unknown, config?: unknown, indentation?: string): string;
}
/**
* Prints a run in snapshots as a log to be reviewed: a line for each event, without numbers, times and ids of executions; the
* events of a subflow's run below what started it. `expect.addSnapshotSerializer` takes it.
*/
declare const flowcraftSerializer: LogSerializer;
//#endregion
//#region src/vitest.d.ts
declare module "vitest" {
  interface Matchers<T> extends FlowcraftMatchers {}
}
//#endregion
export { type EdgeEnds, type FlowcraftMatchers, type GoldenFile, type LogSerializer, type MatcherFunctions, type Verdict, flowcraftMatchers, flowcraftSerializer };
