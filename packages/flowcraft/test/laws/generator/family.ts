import fc from 'fast-check'
import { createFlow, type FlowBuilder } from '../../../src/blueprint/builder.ts'
import type { NodeEntry } from '../../../src/blueprint/flow-types.ts'
import type { NodeContext, NodeResult } from '../../../src/blueprint/node.ts'

/** A part of a flow; parts stand one after the other, and some hold parts of their own. */
export type Part =
  | { readonly kind: 'node'; readonly failures: number }
  | { readonly kind: 'creator'; readonly count: number; readonly isChain: boolean; readonly joins: boolean }
  | { readonly kind: 'batch'; readonly items: number; readonly chunkSize: number; readonly collects: boolean }
  | { readonly kind: 'loop'; readonly turns: number; readonly body: readonly Part[] }
  | { readonly kind: 'subflow'; readonly maps: boolean; readonly retries: boolean; readonly parts: readonly Part[] }
  | { readonly kind: 'wait' }

/** A random flow, and how it is run. */
export interface Family {
  readonly parts: readonly Part[]
  /** Whether there is middleware around every node. */
  readonly wraps: boolean
}

/** Parts up to three levels deep. */
const randomParts: fc.Arbitrary<readonly Part[]> = fc.letrec<{ parts: readonly Part[]; part: Part }>((tie) => ({
  parts: fc.array(tie('part'), { minLength: 1, maxLength: 3, depthIdentifier: 'parts' }),
  part: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'parts' },
    fc.record({ kind: fc.constant('node'), failures: fc.nat(3) }),
    fc.record({ kind: fc.constant('creator'), count: fc.nat(3), isChain: fc.boolean(), joins: fc.boolean() }),
    fc.record({
      kind: fc.constant('batch'),
      items: fc.nat(4),
      chunkSize: fc.integer({ min: 1, max: 3 }),
      collects: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('wait') }),
    fc.record({ kind: fc.constant('loop'), turns: fc.integer({ min: 1, max: 3 }), body: tie('parts') }),
    fc.record({ kind: fc.constant('subflow'), maps: fc.boolean(), retries: fc.boolean(), parts: tie('parts') }),
  ) as fc.Arbitrary<Part>,
})).parts

/** Random families. */
export const randomFamily: fc.Arbitrary<Family> = fc.record({ parts: randomParts, wraps: fc.boolean() })

type Flow = FlowBuilder<Record<string, unknown>, Record<string, unknown>, NodeEntry>

/** The flow of parts, and before it the flows that it runs. */
export function toFlows(parts: readonly Part[], id = 'f'): readonly [...Flow[], Flow] {
  const flow: Flow = createFlow(id)
  const children: Flow[] = []
  flow.node('first', echo)
  let last = 'first'
  let count = 0
  const add = (part: Part): void => {
    count += 1
    const name = `${part.kind}${count}`
    if (part.kind === 'loop') {
      flow.node(name, echo).edge(last, name)
      const start = name
      last = name
      for (const inner of part.body) add(inner)
      flow.node(`${name} end`, turnOf).edge(last, `${name} end`)
      const condition = `input < ${part.turns}`
      flow.loop(`${name} again`, { startNodeId: start, endNodeId: `${name} end`, condition })
      last = `${name} again`
      return
    }
    if (part.kind === 'subflow') {
      children.push(...toFlows(part.parts, `${id}/${name}`))
      const mapping = part.maps ? { inputs: { given: last }, outputs: { [`${name} out`]: 'first' } } : {}
      flow.subflow(name, {
        blueprintId: `${id}/${name}`,
        ...mapping,
        ...(part.retries && { config: { maxRetries: 2 } }),
      })
    } else if (part.kind === 'batch') {
      flow.node(`${name} items`, async () => ({ output: Array.from({ length: part.items }, (_, index) => index) }))
      flow.edge(last, `${name} items`)
      last = `${name} items`
      const onError = part.collects ? 'collect' : 'fail'
      flow.batch(name, worker, { inputKey: last, chunkSize: part.chunkSize, onError, config: { maxRetries: 2 } })
    } else if (part.kind === 'wait') flow.wait(name)
    else if (part.kind === 'creator') flow.node(name, creatorOf(part))
    else flow.node(name, failing(part.failures), { config: { maxRetries: 3 } })
    flow.edge(last, name)
    last = name
    if (part.kind !== 'creator' || !part.joins) return
    flow.node(`${name} join`, echo).edge(name, `${name} join`)
    last = `${name} join`
  }
  for (const part of parts) add(part)
  flow.node('last', echo).edge(last, 'last')
  return [...children, flow]
}

/** The implementation that created nodes use. */
export const created = 'created'

export async function echo({ input, context, nodeId, iteration }: NodeContext): Promise<NodeResult> {
  await context.set(`seen by ${nodeId}`, iteration)
  return { output: typeof input === 'string' ? input : { [nodeId]: input ?? null } }
}

async function turnOf({ iteration }: NodeContext): Promise<NodeResult> {
  return { output: (iteration % 3) + 1 }
}

/** Every third item never succeeds, every second one at the second attempt only. */
async function worker({ input, attempt }: NodeContext): Promise<NodeResult> {
  if (input === 3 || (input === 1 && attempt === 1)) throw new Error(`item ${String(input)}`)
  return { output: input === 2 ? undefined : new Date(Number(input)) }
}

function failing(failures: number) {
  return async ({ attempt, input, context }: NodeContext): Promise<NodeResult> => {
    await context.set('tried', attempt)
    if (attempt <= failures) throw new Error(`attempt ${attempt}`)
    return { output: input }
  }
}

function creatorOf({ count, isChain, joins }: Extract<Part, { kind: 'creator' }>) {
  return async ({ nodeId, input }: NodeContext): Promise<NodeResult> => {
    const ids = Array.from({ length: count }, (_, index) => `${nodeId} made ${index}`)
    const dynamicNodes = ids.map((id) => ({ id, uses: created }))
    const links = isChain ? ids.slice(1).map((target, index) => ({ source: ids[index]!, target })) : []
    const joined = joins && ids.length > 0 ? [{ source: ids.at(-1)!, target: `${nodeId} join` }] : []
    return { output: input, dynamicNodes, dynamicEdges: [...links, ...joined] }
  }
}
