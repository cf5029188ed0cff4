import { setTimeout } from 'node:timers/promises'
import { createFlow, type NodeContext, type NodeImplementation, type RegisteredFlow } from 'flowcraft'
import type { Diary } from './diary.ts'

/** The names of the flows that are cut off, in the order in which tests go through them. */
export const scenarioNames = [
  'chain',
  'fan-out',
  'retries',
  'batch',
  'loop',
  'subflow',
  'sleep',
  'everything',
  'nap',
  'load',
] as const

/** The name of a flow that is cut off. */
export type ScenarioName = (typeof scenarioNames)[number]

/** The flows by their names, and the one that subflows name. What their nodes do is in the diary. */
export function scenarioFlows(diary: Pick<Diary, 'note'>): Record<ScenarioName | 'inner', RegisteredFlow> {
  const node = (give: (context: NodeContext) => unknown): NodeImplementation => nodeThat(diary, give)
  const pass = node(({ nodeId, input }) => ({ [nodeId]: input ?? null }))
  const text = node(({ nodeId }) => nodeId)
  const write = node(async ({ nodeId, context }) => {
    await context.set(`written by ${nodeId}`, new Map([['by', nodeId]]))
    return nodeId
  })
  const flaky = node(({ nodeId, attempt }) => {
    if (attempt < 3) throw new Error(`${nodeId} is not ready`)
    return nodeId
  })
  const stubborn = node(({ nodeId }) => {
    throw new Error(`${nodeId} never works`)
  })
  const items = node(() => [1, 2, 3, 4, 5])
  const square = node(({ input }) => Number(input) ** 2)
  const zero = node(() => 0)
  const next = node(({ input }) => Number(input) + 1)
  const retries = { maxRetries: 3, retryDelay: 2 }

  const chain = createFlow('chain').node('a', text).node('b', write).node('c', pass).node('d', write).node('e', pass)
  chain.edge('a', 'b').edge('b', 'c').edge('c', 'd').edge('d', 'e')

  const fanOut = createFlow('fan-out')
    .node('a', text)
    .node('left', write)
    .node('middle', pass)
    .node('right', write)
    .node('never', pass)
    .node('join', pass)
    .edge('a', 'left')
    .edge('a', 'middle', { condition: 'result.output == "a"' })
    .edge('a', 'right', { transform: 'input' })
    .edge('a', 'never', { action: 'other' })
    .edge('left', 'join')
    .edge('middle', 'join')
    .edge('right', 'join')

  const retrying = createFlow('retries')
    .node('flaky', flaky, { config: retries })
    .node('stubborn', stubborn, { config: { maxRetries: 2, retryDelay: 2, fallback: 'instead' } })
    .node('instead', text)
    .node('last', pass)
    .edge('flaky', 'last')
    .edge('stubborn', 'last')

  const batch = createFlow('batch')
    .node('items', items)
    .batch('squares', square, { inputKey: 'items', chunkSize: 3 })
    .node('last', pass)
    .edge('items', 'squares')
    .edge('squares', 'last')

  const loop = createFlow('loop')
    .node('first', zero)
    .node('body', next)
    .loop('again', { startNodeId: 'body', endNodeId: 'body', condition: 'input < 3' })
    .node('last', pass)
    .edge('first', 'body')
    .edge('again', 'last')

  const inner = createFlow('inner')
    .node('in', text)
    .sleep('rest', { duration: 5 })
    .node('beside', write)
    .node('out', pass)
    .edge('in', 'rest')
    .edge('in', 'beside')
    .edge('rest', 'out')
    .edge('beside', 'out')

  const subflow = createFlow('subflow')
    .node('before', text)
    .subflow('child', { blueprintId: 'inner' })
    .node('after', pass)
    .edge('before', 'child')
    .edge('child', 'after')

  const sleep = createFlow('sleep')
    .node('before', text)
    .sleep('short', { duration: 5 })
    .node('between', write)
    .sleep('shorter', { duration: 2 })
    .node('after', pass)
    .edge('before', 'short')
    .edge('short', 'between')
    .edge('between', 'shorter')
    .edge('shorter', 'after')

  const everything = createFlow('everything')
    .node('items', items)
    .batch('squares', square, { inputKey: 'items', onError: 'collect' })
    .node('flaky', flaky, { config: retries })
    .subflow('child', { blueprintId: 'inner' })
    .sleep('rest', { duration: 5 })
    .node('zero', zero)
    .node('body', next)
    .loop('again', { startNodeId: 'body', endNodeId: 'body', condition: 'input < 3' })
    .node('join', pass)
    .edge('items', 'squares')
    .edge('items', 'child')
    .edge('items', 'rest')
    .edge('rest', 'zero')
    .edge('zero', 'body')
    .edge('again', 'join')
    .edge('squares', 'join')
    .edge('child', 'join')
    .edge('flaky', 'join')

  const slow = nodeThat(diary, ({ nodeId }) => nodeId, 20)
  const nap = createFlow('nap')
    .node('before', text)
    .sleep('asleep', { duration: 1500 })
    .node('awake', slow)
    .edge('before', 'asleep')
    .edge('asleep', 'awake')

  const load = createFlow('load')
    .node('a', text)
    .node('left', write)
    .node('right', pass)
    .node('join', pass)
    .edge('a', 'left')
    .edge('a', 'right')
    .edge('left', 'join')
    .edge('right', 'join')

  return {
    chain,
    'fan-out': fanOut,
    retries: retrying,
    batch,
    loop,
    subflow,
    sleep,
    everything,
    nap,
    load,
    inner,
  }
}

/** A node whose work takes some milliseconds, so that there is something to be cut off in. */
function nodeThat(
  diary: Pick<Diary, 'note'>,
  give: (context: NodeContext) => unknown,
  workMs: number = 1,
): NodeImplementation {
  return async (context: NodeContext) => {
    diary.note('began', context)
    try {
      await setTimeout(workMs)
      return { output: await give(context) }
    } finally {
      diary.note('ended', context)
    }
  }
}
