import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext, type WorkflowBlueprint } from 'flowcraft'
import { graph, runRecorded } from './run-recorded.ts'

/** Edges and node of a loop as the builder makes them. */
function loop(id: string, first: string, last: string, condition: string): Parts {
  return {
    edges: [
      { source: last, target: id },
      { source: id, target: first, action: 'continue' },
    ],
    nodes: { [id]: { uses: 'loop-controller', params: { condition }, config: { joinStrategy: 'any' } } },
  }
}

interface Parts {
  readonly edges: WorkflowBlueprint['edges']
  readonly nodes: Record<string, Partial<WorkflowBlueprint['nodes'][number]>>
}

const brk = (source: string, target: string) => ({ source, target, action: 'break' })
const count = ({ input }: NodeContext) => ({ output: (typeof input === 'number' ? input : 0) + 1 })
const pass = ({ input }: NodeContext) => ({ output: input })

describe('a loop', () => {
  it('runs its body again while the condition holds, and hands the last value on', async () => {
    const { edges, nodes } = loop('l', 'work', 'work', 'input < 3')
    const { result, started, of } = await runRecorded(graph(['start -> work', ...edges, brk('l', 'end')], nodes), {
      start: () => ({ output: 0 }),
      work: count,
      end: pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: 3, l: 3, work: 3 } })
    expect(started).toEqual(['start', 'work', 'l', 'work', 'l', 'work', 'l', 'end'])
    expect(of('node:start').map(({ payload }) => payload.iteration)).toEqual([0, 0, 0, 1, 1, 2, 2, 0])
  })

  it('asks first when it is entered at its controller', async () => {
    const { edges, nodes } = loop('l', 'work', 'work', 'input < 3')
    const blueprint = graph(['start -> l', ...edges, brk('l', 'end')], nodes)
    const registry = { start: () => ({ output: 5 }), work: count, end: pass }
    expect((await runRecorded(blueprint, registry)).started).toEqual(['start', 'l', 'end'])
    const more = await runRecorded(blueprint, { ...registry, start: () => ({ output: 1 }) })
    expect(more.started).toEqual(['start', 'l', 'work', 'l', 'work', 'l', 'end'])
    expect(more.result.context).toMatchObject({ end: 3 })
  })

  it('ends when nothing comes after it', async () => {
    const { edges, nodes } = loop('l', 'work', 'work', 'input < 2')
    const { result, started } = await runRecorded(graph(['start -> work', ...edges], nodes), {
      start: () => ({ output: 0 }),
      work: count,
    })
    expect([result.status, started.length]).toEqual(['completed', 5])
  })

  it('begins where its body does when nothing leads to it', async () => {
    const { edges, nodes } = loop('l', 'work', 'work', 'input < 2')
    const { result, started } = await runRecorded(graph([...edges], nodes), { work: count })
    expect([result.status, started]).toEqual(['completed', ['work', 'l', 'work', 'l']])
  })

  it('skips a branch that the last turn did not take, though an earlier one did', async () => {
    const { edges, nodes } = loop('l', 'a', 'join', 'input.n < 3')
    const blueprint = graph(
      [
        'start -> a',
        { source: 'a', target: 'odd', action: 'odd' },
        { source: 'a', target: 'even', action: 'even' },
        'odd -> join',
        'even -> join',
        { source: 'odd', target: 'after odd' },
        ...edges,
        brk('l', 'end'),
      ],
      nodes,
    )
    let n = 0
    const { result, of } = await runRecorded(blueprint, {
      start: () => ({}),
      a: () => ({ output: (n += 1), action: n % 2 === 1 ? 'odd' : 'even' }),
      odd: ({ input }) => ({ output: `odd ${String(input)}` }),
      even: ({ input }) => ({ output: `even ${String(input)}` }),
      join: ({ input }) => ({ output: { n, input } }),
      'after odd': pass,
      end: pass,
    })
    expect(result.status).toBe('completed')
    expect(result.context['end']).toEqual({ n: 3, input: { odd: 'odd 3' } })
    // It is a side branch of the loop, so it runs in each turn that takes it.
    expect(of('node:skipped').map(({ payload }) => payload.nodeId)).toEqual(['even', 'odd', 'after odd', 'even'])
    expect(result.context['after odd']).toBe('odd 3')
  })

  it('runs inside another one, fresh in each turn of that', async () => {
    const inner = loop('inner', 'b', 'b', 'input % 3 != 0')
    const outer = loop('outer', 'a', 'c', 'input < 6')
    const blueprint = graph(
      ['start -> a', 'a -> b', ...inner.edges, brk('inner', 'c'), ...outer.edges, brk('outer', 'end')],
      { ...inner.nodes, ...outer.nodes },
    )
    const { result, started } = await runRecorded(blueprint, {
      start: () => ({ output: 0 }),
      a: pass,
      b: count,
      c: pass,
      end: pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: 6 } })
    expect(started.join(' ')).toBe('start a b inner b inner b inner c outer a b inner b inner b inner c outer end')
  })

  it('ends where it is fed from outside as well, and where only the way round another loop leads', async () => {
    const outer = loop('outer', 'a', 'z', 'input.c < 2')
    const inner = loop('inner', 'c', 'c', 'input < 1')
    const blueprint = graph(
      [
        'feed -> z',
        'start -> a',
        'a -> inner',
        ...inner.edges,
        'c -> z',
        ...outer.edges,
        brk('inner', 'end'),
        brk('outer', 'end'),
      ],
      { ...inner.nodes, ...outer.nodes },
    )
    const { result, started } = await runRecorded(blueprint, {
      start: () => ({}),
      feed: () => ({ output: 'fed' }),
      a: () => ({ output: 0 }),
      c: ({ iteration }) => ({ output: iteration }),
      z: pass,
      end: pass,
    })
    expect(started.join(' ')).toBe('feed start a inner c inner c inner z outer a inner c inner z outer end')
    expect(result.context['end']).toEqual({ inner: 2, outer: { feed: 'fed', c: 2 } })
  })

  it('is written by the builder', async () => {
    const flow = createFlow('f')
      .node('start', async () => ({ output: 1 }))
      .node('double', async ({ input }: NodeContext) => ({ output: Number(input) * 2 }))
      .node('end', async ({ input }: NodeContext) => ({ output: input }))
      .loop('again', { startNodeId: 'double', endNodeId: 'double', condition: 'input < 100' })
      .edge('start', 'double')
      .edge('again', 'end')
    const { result } = await runRecorded(flow.toBlueprint(), flow.getFunctionRegistry())
    expect(result.context['end']).toBe(128)
  })

  it('takes 50 000 turns', async () => {
    const { edges, nodes } = loop('l', 'work', 'work', 'input < 50000')
    const { result } = await runRecorded(graph(['start -> work', ...edges, brk('l', 'end')], nodes), {
      start: () => ({ output: 0 }),
      work: count,
      end: pass,
    })
    expect(result.context['end']).toBe(50_000)
  }, 60_000)
})

describe('a cycle without a controller', () => {
  it('goes round as long as an edge leads back', async () => {
    const blueprint = graph([
      'start -> a',
      'a -> b',
      { source: 'b', target: 'a', condition: 'result.output < 3' },
      { source: 'b', target: 'end', condition: 'result.output >= 3' },
    ])
    const { result, started } = await runRecorded(blueprint, {
      start: () => ({ output: 0 }),
      a: pass,
      b: count,
      end: pass,
    })
    expect(started.join(' ')).toBe('start a b a b a b end')
    expect(result.context['end']).toBe(3)
  })

  it('ends at the limit of executions, also where it only ever runs a fallback for what cannot start', async () => {
    const blueprint = graph(
      ['start -> a', { source: 'a', target: 'a', action: 'again', transform: 'input.none.there' }],
      { a: { config: { fallback: 'instead' } } },
    )
    const { result, of } = await runRecorded(
      blueprint,
      // Without a limit that holds, it ends some time.
      {
        start: pass,
        a: () => ({ action: 'again' }),
        instead: ({ iteration }) => (iteration < 50 ? { action: 'again' } : {}),
      },
      {},
      { maxIterations: 5 },
    )
    expect(result.errors?.at(-1)?.code).toBe('MAX_ITERATIONS_EXCEEDED')
    expect(of('node:start').map(({ payload }) => payload.nodeId)).toEqual(['start', 'a', 'a', 'a', 'a'])
  })
})
