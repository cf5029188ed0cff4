import {
  FlowRuntime,
  NullLogger,
  PersistentEventBusAdapter,
  UnsafeEvaluator,
  type FlowcraftEvent,
  type IEventStore,
  type NodeContext,
  type ReplayResult,
  type WorkflowBlueprint,
  type WorkflowResult,
} from 'flowcraft'
import { valueTypes } from './custom-values.ts'

/** A run through which a value went by every way that there is. */
export interface RunWithInstances {
  readonly result: WorkflowResult
  readonly events: readonly FlowcraftEvent[]
  readonly replayed: ReplayResult
  /** The value, as it came to a node from each of its ways. */
  readonly seen: readonly unknown[]
}

const blueprint: WorkflowBlueprint = {
  id: 'ways',
  nodes: [
    { id: 'a', uses: 'a' },
    { id: 'b', uses: 'b' },
    { id: 'c', uses: 'c', inputs: { byKey: 'written', byNode: 'a' } },
  ],
  edges: [
    { source: 'a', target: 'b', condition: 'context.written === undefined || true', transform: 'input' },
    { source: 'b', target: 'c' },
  ],
}

/** Sends `value` through a run that is recorded in `store`. */
export async function runWithInstances(value: unknown, store: IEventStore): Promise<RunWithInstances> {
  const seen: unknown[] = []
  const functionRegistry = {
    async a({ context }: NodeContext) {
      const initial = await context.get('initial')
      seen.push(initial)
      await context.set('written', initial)
      seen.push(await context.get('written'))
      return { output: value }
    },
    b({ input }: NodeContext) {
      seen.push(input)
      return { output: input }
    },
    async c({ input, context }: NodeContext) {
      const { byKey, byNode } = input as { byKey: unknown; byNode: unknown }
      seen.push(byKey, byNode, await context.get('_outputs.b'), (await context.getAll())['written'])
    },
  }
  const eventBus = new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ eventBus, valueTypes, logger: new NullLogger(), evaluator: new UnsafeEvaluator() })
  const result = await runtime.run(blueprint, { initial: value }, { functionRegistry })
  const events = await store.retrieve(result.executionId)
  return { result, events, replayed: await runtime.replay(blueprint, events), seen }
}
