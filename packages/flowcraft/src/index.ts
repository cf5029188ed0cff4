export { BaseNode, isNodeClass } from './blueprint/node.ts'
export type {
  IAsyncContext,
  NodeClass,
  NodeContext,
  NodeFunction,
  NodeImplementation,
  NodeRegistry,
  NodeResult,
  PatchOperation,
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
export type { EdgeOptions, FlowContext, Implementation, InputKey, NodeEntry, NodeOptions } from './blueprint/builder.ts'
export type { FlowRunner, RunCallOptions, WorkflowResult, WorkflowStatus } from './blueprint/flow-runner.ts'
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
  RecordedResult,
  RecordedRunOptions,
  SkipReason,
  TerminalStatus,
} from './events/event.ts'
export { formatError } from './events/format-error.ts'
export { decodeValue, encodeValue, type EncodedValue } from './events/value-codec.ts'
export type { IEvaluator } from './expressions/evaluator.ts'
export { ExpressionEvaluator } from './expressions/expression-evaluator.ts'
export { PropertyEvaluator } from './expressions/property-evaluator.ts'
export { UnsafeEvaluator } from './expressions/unsafe-evaluator.ts'
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
export { admitBatch, admitEvent, type Admission, type ExecutionHead } from './history/admit-batch.ts'
export { InMemoryEventStore, type InMemoryEventStoreOptions } from './history/in-memory-event-store.ts'
export { PersistentEventBusAdapter } from './history/persistent-event-bus.ts'
export type { Durability, PersistentEventBusOptions, PersistentEventBusPorts } from './history/persistent-event-bus.ts'
export type { Clock, IdGenerator } from './ports.ts'
export {
  generateMermaid,
  generateMermaidForRun,
  type MermaidOptions,
  type MermaidRunOptions,
} from './render/flowchart.ts'
export type { MermaidLimits } from './render/mermaid-text.ts'
export type { ExecutionHandle, TurnOptions } from './runtime/execution-handle.ts'
export type { EventSource, ReplayOptions, ReplayResult } from './runtime/replay.ts'
export type { StartOptions } from './runtime/launch.ts'
export { FlowRuntime, type RuntimeOptions } from './runtime/runtime.ts'
export type { Isolation } from './runtime/values.ts'
export type { Position } from './state/position.ts'
export type { RunStatus } from './state/run-state.ts'
