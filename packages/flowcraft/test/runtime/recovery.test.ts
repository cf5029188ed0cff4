import { describe, expect, it } from 'vitest'
import { createFlow, type FlowcraftEvent, type NodeContext, type RegisteredFlow, type RuntimeOptions } from 'flowcraft'
import { logsOf, rescuer, storeWith, undisturbed } from './recovery-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

/** Attempts by the ends that were recorded of them: `<execution> <node> <iteration>`. */
function finishesOf(events: readonly FlowcraftEvent[]): string[] {
  return events.flatMap(({ type, payload, executionId }) =>
    type === 'node:finish' ? [`${executionId} ${payload.nodeId} ${payload.iteration}`] : [],
  )
}

/** Kills a run after each of its events, and lets another process recover it: it must end as if nothing had happened. */
async function recoverFromEveryEvent(
  flow: RegisteredFlow,
  calls: string[],
  options: RuntimeOptions = {},
): Promise<void> {
  const { result, events } = await undisturbed(flow, options)
  const { executionId } = result
  for (let count = 1; count <= events.length; count += 1) {
    const stored = events.slice(0, count)
    const store = await storeWith(stored)
    calls.length = 0
    const recovered = await rescuer(store, { flows: [flow], ...options }).recover(executionId)
    const where = `after ${count} of ${events.length} events, ${stored.at(-1)!.type}`
    expect(recovered.status, `${where}: status`).toBe(result.status)
    expect(recovered.context, `${where}: context`).toEqual(result.context)
    expect(
      recovered.errors?.map(({ message }) => message),
      `${where}: errors`,
    ).toEqual(result.errors?.map(({ message }) => message))
    const finished = new Set(finishesOf(stored))
    expect(
      calls.filter((call) => finished.has(call)),
      `${where}: calls`,
    ).toEqual([])
    const all = [...(await logsOf(store)).values()].flat()
    const finishes = finishesOf(all)
    expect(new Set(finishes).size, `${where}: errors`).toBe(finishes.length)
    const replayed = await rescuer(store).replay(flow.toBlueprint(), await store.retrieve(executionId))
    expect(replayed.context, `${where}: calls`).toEqual(recovered.context)
  }
}

describe('a run that was cut off after any of its events', () => {
  const calls: string[] = []
  const note = async ({ executionId, nodeId, iteration, input }: NodeContext) => {
    calls.push(`${executionId} ${nodeId} ${iteration}`)
    return { output: input ?? nodeId }
  }

  it('goes on as a chain', async () => {
    await recoverFromEveryEvent(
      createFlow('chain').node('a', note).node('b', note).node('c', note).edge('a', 'b').edge('b', 'c'),
      calls,
    )
  })

  it('goes on with what runs side by side and comes together', async () => {
    await recoverFromEveryEvent(
      createFlow('diamond')
        .node('a', note)
        .node('b', note)
        .node('c', note)
        .node('d', note)
        .edge('a', 'b')
        .edge('a', 'c', { condition: 'result.output == "a"' })
        .edge('b', 'd')
        .edge('c', 'd', { transform: 'input' }),
      calls,
    )
  })

  it('goes on with attempts, writes and fallbacks', async () => {
    const stubborn = async (context: NodeContext) => {
      await context.context.set('tried', context.attempt > 0)
      await note(context)
      throw new Error('no')
    }
    await recoverFromEveryEvent(
      createFlow('retries')
        .node('a', stubborn, { config: { maxRetries: 3, fallback: 'b' } })
        .node('b', note)
        .node('c', stubborn, { config: { maxRetries: 2, fallback: 'spare' } })
        .node('d', stubborn)
        .edge('a', 'c'),
      calls,
      { registry: { spare: note } },
    )
  })

  it('goes on in the turns of a loop', async () => {
    await recoverFromEveryEvent(
      createFlow('loop')
        .node('first', async (context: NodeContext) => (await note(context), { output: 0 }))
        .node('body', async (context: NodeContext) => (await note(context), { output: Number(context.input) + 1 }))
        .loop('again', { startNodeId: 'body', endNodeId: 'body', condition: 'input < 3' })
        .node('last', note)
        .edge('first', 'body')
        .edge('again', 'last'),
      calls,
    )
  })

  it('goes on with the workers of a batch', async () => {
    await recoverFromEveryEvent(
      createFlow('batch')
        .node('items', async () => ({ output: [1, 2, 3, 4, 5] }))
        .batch('each', note, { inputKey: 'items', chunkSize: 2, concurrency: 1 })
        .node('sum', note)
        .edge('items', 'each')
        .edge('each', 'sum'),
      calls,
    )
  })

  it('goes on with the runs of its subflows, in each other', async () => {
    const inner = createFlow('inner').node('x', note).node('y', note).edge('x', 'y')
    const middle = createFlow('middle').node('m', note).subflow('deep', { blueprintId: 'inner' }).edge('m', 'deep')
    const flow = createFlow('outer')
      .node('a', note)
      .subflow('sub', { blueprintId: 'middle' })
      .subflow('beside', { blueprintId: 'inner' })
      .node('z', note)
      .edge('a', 'sub')
      .edge('sub', 'z')
      .edge('beside', 'z')
    await recoverFromEveryEvent(flow, calls, { flows: [inner, middle, flow] })
  })

  it('goes on with nodes that were created', async () => {
    const maker = async (context: NodeContext) => {
      await note(context)
      return {
        output: 1,
        dynamicNodes: [
          { id: 'p', uses: 'note' },
          { id: 'q', uses: 'note' },
        ],
        dynamicEdges: [{ source: 'p', target: 'q' }],
      }
    }
    await recoverFromEveryEvent(
      createFlow('dynamic').node('make', maker).node('next', note).edge('make', 'next'),
      calls,
      {
        registry: { note },
      },
    )
  })

  it('parks again where it waits', async () => {
    const flow = createFlow('waits').node('a', note).wait('ask').node('b', note).edge('a', 'ask').node('c', pass)
    await recoverFromEveryEvent(flow.edge('ask', 'b'), calls)
  })
})
