import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RandomFlow } from './generator/draft.ts'
import { driveFork } from './fork-drive.ts'
import { describeError } from './errors.ts'
import { drive } from './recovery-drive.ts'
import { confluentFlow, hasMereCycles, hasSideEntrances } from './recovery-flows.ts'
import type { FinishedRun } from './run-flow.ts'
import { checkedWith } from './runs.ts'
import { portraitOfContext } from './state-portrait.ts'

/** From 0 up to 1. */
const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)

/** The same flow, in which one node does nothing but give `value`. */
function withConstant(flow: RandomFlow, nodeId: string, value: number): RandomFlow {
  const key = `always ${value}`
  const output = { kind: 'number', value } as const
  const ending = { kind: 'return', output, action: undefined, mutatesLater: false } as const
  const attempt = { looks: false, mutatesInput: false, writes: [], delayMs: 0, lateWrites: [], ending }
  const { nodes, ...rest } = flow.blueprint
  return {
    ...flow,
    blueprint: { ...rest, nodes: nodes.map((node) => (node.id === nodeId ? { ...node, uses: key } : node)) },
    programs: new Map([...flow.programs, [key, [[attempt]]]]),
  }
}

function endOf({ result }: FinishedRun): unknown {
  const { status, context, errors = [] } = result
  return {
    status,
    context: portraitOfContext({ ...context, _executionId: 'any' }),
    errors: errors.map(describeError).sort(),
  }
}

it('a node that runs again with an output that is given makes of the run what it had been with that output at once', async () => {
  let count = 0
  const property = fc.asyncProperty(confluentFlow, anywhere, anywhere, async (flow, pick, place) => {
    fc.pre(!hasMereCycles(flow) && !hasSideEntrances(flow))
    // What stands in for a node under its own name would get the output as well.
    const coded = flow.blueprint.nodes.filter(
      ({ uses, config }) => flow.programs.has(uses) && config?.fallback?.startsWith('instead') !== true,
    )
    fc.pre(coded.length > 0)
    const { id: nodeId } = coded[Math.floor(pick * coded.length)]!
    const id = `changed-${(count += 1)}`
    const { events } = await drive(flow, id, [])
    const at = Math.floor(place * events.length)
    const fork = await driveFork(flow, events, `${id}-fork`, { at, rerun: [nodeId], outputs: { [nodeId]: 42 } })
    expect(
      [...fork.calls].filter((call) => call.startsWith(`${nodeId} `)),
      'calls of the node',
    ).toEqual([])
    expect(endOf(fork)).toEqual(endOf(await drive(withConstant(flow, nodeId, 42), `${id}-fresh`, [])))
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)

it('a fork at the start with other keys is the run that had begun with them', async () => {
  let count = 0
  const property = fc.asyncProperty(confluentFlow, async (flow) => {
    fc.pre(!hasMereCycles(flow) && !hasSideEntrances(flow))
    const id = `begun-${(count += 1)}`
    const { events } = await drive(flow, id, [])
    const set = { flag: flow.initial['flag'] !== true, extra: 1 }
    const fork = await driveFork(flow, events, `${id}-fork`, { at: 0, set })
    expect(endOf(fork)).toEqual(
      endOf(await drive({ ...flow, initial: { ...flow.initial, ...set } }, `${id}-fresh`, [])),
    )
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)
