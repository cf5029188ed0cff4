import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFlow, openRecording, type FlowBuilder, type FlowcraftEvent, type Recording } from 'flowcraft'
import { checkGolden, createTestRuntime, recordGolden } from '@flowcraft/testing'
import { flowcraftMatchers } from '@flowcraft/testing/vitest'
import { afterEach, beforeEach, describe, expect, it, vi, type MatcherState } from 'vitest'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowcraft-golden-'))
  file = join(folder, 'order.jsonl')
  vi.stubEnv('CI', 'true')
  vi.stubEnv('UPDATE_GOLDEN', undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

/** Orders of less than `limit` are shipped, by somebody. */
function orderFlow({ limit = 100, by = 'bike' }: { readonly limit?: number; readonly by?: string } = {}) {
  return createFlow<{ amount: number }>('order')
    .node('price', async ({ context }) => ({ output: ((await context.get('amount')) ?? 0) * 2 }))
    .node('ship', () => ({ output: `shipped by ${by}` }))
    .node('ask', () => ({ output: 'asked' }))
    .edge('price', 'ship', { condition: `input < ${limit}` })
    .edge('price', 'ask', { condition: `input >= ${limit}` })
}

/** The recording of a run of a flow for an amount of 5. */
async function record(flow: FlowBuilder, ...flows: FlowBuilder[]): Promise<Recording> {
  const { runtime, store } = createTestRuntime({ flows: [flow, ...flows] })
  const { executionId } = await runtime.run(flow.toBlueprint(), { amount: 5 })
  return await openRecording(store, executionId)
}

/**
 * What the matcher finds, whatever this test itself was started with: `updates` is `'all'` for `vitest -u`, else `'new'`, and
 * `'none'` in CI.
 */
async function found(recording: Recording | FlowcraftEvent[], updates: 'all' | 'new' | 'none', isNot: boolean = false) {
  // Only what the matcher reads of it.
  const state = { ...expect.getState(), isNot, snapshotState: { snapshotUpdateState: updates } }
  const { pass, message } = await flowcraftMatchers.toMatchGolden.call(
    state as unknown as MatcherState,
    recording,
    file,
  )
  return { pass, message: message() }
}

describe('toMatchGolden', () => {
  it('holds for a run that says the same as the golden one', async () => {
    await recordGolden(file, await record(orderFlow()))
    const again = await record(orderFlow())
    await expect(again).toMatchGolden(file)
    await expect(again.events).toMatchGolden(file, orderFlow().toBlueprint())
    await expect(record(orderFlow())).resolves.toMatchGolden(file)
    await expect(await record(orderFlow({ by: 'car' }))).not.toMatchGolden(file)
  })

  it('says in what a run differs, and what to do', async () => {
    await recordGolden(file, await record(orderFlow()))
    expect(await found(await record(orderFlow({ by: 'car' })), 'none')).toEqual({
      pass: false,
      message: expect.stringMatching(
        /to match the golden history '.*order\.jsonl'\n\n- golden history: completed\n\+ this run: completed\n.*- output: "shipped by bike"\n.*\+ output: "shipped by car"\n.*vitest -u/s,
      ),
    })
    const other = expect(await record(orderFlow())).not.toMatchGolden(file)
    await expect(other).rejects.toThrow(/not to match the golden history '.*order\.jsonl', but it does/)
  })

  it('holds where nothing but the place of things in the blueprint is another one', async () => {
    await recordGolden(file, await record(orderFlow()))
    const flow = orderFlow()
    const { nodes, edges, ...rest } = flow.toBlueprint()
    const blueprint = { ...rest, nodes: nodes.toReversed(), edges: edges.toReversed(), metadata: { version: '2' } }
    const { runtime, store } = createTestRuntime({ registry: flow.getFunctionRegistry() })
    const { executionId } = await runtime.run(blueprint, { amount: 5 })
    const recording = await openRecording(store, executionId)
    const edgeTo = ({ events }: Recording, id: string) =>
      events.find(({ type, payload }) => type === 'edge:evaluate' && payload.target === id)?.payload
    expect(edgeTo(await checkGolden(file, blueprint), 'ship')).toMatchObject({ edge: 0 })
    expect(edgeTo(recording, 'ship')).toMatchObject({ edge: 1 })
    await expect(recording).toMatchGolden(file)
  })

  it('fails where the blueprint that it is given would not take the decisions of the golden run', async () => {
    await recordGolden(file, await record(orderFlow()))
    const match = expect(await record(orderFlow())).toMatchGolden(file, orderFlow({ limit: 10 }).toBlueprint())
    await expect(match).rejects.toThrow(/not what blueprint 'order' would do, from event 3 on/)
  })

  it('compares the runs of subflows as well', async () => {
    const parent = createFlow('parent').subflow('sub', { blueprintId: 'order', outputs: { price: 'price' } })
    await recordGolden(file, await record(parent, orderFlow()))
    await expect(await record(parent, orderFlow())).toMatchGolden(file)
    expect(await found(await record(parent, orderFlow({ by: 'car' })), 'none')).toEqual({
      pass: false,
      message: expect.stringMatching(/golden history of the subflow run 'golden:sub#0'.*shipped by car/s),
    })
    expect(await found([...(await record(parent, orderFlow()))], 'none')).toEqual({
      pass: false,
      message: expect.stringContaining("Execution 'golden:sub#0' of a subflow is in the golden history only"),
    })
  })

  it('takes a path from the folder of the test', async () => {
    await recordGolden(file, await record(orderFlow()))
    const state = { ...expect.getState(), isNot: false, testPath: join(folder, 'some.test.ts') } as MatcherState
    const match = flowcraftMatchers.toMatchGolden
    expect((await match.call(state, await record(orderFlow()), 'order.jsonl')).pass).toBe(true)
  })

  it('records a history that is missing, but not in CI, and not where it should not match', async () => {
    const recording = await record(orderFlow())
    await expect(found(recording, 'none')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    vi.stubEnv('CI', undefined)
    await expect(found(recording, 'new', true)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect((await found(recording, 'new')).pass).toBe(true)
    await checkGolden(file, orderFlow().toBlueprint())
  })

  it.each([
    { by: 'vitest -u', env: undefined, updates: 'all' as const },
    { by: 'UPDATE_GOLDEN', env: '1', updates: 'none' as const },
  ])('records anew with $by', async ({ env, updates }) => {
    await recordGolden(file, await record(orderFlow()))
    const today = await record(orderFlow({ by: 'car' }))
    expect((await found(today, 'none')).pass).toBe(false)
    expect((await found(today, 'new')).pass).toBe(false)
    vi.stubEnv('UPDATE_GOLDEN', env)
    expect((await found(today, updates)).pass).toBe(true)
    expect(await readFile(file, 'utf8')).toContain('shipped by car')
  })
})
