import { expect } from 'vitest'
import type { RegisteredFlow } from '../../src/runtime/runtime-options.ts'
import type { WorkflowResult } from '../../src/blueprint/flow-runner.ts'
import type { NodeContext } from '../../src/blueprint/node.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import type { EventBatch, EventStore } from '../../src/history/event-store.ts'
import { partsOf } from '../../src/history/claim.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { macrotask } from '../../src/ports.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { describeError } from './errors.ts'
import { created, echo, toFlows, type Part } from './generator/family.ts'
import { unshaken } from './recovery-attempts.ts'
import { bare, leftBehind } from './recovery-drive.ts'
import { crashesIn, withoutCrashes } from './recovery-log.ts'
import { portraitOfContext } from './state-portrait.ts'

/** A family that has come to its end in one process. */
export interface FinishedFamily {
  readonly result: WorkflowResult
  /** What was stored, commit by commit: of each execution some consecutive events. */
  readonly commits: readonly (readonly (readonly FlowcraftEvent[])[])[]
  readonly logs: ReadonlyMap<string, readonly FlowcraftEvent[]>
  /** Idempotency keys by execution, node and iteration. */
  readonly calls: ReadonlyMap<string, string>
}

/** Nodes that the engine runs itself, by the names that they have in families. */
const engineNodes = /^(wait|subflow)\d+$|^loop\d+ again$|_(scatter|gather)$/

/** Whether a node of a family runs user code. */
export function isCode(nodeId: string): boolean {
  return !engineNodes.test(nodeId)
}

/**
 * Runs a family to its end: from its start, or from what another process has left. Time stands still, so that nothing in
 * a context tells when it happened.
 */
export async function driveFamily(
  parts: readonly Part[],
  id: string,
  stored: readonly FlowcraftEvent[],
  isBare: boolean,
): Promise<FinishedFamily> {
  const flows = toFlows(parts)
  const ids = new Set(stored.map(({ executionId }) => executionId))
  const crashes = new Map(
    [...ids].map((of) => [
      of,
      crashesIn(
        stored.filter(({ executionId }) => executionId === of),
        isCode,
      ),
    ]),
  )
  const calls = new Map<string, string>()
  const crashesOf = ({ executionId, nodeId, iteration }: Place): number =>
    crashes.get(executionId)?.get(`${nodeId} ${iteration}`) ?? 0
  const note = (call: NodeContext): void =>
    void calls.set(`${call.executionId} ${call.nodeId} ${call.iteration}`, call.idempotencyKey)
  const known = flows.map((flow): RegisteredFlow => ({
    toBlueprint: () => flow.toBlueprint(),
    getFunctionRegistry: () => unshaken(flow.getFunctionRegistry(), crashesOf, note),
  }))
  const memory = isBare ? await singly(stored) : await leftBehind(stored)
  const commits: (readonly (readonly FlowcraftEvent[])[])[] = []
  const store = noting(memory, commits)
  const runtime = new FlowRuntime({
    flows: known,
    registry: Object.fromEntries(unshaken(new Map([[created, echo]]), crashesOf, note)),
    eventBus: new PersistentEventBusAdapter(isBare ? bare(memory) : store),
    logger: new NullLogger(),
    idGenerator: () => id,
    clock: { now: () => 1_700_000_000_000, setTimer: laterOn },
  })
  const options = { maxIterations: 300 }
  const blueprint = flows.at(-1)!.toBlueprint()
  let result = stored.length > 0 ? await runtime.recover(id) : await runtime.run(blueprint, { given: 1 }, options)
  for (let answers = 0; result.status === 'awaiting'; answers += 1) {
    expect(answers).toBeLessThan(200)
    result = await runtime.resume(id, { output: 'an answer' })
  }
  return { result, commits, logs: await logsIn(memory, id), calls }
}

type Place = Pick<NodeContext, 'executionId' | 'nodeId' | 'iteration'>

/** What may be left of a family: the first events in the order in which they became durable, at least one. */
export function cutOf({ commits }: Pick<FinishedFamily, 'commits'>, place: number): readonly FlowcraftEvent[] {
  const events = commits.flat(2)
  return events.slice(0, 1 + Math.floor(place * Math.max(0, events.length - 1)))
}

/** Every log is whole, what had finished did not run again, and all comes to what it would have come to. */
export function expectSameFamily(
  recovered: FinishedFamily,
  stored: readonly FlowcraftEvent[],
  undisturbed: FinishedFamily,
): void {
  const { result, logs, calls } = recovered
  expect(result.status).toBe(undisturbed.result.status)
  expect(portraitOfContext(result.context)).toEqual(portraitOfContext(undisturbed.result.context))
  expect((result.errors ?? []).map(describeError)).toEqual((undisturbed.result.errors ?? []).map(describeError))
  expect([...logs.keys()].sort()).toEqual([...undisturbed.logs.keys()].sort())
  const finished = stored.flatMap(({ type, payload, executionId }) =>
    type === 'node:finish' ? [`${executionId} ${payload.nodeId} ${payload.iteration}`] : [],
  )
  for (const key of finished) expect(calls.has(key), `${key} had finished`).toBe(false)
  for (const [key, idempotencyKey] of calls) expect(idempotencyKey).toBe(undisturbed.calls.get(key))
  for (const [executionId, events] of logs) {
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
    expect(events.filter(({ type }) => type === 'workflow:finish')).toEqual([events.at(-1)])
    const calm = withoutCrashes(events, isCode).map(storyOf)
    const before = undisturbed.logs.get(executionId) ?? []
    expect(calm.filter(isOfOutcome).sort(), `the log of ${executionId}`).toEqual(
      before.map(storyOf).filter(isOfOutcome).sort(),
    )
  }
}

/** What an event tells, without when and where. */
function storyOf({ type, payload }: FlowcraftEvent): string {
  return 'nodeId' in payload && 'attempt' in payload
    ? `${type} ${payload.nodeId} ${payload.iteration} ${payload.attempt}`
    : type === 'edge:evaluate'
      ? `${type} ${payload.edge} ${payload.result}`
      : type
}

function isOfOutcome(story: string): boolean {
  return /^(node:(start|finish|retry|error|skipped)|edge|batch|workflow:(start|finish))/.test(story)
}

/** Every log of a family, by its id. */
async function logsIn(store: InMemoryEventStore, id: string): Promise<Map<string, readonly FlowcraftEvent[]>> {
  const logs = new Map<string, readonly FlowcraftEvent[]>([[id, await store.retrieve(id)]])
  for (const { executionId } of (await store.list({ parent: id }, { limit: 1000 })).items) {
    for (const [child, events] of await logsIn(store, executionId)) logs.set(child, events)
  }
  return logs
}

/** The same store, which notes what it stores in the order in which it does. */
function noting(store: InMemoryEventStore, commits: (readonly (readonly FlowcraftEvent[])[])[]): EventStore {
  const methods = ['store', 'retrieve', 'retrieveMultiple', 'read', 'list', 'saveBlueprint', 'loadBlueprint', 'renew']
  const bound = methods.map((name) => [name, Reflect.get(store, name).bind(store)] as const)
  return {
    // Each of them is a method of the store under its own name.
    ...(Object.fromEntries(bound) as unknown as EventStore),
    async append(batches: readonly EventBatch[]) {
      const outcomes = await store.append(batches)
      commits.push(batches.filter((_, index) => outcomes[index]?.error === undefined).map(({ events }) => events))
      return outcomes
    },
    async claim(claim) {
      await store.claim(claim)
      commits.push(partsOf(claim).map(({ event }) => (event === undefined ? [] : [event])))
    },
  }
}

async function singly(events: readonly FlowcraftEvent[]): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore()
  for (const event of events) await store.store(event, event.executionId)
  return store
}

/** Time that stands still still lets delays end. */
export function laterOn(_: number, callback: () => void): () => void {
  let isOn = true
  macrotask(() => {
    if (isOn) callback()
  })
  return () => (isOn = false)
}
