import { describe, expect, it } from 'vitest'
import { createFlow, type RegisteredFlow } from 'flowcraft'
import { codeOf, gate, processOn, sharedHistory, storyOf, until } from './recovery-bench.ts'

/** A history in which a dead process has left a run of each flow, by its id. */
async function leftOf(flowsById: Readonly<Record<string, readonly [flow: string, tag: string]>>) {
  const history = sharedHistory()
  let calls = 0
  const flowOf = (id: string) =>
    createFlow(id).node('a', async () => {
      calls += 1
      await gate().opened
    })
  const runtime = processOn(history.open())
  for (const [executionId, [flow, tag]] of Object.entries(flowsById)) {
    const { toBlueprint, getFunctionRegistry } = bound(flowOf(flow))
    void codeOf(runtime.run(toBlueprint(), {}, { executionId, tags: [tag], functionRegistry: getFunctionRegistry() }))
  }
  await until(() => calls === Object.keys(flowsById).length)
  history.endLeases()
  return history
}

function bound(flow: RegisteredFlow): RegisteredFlow {
  return { toBlueprint: () => flow.toBlueprint(), getFunctionRegistry: () => flow.getFunctionRegistry() }
}

const today = (id: string) => createFlow(id).node('a', async () => ({ output: `by ${id}` }))

const idsOf = (handles: readonly { readonly executionId: string }[]): string[] =>
  handles.map(({ executionId }) => executionId).sort()

describe('recovering all that was cut off', () => {
  it('gives a handle on each run that goes on', async () => {
    const { open } = await leftOf({ r1: ['one', 'x'], r2: ['two', 'y'], r3: ['one', 'y'] })
    const runtime = processOn(open(), { flows: [today('one'), today('two')] })
    const { handles, failures } = await runtime.recoverAll()
    expect(failures).toEqual([])
    expect(idsOf(handles)).toEqual(['r1', 'r2', 'r3'])
    for (const handle of handles) expect(await handle.result()).toMatchObject({ status: 'completed' })
    expect(await runtime.recoverAll()).toEqual({ handles: [], failures: [] })
  })

  it.each([
    [{ blueprintId: 'one' }, ['r1', 'r3']],
    [{ tag: 'y' }, ['r2', 'r3']],
    [{ blueprintId: 'one', tag: 'y' }, ['r3']],
    [{ startedBefore: 0 }, []],
  ])('keeps to the filter %j', async (filter, expected) => {
    const { open } = await leftOf({ r1: ['one', 'x'], r2: ['two', 'y'], r3: ['one', 'y'] })
    const { handles } = await processOn(open(), { flows: [today('one'), today('two')] }).recoverAll(filter)
    expect(idsOf(handles)).toEqual(expected)
    await Promise.all(handles.map((handle) => handle.result()))
  })

  it('tells of runs that there is no code for, and takes them once there is', async () => {
    const { memory, open } = await leftOf({ r1: ['one', 'x'], r2: ['two', 'y'] })
    const runtime = processOn(open(), { flows: [today('one')] })
    const { handles, failures } = await runtime.recoverAll()
    expect(idsOf(handles)).toEqual(['r1'])
    expect(failures).toMatchObject([{ executionId: 'r2', error: { code: 'BLUEPRINT_INVALID' } }])
    expect(await storyOf(memory, 'r2')).toEqual(['workflow:start', 'node:start a'])
    const again = await runtime.register(today('two')).recoverAll()
    expect(idsOf(again.handles)).toEqual(['r2'])
    expect(await again.handles[0]!.result()).toMatchObject({ status: 'completed', context: { a: 'by two' } })
  })

  it('shares the runs out among those who try at once', async () => {
    const { memory, open } = await leftOf({ r1: ['one', 'x'], r2: ['one', 'x'], r3: ['one', 'x'] })
    const tries = [1, 2, 3].map(() => processOn(open(), { flows: [today('one')] }).recoverAll())
    const all = await Promise.all(tries)
    expect(all.flatMap(({ failures }) => failures)).toEqual([])
    expect(idsOf(all.flatMap(({ handles }) => handles))).toEqual(['r1', 'r2', 'r3'])
    for (const { handles } of all) for (const handle of handles) await handle.result()
    for (const id of ['r1', 'r2', 'r3']) {
      expect((await storyOf(memory, id)).filter((event) => event === 'node:start a')).toHaveLength(2)
    }
  })

  it('needs a store that can list', async () => {
    const { memory } = sharedHistory()
    const runtime = processOn({
      store: (event, executionId) => memory.store(event, executionId),
      retrieve: (executionId) => memory.retrieve(executionId),
      retrieveMultiple: (executionIds) => memory.retrieveMultiple(executionIds),
    })
    expect(await codeOf(runtime.recoverAll())).toBe('EVENT_STORE_FAILED')
  })
})
