export { BaseNode, isNodeClass } from './blueprint/node.ts'
export type {
  EngineDependencies,
  IAsyncContext,
  NodeClass,
  NodeContext,
  NodeFunction,
  NodeImplementation,
  NodeRegistry,
  NodeResult,
  WaitRequest,
  PatchOperation,
  RuntimeFacade,
  WorkflowStateFacade,
} from './blueprint/node.ts'
export type {
  EdgeDefinition,
  NodeConfig,
  NodeDefinition,
  TypedBlueprint,
  WorkflowBlueprint,
  WorkflowBlueprintMetadata,
} from './blueprint/blueprint.ts'
export { analyzeBlueprint, checkForCycles, type BlueprintAnalysis } from './blueprint/analysis.ts'
export { createFlow, FlowBuilder } from './blueprint/builder.ts'
export type {
  BatchEntry,
  BatchErrorMode,
  BatchOptions,
  BatchResults,
  EdgeOptions,
  FlowContext,
  Ids,
  Implementation,
  InputKey,
  Inputs,
  LoopOptions,
  Needed,
  NodeEntry,
  NodeOptions,
  SettledResult,
  SingleEntry,
  SleepOptions,
  SubflowOptions,
  WaitOptions,
} from './blueprint/flow-types.ts'
export type { UIEdge, UIGraph, UINode } from './blueprint/ui-graph.ts'
export type { Duration } from './blueprint/duration.ts'
export { lintBlueprint, type LintOptions, type LintResult } from './lint/lint-blueprint.ts'
export type { LintCode, LintIssue } from './lint/issue.ts'
export type { BlueprintsById, ExpressionCheck } from './lint/subject.ts'
export type {
  FlowRunner,
  ResumeData,
  ResumeOptions,
  RunCallOptions,
  WorkflowResult,
  WorkflowStatus,
} from './blueprint/flow-runner.ts'
export { fingerprint } from './blueprint/fingerprint.ts'
export { sanitizeBlueprint } from './blueprint/sanitize.ts'
export {
  BlueprintError,
  BlueprintMismatchError,
  ConcurrencyError,
  errorCodes,
  EventStoreError,
  ExecutionConflictError,
  FlowcraftError,
  HistoryCorruptError,
  isFlowcraftError,
  NodeTimeoutError,
  SerializationError,
} from './errors.ts'
export type { ErrorCause, ErrorCode, FlowcraftErrorOptions, WorkflowError } from './errors.ts'
export type {
  EdgeReason,
  EventOf,
  EventPayloads,
  EventType,
  FlowcraftEvent,
  ParentLink,
  RecordedResult,
  RecordedRunOptions,
  ResumeReason,
  RunStatus,
  SkipReason,
  StuckNode,
  TerminalStatus,
  Waiting,
  WaitReason,
} from './events/event.ts'
export { formatError } from './events/format-error.ts'
export { decodeValue, encodeValue, type EncodedValue } from './events/value-codec.ts'
export type { IEvaluator } from './expressions/evaluator.ts'
export { ExpressionEvaluator } from './expressions/expression-evaluator.ts'
export { PropertyEvaluator } from './expressions/property-evaluator.ts'
export { UnsafeEvaluator } from './expressions/unsafe-evaluator.ts'
export { CustomValue } from './events/custom-value.ts'
export type { ValueType } from './events/value-type.ts'
export { DIContainer, ServiceTokens, type ServiceToken } from './extensions/container.ts'
export type { Middleware } from './extensions/middleware.ts'
export { ConsoleLogger, NullLogger, type ILogger } from './extensions/logger.ts'
export { JsonSerializer, type ISerializer } from './extensions/serializer.ts'
export { FlowEventBus } from './history/event-bus.ts'
export type { FlowEventBusOptions, FlowEventListener, IEventBus } from './history/event-bus.ts'
export type {
  AppendOutcome,
  EventBatch,
  EventStore,
  EventStoreCapabilities,
  EventStoreStats,
  IEventReader,
  IEventStore,
  ReadRange,
} from './history/event-store.ts'
export { admitBatch, admitEvent, guardOf, type Admission } from './history/admit-batch.ts'
export type { ExecutionHead } from './history/execution-head.ts'
export { admitFork, sharedEvent, type Fork } from './history/fork.ts'
export { admitClaim, dueOf, isTerminal, partsOf } from './history/claim.ts'
export type { Claim, ClaimedHead, ClaimedPart, DueExecution } from './history/claim.ts'
export { changeAfter, isParkedStatus, unchanged, type ExecutionChange } from './history/execution-change.ts'
export type { FollowedEvent, FollowFilter, FollowOptions, FollowTarget } from './history/following.ts'
export { terminalStatuses } from './history/listing.ts'
export { assertRequest, statusesOf, type Request } from './history/requests.ts'
export { missingEvent, unbroken } from './history/unbroken.ts'
export type { ExecutionFilter, ExecutionPage, ExecutionSummary, PageRequest, PruneOptions } from './history/listing.ts'
export { InMemoryEventStore, type InMemoryEventStoreOptions } from './history/in-memory-event-store.ts'
export { PersistentEventBusAdapter } from './history/persistent-event-bus.ts'
export type { Durability, PersistentEventBusOptions, PersistentEventBusPorts } from './history/persistent-event-bus.ts'
export { systemClock, type Clock, type IdGenerator } from './ports.ts'
export { openRecording, recordingFrom, type RecordingFromOptions } from './recording/open.ts'
export type { ContextChange, ContextWrite } from './recording/changes.ts'
export type { ChildReference } from './recording/children.ts'
export type { Cursor } from './recording/cursor.ts'
export type { AttemptFacts, Because, ExplainOptions, Explanation } from './recording/explanation.ts'
export type { FollowRecordingOptions } from './recording/follow.ts'
export type { NodeSnapshot } from './recording/node-snapshot.ts'
export type { Recording } from './recording/recording.ts'
export type { Snapshot } from './recording/snapshot.ts'
export type { RecordingStore } from './recording/source.ts'
export { diffRecordings, type ContextDifference, type NodeDifference, type RecordingDiff } from './recording/diff.ts'
export type { Divergence, Sides } from './recording/divergence.ts'
export { formatDiff, type FormatDiffOptions } from './recording/format-diff.ts'
export { parseRecording } from './recording/parse-recording.ts'
export type { EdgeDifference, PathDifference, PathStep } from './recording/path-difference.ts'
export { serializeRecording, type SerializeRecordingOptions } from './recording/serialize-recording.ts'
export type { ValueDifference } from './recording/value-differences.ts'
export type { DecisionSummary, Verification, VerificationDivergence } from './recording/verification.ts'
export { verifyRecording, type RecordedRun, type VerifyOptions } from './recording/verify.ts'
export {
  generateMermaid,
  generateMermaidForRun,
  type MermaidOptions,
  type MermaidRunOptions,
} from './render/flowchart.ts'
export { generateMermaidGantt, type MermaidGanttOptions } from './render/gantt.ts'
export type { MermaidLimits } from './render/mermaid-text.ts'
export { generateMermaidSequence, type MermaidSequenceOptions } from './render/sequence.ts'
export { formatTimeline, type TimelineOptions } from './render/text-timeline.ts'
export type { ExecutionHandle, TurnOptions } from './runtime/execution-handle.ts'
export type { ForkOptions, ForkSource } from './runtime/fork-options.ts'
export type { EventSource, ReplayOptions, ReplayResult } from './runtime/replay.ts'
export type { StartOptions } from './runtime/launch.ts'
export { createDefaultContainer, type RuntimeServices } from './runtime/default-container.ts'
export { FlowRuntime } from './runtime/runtime.ts'
export type { Recovered, RecoverFilter, RecoverOptions } from './runtime/recover.ts'
export type {
  BlueprintRegistry,
  RegisteredFlow,
  RuntimeDependencies,
  RuntimeOptions,
} from './runtime/runtime-options.ts'
export type { Isolation } from './runtime/values.ts'
export type { SimulationDivergence } from './simulate/simulation-divergence.ts'
export type { SimulateOptions } from './simulate/options.ts'
export { simulate, type Simulation, type SimulationResult } from './simulate/simulate.ts'
export { simulateAll, type RecordingStream, type SimulateAllOptions } from './simulate/simulate-all.ts'
export type { OnMissing } from './simulate/simulated-run.ts'
export type {
  DivergenceGroup,
  MissingNode,
  SimulationFailure,
  SimulationSummary,
  StatusChange,
} from './simulate/summary.ts'
export type { Position } from './state/position.ts'
export type { ForkOrigin, NodeStatus } from './state/run-state.ts'
