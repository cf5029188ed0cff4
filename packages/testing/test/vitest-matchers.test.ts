import { createFlow, FlowRuntime, openRecording, type FlowBuilder } from 'flowcraft'
import { createStepper, createTestRuntime, InMemoryEventLogger } from '@flowcraft/testing'
import '@flowcraft/testing/vitest'
import { describe, expect, it } from 'vitest'

const order = createFlow<{ amount: number }>('order')
  .node('price', async ({ context }) => ({ output: ((await context.get('amount')) ?? 0) * 2, action: 'known' }))
  .node('ship', () => ({ output: 'shipped' }))
  .node('ask', () => ({ output: 'asked' }))
  .edge('price', 'ship', { action: 'known', condition: 'input < 100' })
  .edge('price', 'ask', { condition: 'input >= 100' })

const broken = createFlow('broken')
  .node('first', () => ({}))
  .node('charge', () => {
    throw new Error('declined', { cause: new Error('no money') })
  })
  .node('behind', () => ({}))
  .edge('first', 'charge')
  .edge('charge', 'behind')

const waiting = createFlow('waiting').wait('approval', { event: 'approved' })

/** The result and the recording of a run of a flow for an amount of 5. */
async function run(flow: FlowBuilder) {
  const { runtime, store } = createTestRuntime({ flows: [flow] })
  const result = await runtime.run(flow.toBlueprint(), { amount: 5 })
  return { result, recording: await openRecording(store, result.executionId) }
}

/** What a failing assertion says. */
function saidBy(assertion: () => void): string {
  try {
    assertion()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('the assertion holds')
}

describe('toHaveCompleted', () => {
  it('holds for a result, a recording, events, a logger and a stepper of a run that has completed', async () => {
    const { result, recording } = await run(order)
    expect(result).toHaveCompleted()
    expect(recording).toHaveCompleted()
    expect(recording.events).toHaveCompleted()
    const log = new InMemoryEventLogger()
    await new FlowRuntime({ flows: [order], eventBus: log }).run(order.toBlueprint(), {})
    expect(log).toHaveCompleted()
    const stepper = createStepper(new FlowRuntime(), order.toBlueprint(), order.getFunctionRegistry(), { amount: 5 })
    await stepper.next()
    expect(stepper).not.toHaveCompleted()
    while (!stepper.isDone()) await stepper.next()
    expect(stepper).toHaveCompleted()
  })

  it('says why a run has failed, or what it waits for', async () => {
    const failed = await run(broken)
    const why = 'failed:\n  - charge: Error: declined <- Error: no money'
    const said = "expected the run of 'broken' (execution 'test-1-1') to have completed, but it has "
    expect(saidBy(() => expect(failed.recording).toHaveCompleted())).toBe(said + why)
    expect(saidBy(() => expect(failed.result).toHaveCompleted())).toContain(why)
    const parked = await run(waiting)
    expect(saidBy(() => expect(parked.recording).toHaveCompleted())).toContain(
      'but it waits:\n  - waiting: approval (external_event "approved")',
    )
    expect(saidBy(() => expect(parked.recording.events.slice(0, 1)).toHaveCompleted())).toContain(
      'but it has not ended',
    )
    expect(parked.recording).not.toHaveCompleted()
  })

  it('says that a run has completed where it should not have', async () => {
    const { recording } = await run(order)
    expect(saidBy(() => expect(recording).not.toHaveCompleted())).toContain('not to have completed, but it has')
  })

  it('refuses what is no run', () => {
    expect(() => expect('order').toHaveCompleted()).toThrow(/found string/)
    expect(() => expect(undefined).not.toHaveCompleted()).toThrow(/found undefined/)
  })
})

describe('toHaveFailedAt', () => {
  it('holds for a node that has made the run fail', async () => {
    const { result, recording } = await run(broken)
    expect(result).toHaveFailedAt('charge')
    expect(recording).toHaveFailedAt('charge')
    expect(recording).not.toHaveFailedAt('first')
  })

  it('does not hold while the rest of the run still waits', async () => {
    const both = createFlow('both')
      .wait('approval', { event: 'approved' })
      .node('charge', () => {
        throw new Error('declined')
      })
    const { recording } = await run(both)
    expect(recording.at('end').errors).toHaveLength(1)
    expect(recording).not.toHaveFailedAt('charge')
  })

  it('says where the run has failed instead, or that it has not', async () => {
    const { recording } = await run(broken)
    expect(saidBy(() => expect(recording).toHaveFailedAt('first'))).toMatch(
      /to have failed at 'first', but it has failed:\n {2}- charge: /,
    )
    expect(saidBy(() => expect(recording).not.toHaveFailedAt('charge'))).toContain(
      "not to have failed at 'charge', but",
    )
    const { result } = await run(order)
    expect(saidBy(() => expect(result).toHaveFailedAt('price'))).toContain('but it has completed')
  })
})

describe('toHaveRun', () => {
  it('holds for nodes in the order in which they started, others in between', async () => {
    const { recording } = await run(order)
    expect(recording).toHaveRun('price', 'ship')
    expect(recording).toHaveRun('ship')
    expect(recording).not.toHaveRun('ship', 'price')
    expect(recording).not.toHaveRun('ask')
    expect(recording).not.toHaveRun('price', 'price')
  })

  it('holds for a node of a loop as often as it has started, and once for all attempts', async () => {
    const loop = createFlow('loop')
      .node('turn', async ({ context }) => {
        const turns = Number((await context.get('turns')) ?? 0) + 1
        await context.set('turns', turns)
        return { output: turns }
      })
      .loop('again', { startNodeId: 'turn', endNodeId: 'turn', condition: 'turns < 3' })
    const { recording } = await run(loop)
    expect(recording).toHaveRun('turn', 'turn', 'turn')
    expect(recording).not.toHaveRun('turn', 'turn', 'turn', 'turn')
    let attempts = 0
    const flaky = createFlow('flaky').node(
      'try',
      () => {
        attempts += 1
        if (attempts < 3) throw new Error('not yet')
        return {}
      },
      { config: { maxRetries: 3 } },
    )
    expect((await run(flaky)).recording).not.toHaveRun('try', 'try')
  })

  it('says what is missing, why, and what has started', async () => {
    const { recording } = await run(order)
    const said = saidBy(() => expect(recording).toHaveRun('price', 'ask'))
    expect(said).toContain(
      "expected the run of 'order' (execution 'test-1-1') to have run 'price', 'ask' in this order",
    )
    expect(said).toContain(`missing: ${recording.explain('ask').sentence}`)
    expect(said).toContain("started: 'price', 'ship'")
    expect(saidBy(() => expect(recording).toHaveRun('ship', 'price'))).toContain("'price' has not started after 'ship'")
    expect(saidBy(() => expect(recording).toHaveRun('shop'))).toContain(
      "no node 'shop'; it knows 'price', 'ship', 'ask'",
    )
    expect(saidBy(() => expect(recording).not.toHaveRun('price'))).toContain("not to have run 'price'\n  started: ")
  })

  it('refuses to be asked for nothing, or for the result of a run', async () => {
    const { result, recording } = await run(order)
    expect(() => expect(recording).toHaveRun()).toThrow(/takes ids of nodes; found nothing/)
    expect(() => expect(result).toHaveRun('price')).toThrow(/openRecording\(store, result.executionId\)/)
  })
})

describe('toHaveSkipped', () => {
  it('holds for a node that was skipped', async () => {
    const { recording } = await run(order)
    expect(recording).toHaveSkipped('ask')
    expect(recording).not.toHaveSkipped('ship')
  })

  it('says what became of the node', async () => {
    const { recording } = await run(order)
    expect(saidBy(() => expect(recording).toHaveSkipped('ship'))).toContain(recording.explain('ship').sentence)
    expect(saidBy(() => expect(recording).not.toHaveSkipped('ask'))).toContain(recording.explain('ask').sentence)
  })
})

describe('toHaveTaken', () => {
  it('holds for an edge that was taken', async () => {
    const { recording } = await run(order)
    expect(recording).toHaveTaken({ source: 'price', target: 'ship' })
    expect(recording).toHaveTaken({ source: 'price', target: 'ship', action: 'known' })
    expect(recording).not.toHaveTaken({ source: 'price', target: 'ship', action: 'unknown' })
    expect(recording).not.toHaveTaken({ source: 'price', target: 'ask' })
  })

  it('says how the edge was decided, or that it was not', async () => {
    const { recording } = await run(order)
    expect(saidBy(() => expect(recording).toHaveTaken({ source: 'price', target: 'ask' }))).toMatch(
      /to have taken the edge from 'price' to 'ask'\n {2}event \d+: not taken: default-not-needed, of 'input >= 100'$/,
    )
    expect(saidBy(() => expect(recording).not.toHaveTaken({ source: 'price', target: 'ship' }))).toMatch(
      /not to have taken the edge from 'price' to 'ship'\n {2}event \d+: taken, of 'input < 100'$/,
    )
    expect(saidBy(() => expect(recording).toHaveTaken({ source: 'price', target: 'shop' }))).toContain(
      "never decided; decided were those to 'ship', 'ask'",
    )
    expect(saidBy(() => expect(recording).toHaveTaken({ source: 'ask', target: 'ship' }))).toContain(
      `no edge of its source was decided. ${recording.explain('ask').sentence}`,
    )
  })
})

describe('toReplayTo', () => {
  it('holds for the context that the run gave, with all its types', async () => {
    const values = createFlow('values').node('all', () => ({
      output: { map: new Map([[1, new Date(0)]]), big: 2n, none: undefined, set: new Set(['a']) },
    }))
    const { result, recording } = await run(values)
    expect(recording).toReplayTo(result.context)
    expect(recording.events).toReplayTo(expect.objectContaining({ amount: 5 }))
    expect(recording).not.toReplayTo({ ...result.context, amount: 6 })
    const other = { map: new Map([[1, new Date(1)]]), big: 2n, none: undefined, set: new Set(['a']) }
    expect(recording).not.toReplayTo({ ...result.context, '_outputs.all': other, all: other })
  })

  it('shows both contexts where they differ', async () => {
    const { recording } = await run(order)
    const assertion = (): void => expect(recording).toReplayTo({ amount: 6 })
    expect(assertion).toThrow(expect.objectContaining({ expected: { amount: 6 }, actual: recording.at('end').context }))
    expect(saidBy(assertion)).toContain(
      "expected the run of 'order' (execution 'test-1-1') to replay to the given context",
    )
  })
})

describe('the types of the matchers', () => {
  it('know what each takes', async () => {
    const { recording } = await run(order)
    // @ts-expect-error an edge has two ends
    expect(() => expect(recording).toHaveTaken({ source: 'price' })).toThrow(/undefined as number 2/)
    // @ts-expect-error ids are texts
    expect(() => expect(recording).toHaveRun(1)).toThrow(/number as number 1/)
    // @ts-expect-error there is no such matcher
    expect(() => expect(recording).toHaveRunWell()).toThrow(/is not a function|Invalid Chai property/)
  })
})
