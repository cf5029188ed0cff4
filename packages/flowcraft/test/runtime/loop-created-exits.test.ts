import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from 'flowcraft'
import { isPlan, planOf, type Plan } from '../../src/blueprint/plan.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'
import { fromFrontierData, toFrontierData, type FrontierData } from '../../src/scheduler/frontier-data.ts'
import { creatingInTurn, edge, node, registry } from './dynamic-parts.ts'
import { controller, failingIn, goOn, lost, stop, turn } from './loop-parts.ts'
import { frontierAfter, graph, recordingRuntime, runRecorded } from './run-recorded.ts'

describe('an edge that was created in a loop, and leads out of it', () => {
  it('is dead when an end of an inner loop that it leaves too fails, though its source is forgotten', async () => {
    const blueprint = graph(
      [
        'start -> a',
        'a -> outer',
        goOn('outer', 'a'),
        stop('outer', 'end'),
        'a -> b',
        'b -> w',
        'w -> z',
        'z -> inner',
        goOn('inner', 'b'),
        stop('inner', 'end'),
        'end -> aside',
      ],
      {
        outer: controller('false'),
        inner: controller('true'),
        w: { uses: 'wait' },
        aside: { config: { joinStrategy: 'any' } },
      },
    )
    const functionRegistry = {
      ...registry,
      start: turn,
      a: turn,
      b: creatingInTurn((at) =>
        at === 0 ? { dynamicNodes: [node('d')], dynamicEdges: [edge('b', 'd'), edge('d', 'aside')] } : {},
      ),
      z: failingIn(1),
      end: turn,
      aside: turn,
    }
    const { runtime, store, look } = recordingRuntime()
    const { executionId } = await runtime.run(blueprint, {}, { functionRegistry })
    await runtime.resume(executionId, {}, { functionRegistry })
    // It is parked in the second turn; as text, it knows what the edge leaves as well.
    const frontier = frontierAfter(blueprint, await store.retrieve(executionId))
    const { json, notes } = encodeValue(toFrontierData(frontier))
    const again = fromFrontierData(planFor(blueprint), decodeValue(json, notes) as FrontierData)
    expect(frontier.createdExits?.size).toBe(1)
    expect(again.createdExits).toEqual(frontier.createdExits)

    const run = await look(blueprint, await runtime.resume(executionId, {}, { functionRegistry }))
    expect(run.started).toEqual(['start', 'a', 'outer', 'b', 'w', 'd', 'z', 'inner', 'b', 'w', 'z'])
    expect(lost(run)).toEqual(['inner', 'end', 'aside'])
  })

  it('is dead when an end of the loop fails, though a worker of a batch created it', async () => {
    const blueprint = graph(
      ['start -> a', 'a -> s', 's -> g', 'g -> l', goOn('l', 'a'), stop('l', 'end'), 'end -> aside'],
      {
        s: { uses: 'batch-scatter', params: { workerUsesKey: 'worker', gatherNodeId: 'g', outputKey: 'all' } },
        g: { uses: 'batch-gather', params: {} },
        l: controller('true'),
        aside: { config: { joinStrategy: 'any' } },
      },
    )
    const run = await runRecorded(blueprint, {
      start: turn,
      a: ({ iteration }) => ({ output: [iteration, iteration + 1] }),
      worker: ({ input, nodeId }) => {
        if (input === 2) throw new Error('broken')
        return { output: input, dynamicNodes: [], dynamicEdges: [edge(nodeId, 'aside')] }
      },
      end: turn,
      aside: turn,
    })
    expect(run.started).toEqual(['start', 'a', 's', 's[0]', 's[1]', 'g', 'l', 'a', 's', 's[0]', 's[1]', 'g'])
    expect(lost(run)).toEqual(['l', 'end', 'aside'])
  })

  it('is taken when an end of a loop fails that it stays in', async () => {
    const blueprint = graph(
      [
        'start -> a',
        'a -> z',
        'z -> outer',
        goOn('outer', 'a'),
        stop('outer', 'end'),
        'a -> b',
        'b -> inner',
        goOn('inner', 'b'),
        stop('inner', 'p'),
      ],
      { outer: controller('false'), inner: controller('false') },
    )
    const run = await runRecorded(blueprint, {
      ...registry,
      start: turn,
      a: turn,
      z: failingIn(0),
      b: creatingInTurn(() => ({ dynamicNodes: [node('d')], dynamicEdges: [edge('b', 'd'), edge('d', 'p')] })),
      p: turn,
      end: turn,
    })
    expect(run.result.context['_inputs.p']).toEqual({ inner: 0, d: 'd(0)' })
    expect(lost(run)).toEqual(['outer', 'end'])
  })

  it('is known for as long as it may lead somewhere', async () => {
    const blueprint = graph(
      [
        'start -> a',
        'a -> b',
        'b -> inner',
        goOn('inner', 'b'),
        stop('inner', 'p'),
        'p -> outer',
        goOn('outer', 'a'),
        stop('outer', 'end'),
      ],
      { outer: controller('input < 9'), inner: controller('input % 2 == 0') },
    )
    const { events, started } = await runRecorded(blueprint, {
      ...registry,
      start: turn,
      a: turn,
      b: creatingInTurn(() => ({ dynamicNodes: [node('d')], dynamicEdges: [edge('b', 'd'), edge('d', 'p')] })),
      p: turn,
      end: turn,
    })
    expect(started.filter((id) => id === 'd')).toHaveLength(20)
    // Those of the last turn of the outer loop.
    expect(frontierAfter(blueprint, events).createdExits?.size).toBe(2)
  })
})

function planFor(blueprint: WorkflowBlueprint): Plan {
  const plan = planOf(blueprint)
  if (!isPlan(plan)) throw new Error(plan.join())
  return plan
}
