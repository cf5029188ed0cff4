import { createFlow, type NodeContext, type RegisteredFlow, type WorkflowBlueprint } from 'flowcraft'

/** A flow that parks at least once. */
export interface Scenario {
  readonly about: string
  readonly state?: object
  /** A new one each time, that tells `note` of each call of a node. */
  make(note: (call: string) => void): Flows
}

/** A flow with the flows that it runs as subflows. */
export interface Flows {
  readonly flow: RegisteredFlow
  readonly subflows: readonly RegisteredFlow[]
}

/** What a scenario's nodes do. */
type Work = (result?: object) => (call: NodeContext) => Promise<object>

type MakeWith = (work: Work) => RegisteredFlow | readonly [RegisteredFlow, ...RegisteredFlow[]]

const scenario = (about: string, makeWith: MakeWith, state?: object): Scenario => ({
  about,
  ...(state && { state }),
  make(note) {
    const work: Work = (result) => async (call) => {
      note(`${call.nodeId} ${call.iteration}.${call.attempt} ${JSON.stringify(call.input)}`)
      return result ?? { output: call.input }
    }
    const made = makeWith(work)
    const [flow, ...subflows] = 'toBlueprint' in made ? [made] : made
    return { flow, subflows }
  },
})

/** Answers once, then passes on what came. */
const child = (work: Work) =>
  createFlow('child')
    .node('in', work())
    .wait('ask', { event: 'reply' })
    .node('out', work())
    .edge('in', 'ask')
    .edge('ask', 'out')

/** A blueprint with code that only its registry knows. */
const raw = (
  blueprint: WorkflowBlueprint,
  registry: Record<string, (call: NodeContext) => object>,
): RegisteredFlow => ({
  toBlueprint: () => blueprint,
  getFunctionRegistry: () => new Map(Object.entries(registry)),
})

/** Flows that park in as many ways as there are. */
export const scenarios: readonly Scenario[] = [
  scenario('a chain', (work) => child(work)),
  scenario('branches that wait', (work) =>
    createFlow('branches')
      .node('start', work({ output: { a: new Date(5), b: new Map([['k', undefined]]), c: 5n } }))
      .wait('left')
      .wait('right')
      .node('quick', work())
      .node('join', work())
      .edge('start', 'left', { transform: 'input.a' })
      .edge('start', 'right')
      .edge('start', 'quick', { condition: 'false' })
      .edge('left', 'join')
      .edge('right', 'join', { transform: '[input, 1]' })
      .edge('quick', 'join'),
  ),
  scenario('a loop', (work) =>
    createFlow('loop')
      .node('start', work({ output: 0 }))
      .node('a', work())
      .wait('ask')
      .node('side', work())
      .node('end', work())
      .loop('again', { startNodeId: 'a', endNodeId: 'ask', condition: "input != 'answer 2'" })
      .edge('start', 'a')
      .edge('a', 'ask')
      .edge('a', 'side')
      .edge('side', 'end')
      .edge('again', 'end'),
  ),
  scenario(
    'a batch in chunks',
    (work) =>
      createFlow('batch')
        .batch('b', async (call) => (call.input === 'go' ? await work()(call) : { wait: {} }), {
          inputKey: 'items',
          chunkSize: 3,
          concurrency: 1,
        })
        .node('end', work())
        .edge('b', 'end'),
    { items: ['go', 'x', 'y', 'go', 'z'] },
  ),
  scenario('dynamic nodes in a loop', (work) =>
    createFlow('dynamic')
      .node('start', work({ output: 0 }))
      .node('maker', async (call) => {
        await work()(call)
        const edges = [
          { source: 'ask', target: 'made' },
          { source: 'made', target: 'last' },
        ]
        const made = [
          { id: 'ask', uses: 'wait' },
          { id: 'made', uses: 'dynamic/last' },
          { id: 'extra', uses: 'dynamic/last' },
        ]
        const count = call.iteration === 0 ? 3 : 2
        return { output: call.iteration, dynamicNodes: made.slice(0, count), dynamicEdges: edges }
      })
      .node('last', work())
      .node('end', work())
      .loop('again', { startNodeId: 'maker', endNodeId: 'last', condition: 'input.maker < 2' })
      .edge('start', 'maker')
      .edge('maker', 'last')
      .edge('again', 'end'),
  ),
  scenario('a subflow in a subflow', (work) => [
    createFlow('root')
      .node('first', work({ output: 'r' }))
      .subflow('outer', { blueprintId: 'middle' })
      .node('end', work())
      .edge('first', 'outer')
      .edge('outer', 'end'),
    createFlow('middle')
      .node('m', work())
      .subflow('inner', { blueprintId: 'child', inputs: { given: 'm' }, outputs: { taken: 'out' } })
      .subflow('other', { blueprintId: 'child' })
      .edge('m', 'inner')
      .edge('m', 'other'),
    child(work),
  ]),
  scenario('a subflow that is tried again after it has waited', (work) => [
    createFlow('root')
      .subflow('sub', { blueprintId: 'child', config: { maxRetries: 2 } })
      .node('end', work())
      .edge('sub', 'end'),
    createFlow('child')
      .wait('ask')
      .node('judge', async (call) => {
        await work()(call)
        if (call.executionId.endsWith('#0')) throw new Error('no good')
        return { output: call.input }
      })
      .edge('ask', 'judge'),
  ]),
  scenario('a batch in a loop in a subflow', (work) => [
    createFlow('root').subflow('sub', { blueprintId: 'turns' }).node('end', work()).edge('sub', 'end'),
    createFlow('turns')
      .node('start', work({ output: 0 }))
      .node('list', work({ output: [1, 2] }))
      .batch('b', async (call) => (await work()(call)) && { wait: {} }, { inputKey: 'list' })
      .loop('again', { startNodeId: 'list', endNodeId: 'b_gather', condition: "input[1] != 'answer 4'" })
      .edge('start', 'list')
      .edge('list', 'b'),
  ]),
  scenario('a failure before, a fallback that waits, and an error that is left', (work) =>
    raw(
      {
        id: 'faults',
        nodes: [
          { id: 'bad', uses: 'fail' },
          { id: 'saved', uses: 'fail', config: { fallback: 'stand-in', maxRetries: 2 } },
          { id: 'stand-in', uses: 'ask' },
          { id: 'key', uses: 'fail', config: { fallback: 'ask' } },
          { id: 'end', uses: 'work', config: { joinStrategy: 'any' } },
        ],
        edges: ['bad', 'saved', 'key'].map((source) => ({ source, target: 'end' })),
      },
      {
        fail: async (call) => {
          await call.context.set(`tried ${call.nodeId}`, call.attempt)
          throw Object.assign(new Error('no', { cause: 'why' }), { extra: [1] })
        },
        ask: async (call) => (await work()(call)) && { wait: { event: call.nodeId } },
        work: work(),
      },
    ),
  ),
  scenario(
    'targets',
    (work) =>
      createFlow('targets')
        .node('a', work({ output: 1 }))
        .wait('ask')
        .node('b', work())
        .node('c', work())
        .edge('a', 'ask')
        .edge('a', 'b')
        .edge('b', 'c'),
    { _targetNode: 'ask' },
  ),
  scenario('sleeps, and keys that were written and deleted', (work) =>
    createFlow('sleeps')
      .node('a', async (call) => {
        await call.context.set('kept', new Set([1, -0]))
        await call.context.set('gone', 1)
        await call.context.delete('gone')
        await call.context.delete('a')
        return await work({ output: 'hidden' })(call)
      })
      .sleep('nap', { duration: '1h' })
      .sleep('rest', { duration: '2h' })
      .node('end', work())
      .edge('a', 'nap')
      .edge('a', 'rest')
      .edge('nap', 'end')
      .edge('rest', 'end'),
  ),
]
