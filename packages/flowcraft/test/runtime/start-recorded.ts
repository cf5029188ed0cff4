import { FlowRuntime, InMemoryEventStore, NullLogger, PersistentEventBusAdapter } from 'flowcraft'
import type { EventType, ExecutionHandle, NodeRegistry, RuntimeOptions, WorkflowBlueprint } from 'flowcraft'
import { idle } from './virtual-clock.ts'

/** A run that is recorded in memory, with its log while it goes on. */
export interface RunningRecorded {
  readonly handle: ExecutionHandle
  /** What is recorded when nothing is left to do without a timer or somebody from outside. */
  typesSoFar(): Promise<readonly EventType[]>
}

/** Starts a recorded run. */
export function start(
  blueprint: WorkflowBlueprint,
  functionRegistry: NodeRegistry,
  options: RuntimeOptions,
  concurrency = 64,
): RunningRecorded {
  const store = new InMemoryEventStore()
  const eventBus = new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ logger: new NullLogger(), ...options, eventBus })
  const handle = runtime.start(blueprint, {}, { functionRegistry, concurrency })
  const typesSoFar = async (): Promise<readonly EventType[]> => {
    await idle()
    return (await store.retrieve(handle.executionId)).map(({ type }) => type)
  }
  return { handle, typesSoFar }
}
