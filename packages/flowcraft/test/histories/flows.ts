import { createFlow, FlowcraftError, type NodeRegistry, type WorkflowBlueprint } from 'flowcraft'

/** A run to be recorded: one for each feature that has a mark in the log. */
export interface RecordedCase {
  readonly blueprint: WorkflowBlueprint
  readonly functionRegistry: NodeRegistry
  readonly initialState: object
}

const routing = createFlow('routing')
  .node('start', () => ({ output: { amount: 5 }, action: 'small' }))
  .node('small', ({ input }) => ({ output: input }))
  .node('large', () => ({}))
  .node('other', () => ({}))
  .node('join', ({ input }) => ({ output: input }))
  .edge('start', 'small', { action: 'small', condition: 'input.amount < 10', transform: 'input.amount * 2' })
  .edge('start', 'large', { action: 'large' })
  .edge('start', 'other')
  .edge('small', 'join')
  .edge('large', 'join')

const failing = createFlow('failing')
  .node(
    'flaky',
    async ({ attempt, context }) => {
      await context.set('tries', attempt)
      if (attempt === 1) throw new TypeError('not yet', { cause: { code: 'EAGAIN' } })
      return { output: attempt }
    },
    { config: { maxRetries: 2, retryDelay: 1 } },
  )
  .node(
    'broken',
    () => {
      throw new FlowcraftError('cannot be done', { cause: new RangeError('out of range') })
    },
    { config: { fallback: 'spare' } },
  )
  .node('spare', () => ({ output: 'spare' }))
  .node('lost', () => {
    throw new Error('lost')
  })
  .node('behind', () => ({}))
  .edge('lost', 'behind')

const values = createFlow('values').node('all', async ({ context }) => {
  await context.delete('gone')
  const shared = { n: 1 }
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle['self'] = cycle
  await context.set('cycle', cycle)
  return {
    output: {
      numbers: [Number.NaN, Number.POSITIVE_INFINITY, -0, 2n ** 70n],
      nothing: undefined,
      date: new Date(0),
      pattern: /a\/b/giu,
      url: new URL('https://example.org/?q=1'),
      map: new Map([[{ key: 1 }, new Set([1, 'two'])]]),
      error: new Error('outer', { cause: new TypeError('inner') }),
      bytes: new Uint8Array([0, 1, 255]),
      texts: ['a\0b', '\ud800', '🎉'],
      shared: [shared, shared],
    },
  }
})

const fatal = createFlow('fatal').node('stop', () => {
  throw new FlowcraftError('stop everything', { isFatal: true })
})

const cancelled = createFlow('cancelled').node('waits', () => new Promise<void>(() => {}))

const of = (
  flow: { toBlueprint(): WorkflowBlueprint; getFunctionRegistry(): NodeRegistry },
  initialState = {},
): RecordedCase => ({
  blueprint: flow.toBlueprint(),
  functionRegistry: flow.getFunctionRegistry(),
  initialState,
})

export const cases: ReadonlyMap<string, RecordedCase> = new Map([
  ['routing', of(routing)],
  ['failing', of(failing)],
  ['values', of(values, { gone: true, kept: new Date(1) })],
  ['fatal', of(fatal)],
  ['cancelled', of(cancelled)],
])
