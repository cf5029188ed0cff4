import { createFlow, type NodeContext } from 'flowcraft'
import type { Flows } from './resume-scenarios.ts'

/** A flow that can be paused anywhere, and that never waits for anything but time or one and the same answer. */
export interface PauseScenario {
  readonly about: string
  /** A new one each time, that calls `onCall` when a node is called. */
  make(onCall: (call: NodeContext) => void): Flows
}

type Work = (result?: (call: NodeContext) => object) => (call: NodeContext) => Promise<object>

const scenario = (about: string, flows: (work: Work) => Flows['subflows']): PauseScenario => ({
  about,
  make(onCall) {
    const work: Work = (result) => async (call) => {
      onCall(call)
      await Promise.resolve()
      return result === undefined ? { output: [call.nodeId, call.input ?? null] } : result(call)
    }
    const [flow, ...subflows] = flows(work)
    return { flow: flow!, subflows }
  },
})

const fails = (times: number) => (call: NodeContext) => {
  if (call.attempt <= times) throw new Error('not yet')
  return { output: call.attempt }
}

/** Flows that have a boundary between nodes in as many places as there are. */
export const pauseScenarios: readonly PauseScenario[] = [
  scenario('a chain', (work) => [
    createFlow('chain').node('a', work()).node('b', work()).node('c', work()).edge('a', 'b').edge('b', 'c'),
  ]),
  scenario('branches', (work) => [
    createFlow('branches')
      .node('a', work())
      .node('b', work())
      .node('c', work())
      .node('d', work())
      .node('no', work())
      .node('join', work())
      .edge('a', 'b')
      .edge('a', 'c')
      .edge('c', 'd')
      .edge('a', 'no', { condition: 'false' })
      .edge('b', 'join')
      .edge('d', 'join')
      .edge('no', 'join'),
  ]),
  scenario('a loop', (work) => [
    createFlow('loop')
      .node(
        'start',
        work(() => ({ output: 0 })),
      )
      .node(
        'count',
        work(({ input }) => ({ output: Number(input) + 1 })),
      )
      .node('side', work())
      .node('end', work())
      .loop('again', { startNodeId: 'count', endNodeId: 'count', condition: 'input < 3' })
      .edge('start', 'count')
      .edge('count', 'side')
      .edge('side', 'end')
      .edge('again', 'end'),
  ]),
  scenario('a batch', (work) => [
    createFlow('batch')
      .node(
        'list',
        work(() => ({ output: [1, 2, 3, 4, 5] })),
      )
      .batch('b', work(), { inputKey: 'list', chunkSize: 3, concurrency: 2 })
      .node('end', work())
      .edge('list', 'b')
      .edge('b', 'end'),
  ]),
  scenario('attempts, and time between them', (work) => [
    createFlow('retries')
      .node('at once', work(fails(2)), { config: { maxRetries: 3 } })
      .node('later', work(fails(2)), { config: { maxRetries: 3, retryDelay: 100 } })
      .node('never', work(fails(9)), { config: { maxRetries: 2, retryDelay: 30, fallback: 'saved' } })
      .node('saved', work())
      .node('end', work())
      .edge('at once', 'end')
      .edge('later', 'end')
      .edge('never', 'end'),
  ]),
  scenario('subflows in subflows', (work) => {
    const leaf = createFlow('leaf')
      .node('x', work())
      .node('y', work(fails(1)), { config: { maxRetries: 2, retryDelay: 10 } })
      .edge('x', 'y')
    const middle = createFlow('middle')
      .subflow('in', { blueprintId: 'leaf' })
      .node('m', work())
      .subflow('next', { blueprintId: 'leaf' })
      .edge('in', 'm')
      .edge('m', 'next')
    const root = createFlow('root')
      .node('a', work())
      .subflow('sub', { blueprintId: 'middle' })
      .subflow('beside', { blueprintId: 'leaf' })
      .node('b', work())
      .node('end', work())
      .edge('a', 'sub')
      .edge('a', 'beside')
      .edge('a', 'b')
      .edge('sub', 'end')
      .edge('beside', 'end')
      .edge('b', 'end')
    return [root, leaf, middle]
  }),
  scenario('nodes that wait and sleep', (work) => {
    const child = createFlow('child').node('x', work()).wait('ask').node('y', work()).edge('x', 'ask').edge('ask', 'y')
    const root = createFlow('waits')
      .node('a', work())
      .wait('ask')
      .subflow('sub', { blueprintId: 'child' })
      .node('b', work())
      .node('end', work())
      .edge('a', 'ask')
      .edge('a', 'sub')
      .edge('a', 'b')
      .edge('ask', 'end')
      .edge('sub', 'end')
      .edge('b', 'end')
    return [root, child]
  }),
  scenario('nodes that are created', (work) => [
    createFlow('created')
      .node(
        'maker',
        work(() => ({
          output: 'made',
          dynamicNodes: [
            { id: 'one', uses: 'created/end' },
            { id: 'two', uses: 'created/end' },
          ],
          dynamicEdges: [
            { source: 'one', target: 'two' },
            { source: 'two', target: 'end' },
          ],
        })),
      )
      .node('end', work())
      .edge('maker', 'end'),
  ]),
]
