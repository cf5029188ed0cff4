import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WorkflowResult } from '../../src/blueprint/flow-runner.ts'
import { encodeValue } from '../../src/events/value-codec.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import type { RegisteredFlow } from '../../src/runtime/runtime-options.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { describeError } from './errors.ts'
import { created, echo, randomFamily, toFlows, type Part } from './generator/family.ts'
import { leftBehind } from './recovery-drive.ts'
import { unshaken, type CrashesOf } from './recovery-attempts.ts'
import { driveFamily, isCode, laterOn } from './recovery-families.ts'
import { crashesIn } from './recovery-log.ts'
import { checkedWith } from './runs.ts'
import { portraitOfContext } from './state-portrait.ts'

/** From 0 up to 1. */
const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)

interface Ended {
  readonly result: WorkflowResult
  readonly logs: ReadonlyMap<string, readonly FlowcraftEvent[]>
}

/** Forks the root of a family that has ended, and lets the fork come to its end. */
async function driveFork(parts: readonly Part[], { logs }: Ended, from: string, at: number): Promise<Ended> {
  const crashes = crashesIn((logs.get(from) ?? []).slice(0, at + 1), isCode)
  const crashesOf: CrashesOf = ({ executionId, nodeId, iteration }) =>
    executionId === 'fork' ? (crashes.get(`${nodeId} ${iteration}`) ?? 0) : 0
  const flows = toFlows(parts).map((flow): RegisteredFlow => ({
    toBlueprint: () => flow.toBlueprint(),
    getFunctionRegistry: () => unshaken(flow.getFunctionRegistry(), crashesOf),
  }))
  const store = await leftBehind([...logs.values()].flat())
  const runtime = new FlowRuntime({
    flows,
    registry: Object.fromEntries(unshaken(new Map([[created, echo]]), crashesOf)),
    eventBus: new PersistentEventBusAdapter(store),
    logger: new NullLogger(),
    idGenerator: () => 'fork',
    clock: { now: () => 1_700_000_000_000, setTimer: laterOn },
  })
  const before = encodeValue([...(await store.retrieveMultiple([...logs.keys()]))])
  const fork = await runtime.fork(from, { at })
  let result = await fork.result()
  for (let answers = 0; result.status === 'awaiting'; answers += 1) {
    expect(answers).toBeLessThan(200)
    result = await runtime.resume('fork', { output: 'an answer' })
  }
  expect(encodeValue([...(await store.retrieveMultiple([...logs.keys()]))]), 'the source').toEqual(before)
  return { result, logs: new Map([['fork', await store.retrieve('fork')]]) }
}

/** Results of a batch tell of which run their errors are: of the one or the other. */
function contextOf({ result }: Pick<Ended, 'result'>, id: string): unknown {
  const text = JSON.stringify(portraitOfContext(result.context))
  return JSON.parse(text.replaceAll(new RegExp(`(fork|${id})(?=[\\\\":])`, 'g'), 'root'))
}

it('a fork of the root of a family, at any event, comes to what the family came to; its subflows are runs of its own', async () => {
  let count = 0
  const places = fc.array(anywhere, { minLength: 2, maxLength: 3 })
  const property = fc.asyncProperty(randomFamily, places, async ({ parts }, chosen) => {
    const id = `family-${(count += 1)}`
    const source = await driveFamily(parts, id, [], false)
    const events = source.logs.get(id) ?? []
    for (const at of [...chosen.map((place) => Math.floor(place * events.length)), events.length - 1]) {
      const fork = await driveFork(parts, source, id, at)
      expect(fork.result.status).toBe(source.result.status)
      expect(contextOf(fork, id)).toEqual(contextOf(source, id))
      expect((fork.result.errors ?? []).map(describeError)).toEqual((source.result.errors ?? []).map(describeError))
      const own = (fork.logs.get('fork') ?? []).slice(at + 2)
      for (const { type, payload } of own) {
        if (type !== 'node:start' || payload.childExecutionId === undefined) continue
        expect(payload.childExecutionId).toMatch(/^fork:/)
      }
    }
  })
  await fc.assert(property, { ...checkedWith(80), timeout: 20_000 })
}, 600_000)
