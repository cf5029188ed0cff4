import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  isFlowcraftError,
  openRecording,
  PersistentEventBusAdapter,
  type WorkflowBlueprint,
} from '../../src/index.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

function asking() {
  return createFlow('asking')
    .node('ask', async () => ({ output: 5 }))
    .wait('approval')
    .node('yes', async ({ input }) => ({ output: `yes: ${String(input)}` }))
    .node('no', async ({ input }) => ({ output: `no: ${String(input)}` }))
    .edge('ask', 'approval')
    .edge('approval', 'yes', { condition: 'result.output > 10' })
    .edge('approval', 'no', { condition: 'result.output <= 10' })
}

/** Other order, another limit on the way that is still open, and one more node at the end. */
function changed(): WorkflowBlueprint {
  const { edges, nodes, ...rest } = asking().toBlueprint()
  const lower = edges.map((edge) => ({
    ...edge,
    ...(edge.condition && { condition: edge.condition.replace('10', '3') }),
  }))
  return {
    ...rest,
    nodes: [{ id: 'more', uses: 'more' }, ...nodes.toReversed()],
    edges: [{ source: 'yes', target: 'more' }, ...lower.toReversed()],
  }
}

const functionRegistry = new Map([
  ...asking().getFunctionRegistry(),
  ['more', async () => ({ output: 'more' })] as const,
])

async function parked() {
  const store = new InMemoryEventStore()
  const flow = asking()
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), logger: quiet })
  const { executionId, status } = await flow.run(runtime)
  expect(status).toBe('awaiting')
  const again = (): FlowRuntime => new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), logger: quiet })
  return { store, runtime, executionId, again }
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return isFlowcraftError(error) ? error.code : undefined
}

describe('a run that is parked goes on under a changed blueprint', () => {
  for (const where of ['in memory', 'in another process'] as const) {
    it(`that takes what is recorded, ${where}`, async () => {
      const { store, runtime, executionId, again } = await parked()
      const runs = where === 'in memory' ? runtime : again()
      const data = { output: 5 }
      const refused = runs.resume(changed(), executionId, data, undefined, { functionRegistry })
      expect(await codeOf(refused)).toBe('BLUEPRINT_MISMATCH')
      const result = await runs.resume(changed(), executionId, data, undefined, {
        functionRegistry,
        allowChanged: true,
      })
      expect(result.context).toMatchObject({ yes: 'yes: 5', more: 'more' })
      expect(result.context).not.toHaveProperty('no')
      const recording = await openRecording(store, executionId)
      expect(recording.blueprint).toEqual(changed())
      expect(recording.at('end').node('no')?.status).toBe('skipped')
      expect((await runs.replay(changed(), recording)).context).toEqual(result.context)
      expect((await runs.replay(changed(), recording)).blueprintMatches).toBe(true)
    })
  }

  it('and is recovered under it when its process ends', async () => {
    const { store, executionId, again } = await parked()
    const data = { output: 5 }
    const whole = await again().resume(changed(), executionId, data, undefined, {
      functionRegistry,
      allowChanged: true,
    })
    const events = await store.retrieve(executionId)
    for (let cut = events.findLastIndex(({ type }) => type === 'workflow:resume') + 1; cut < events.length; cut += 1) {
      const left = new InMemoryEventStore()
      for (const blueprint of [asking().toBlueprint(), changed()])
        await left.saveBlueprint(hashOf(events, blueprint.nodes.length > 4), blueprint)
      for (const event of events.slice(0, cut)) await left.store(event, executionId)
      const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(left), logger: quiet })
      expect((await runtime.recover(executionId, { functionRegistry })).context).toEqual(whole.context)
    }
  })

  it('but not under one that would have decided otherwise, and nothing is written then', async () => {
    const { store, executionId, again } = await parked()
    const before = await store.retrieve(executionId)
    const blueprint = asking().toBlueprint()
    const other = { ...blueprint, edges: blueprint.edges.filter(({ source }) => source !== 'ask') }
    const resumed = again().resume(other, executionId, {}, undefined, { functionRegistry, allowChanged: true })
    expect(await codeOf(resumed)).toBe('BLUEPRINT_MISMATCH')
    expect(await store.retrieve(executionId)).toEqual(before)
  })
})

describe('a run that was cut off', () => {
  it('is recovered under a changed blueprint that takes what is recorded', async () => {
    const { store, executionId } = await parked()
    const left = new InMemoryEventStore()
    const events = await store.retrieve(executionId)
    await left.saveBlueprint(hashOf(events, false), asking().toBlueprint())
    for (const event of events.slice(0, 2)) await left.store(event, executionId)
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(left), logger: quiet })
    const refused = runtime.recover(executionId, { blueprint: changed(), functionRegistry })
    expect(await codeOf(refused)).toBe('BLUEPRINT_MISMATCH')
    const result = await runtime.recover(executionId, { blueprint: changed(), functionRegistry, allowChanged: true })
    expect(result.status).toBe('awaiting')
    const resumed = await runtime.resume(executionId, { output: 4 }, { functionRegistry })
    expect(resumed.context).toMatchObject({ yes: 'yes: 4', more: 'more' })
  })
})

/** The hash of the first, or of the last blueprint of a run. */
function hashOf(events: Awaited<ReturnType<InMemoryEventStore['retrieve']>>, isLast: boolean): string {
  const hashes = events.flatMap(({ payload }) => ('blueprintHash' in payload ? (payload.blueprintHash ?? []) : []))
  return (isLast ? hashes.at(-1) : hashes[0]) ?? ''
}
