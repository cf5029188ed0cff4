import { BaseNode, createFlow, FlowcraftError, type NodeContext, type NodeResult } from 'flowcraft'
import { caseOf, type Drive, type RecordedCase } from './recorded-case.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

class Steady extends BaseNode {
  override async prep({ input, context }: NodeContext) {
    await context.set('prepared', true)
    return Number(input)
  }
  override async exec(prepared: unknown, { attempt }: NodeContext) {
    if (attempt < 3) throw new Error(`attempt ${attempt}`)
    return { output: Number(prepared) + attempt }
  }
  override async post(result: NodeResult | void) {
    return { ...result, action: 'done' }
  }
}

class Replaced extends BaseNode {
  override async exec(): Promise<NodeResult> {
    throw new Error('never')
  }
  override async fallback() {
    return { output: 'replaced' }
  }
}

class Unprepared extends BaseNode {
  override async prep(): Promise<unknown> {
    throw new Error('not prepared')
  }
  override async exec() {
    return { output: 1 }
  }
}

const classes = createFlow('classes')
  .node('start', () => ({ output: 1 }))
  .node('steady', Steady, { config: { maxRetries: 4, retryDelay: 1, retryBackoff: 'exponential', retryMaxDelay: 2 } })
  .node('replaced', Replaced, { config: { maxRetries: 2 } })
  .node('unprepared', Unprepared, { config: { maxRetries: 3 } })
  .node('done', pass)
  .edge('start', 'steady')
  .edge('steady', 'done', { action: 'done' })

const defaults = createFlow('defaults')
  .node('start', () => ({ output: { amount: 20, name: 'n' }, action: 'small' }))
  .node('small', pass)
  .node('usual', ({ input }) => ({ output: input, action: 'known' }))
  .node('known', pass)
  .node('unneeded', pass)
  .node('failing', pass)
  .node('mapped', pass, { inputs: { name: 'start.name', amount: 'start.amount' } })
  .edge('start', 'small', { action: 'small', condition: 'input.amount < limit' })
  .edge('start', 'usual', { transform: '[result.action, input.name]' })
  .edge('usual', 'known', { action: 'known' })
  .edge('usual', 'unneeded')
  .edge('start', 'failing', { transform: 'input.nothing.at.all' })
  .edge('known', 'mapped')

const joins = createFlow('joins')
  .node('start', () => ({ output: 'given' }))
  .node('quick', pass)
  .node('broken', () => {
    throw new Error('broken')
  })
  .node('either', pass, { config: { joinStrategy: 'any' } })
  .node('both', pass)
  .node('behind', pass)
  .edge('start', 'quick')
  .edge('start', 'broken')
  .edge('quick', 'either')
  .edge('broken', 'either')
  .edge('quick', 'both')
  .edge('broken', 'both')
  .edge('both', 'behind')

const late = createFlow('late')
  .wait('ask', { event: 'answer', timeout: 1 })
  .node('slow', () => new Promise<void>(() => {}), { config: { timeout: 5, fallback: 'late/instead' } })
  .node('spare', () => ({ output: 'spare' }))
  .node('gone', pass)
  .node('asked', pass)
  .edge('ask', 'gone', { action: 'timeout' })
  .edge('ask', 'asked')

const cycle = createFlow('cycle')
  .node('first', ({ input }) => ({ output: Number(input ?? 0) + 1 }))
  .node('second', ({ input }) => ({ output: input, action: Number(input) < 3 ? 'again' : 'enough' }))
  .node('last', pass)
  .edge('first', 'second')
  .edge('second', 'first', { action: 'again' })
  .edge('second', 'last', { action: 'enough' })
  .setCycleEntryPoint('first')

const nested = createFlow('nested')
  .node('start', () => ({ output: 0 }))
  .node('outer', ({ input, iteration }) => ({ output: [Number(Array.isArray(input) ? input[0] : input), iteration] }))
  .node('inner', ({ iteration }) => ({ output: iteration }))
  .loop('inside', { startNodeId: 'inner', endNodeId: 'inner', condition: 'input % 2 == 0' })
  .node('end', ({ iteration }) => ({ output: [iteration] }))
  .loop('around', { startNodeId: 'outer', endNodeId: 'end', condition: 'input[0] < 1' })
  .node('after', pass)
  .edge('start', 'outer')
  .edge('outer', 'inner')
  .edge('inside', 'end')
  .edge('around', 'after')

const cut = createFlow('recovered')
  .node('start', () => ({ output: 1 }))
  .node('left', ({ input, attempt }) => ({ output: [input, attempt] }))
  .node('right', pass)
  .node('join', pass)
  .edge('start', 'left', { condition: 'input == 1' })
  .edge('start', 'right')
  .edge('left', 'join')
  .edge('right', 'join')

const tries = createFlow('tries')
  .node('only', ({ input }) => {
    if (Number(input) < 2) throw new FlowcraftError('too small')
    return { output: input }
  })

const repeated = createFlow('repeated')
  .node('start', () => ({ output: 1 }))
  .subflow('sub', { blueprintId: 'tries', config: { maxRetries: 2, fallback: 'spare' } })
  .node('spare', () => ({ output: 'spare' }))
  .node('end', pass)
  .edge('start', 'sub')
  .edge('sub', 'end')

const forked = createFlow('forked')
  .node('start', () => ({ output: 1, action: 'small' }))
  .node('small', async ({ input, context }) => {
    await context.set('seen', input)
    return { output: input }
  })
  .node('large', pass)
  .node('join', pass)
  .node('end', async ({ input, context }) => ({ output: [input, await context.get('seen')] }))
  .edge('start', 'small', { action: 'small' })
  .edge('start', 'large', { action: 'large' })
  .edge('small', 'join')
  .edge('large', 'join')
  .edge('join', 'end')

const awaitTimeout: Drive = async (handle, runtime) => {
  await handle.result()
  runtime.startScheduler(1)
  try {
    return await runtime.result(handle.executionId, { wait: true })
  } finally {
    runtime.stopScheduler()
  }
}

const forkBehind: Drive = async (handle, runtime) => {
  await handle.result()
  const { functionRegistry } = forkedCase
  const options = { functionRegistry, executionId: 'forked:fork', set: { seen: 'other' }, outputs: { end: 'given' } }
  const once = await runtime.fork(handle.executionId, { at: { after: 'small' }, ...options })
  return await once.result()
}

const forkAgain: Drive = async (handle, runtime) => {
  await handle.result()
  const { functionRegistry } = forkedCase
  const options = { functionRegistry, executionId: 'forked-again:fork', rerun: ['small'] }
  const again = await runtime.fork(handle.executionId, { at: 'end', ...options })
  return await again.result()
}

const forkedCase = caseOf(forked)

/** Those that were recorded since the first ones. */
export const laterCases: readonly (readonly [string, RecordedCase])[] = [
  ['classes', caseOf(classes)],
  ['defaults', caseOf(defaults, { limit: 10 })],
  ['joins', caseOf(joins)],
  [
    'late',
    caseOf(late, {}, {
      functionRegistry: new Map([...late.getFunctionRegistry(), ['late/instead', async () => ({ output: 'instead' })]]),
      drive: awaitTimeout,
    }),
  ],
  ['cycle', caseOf(cycle)],
  ['nested', caseOf(nested)],
  [
    'recovered',
    caseOf(cut, {}, { isCutBehind: ({ type, payload }) => type === 'node:finish' && payload.nodeId === 'left' }),
  ],
  ['repeated', caseOf(repeated, {}, { flows: [tries] })],
  ['forked', caseOf(forked, {}, { drive: forkBehind, executionId: 'forked:fork' })],
  ['forked-again', caseOf(forked, {}, { drive: forkAgain, executionId: 'forked-again:fork' })],
]
