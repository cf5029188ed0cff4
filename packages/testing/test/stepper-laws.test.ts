import fc from 'fast-check'
import {
  analyzeBlueprint,
  FlowRuntime,
  NullLogger,
  recordingFrom,
  type FlowcraftEvent,
  type NodeFunction,
  type NodeImplementation,
  type WorkflowResult,
} from 'flowcraft'
import { expect, it } from 'vitest'
import { createRecordedStepper, createStepper, type Stepper } from '@flowcraft/testing'
import type { RandomFlow } from '../../flowcraft/test/laws/generator/draft.ts'
import { randomFlow } from '../../flowcraft/test/laws/generator/flow.ts'
import { implementationsOf, type NodeCallNotes } from '../../flowcraft/test/laws/node-calls.ts'
import { checkedWith } from '../../flowcraft/test/laws/runs.ts'
import { portraitOfContext } from '../../flowcraft/test/laws/state-portrait.ts'
import { VirtualClock } from '../../flowcraft/test/laws/virtual-clock.ts'

/** More steps than any random flow needs that ends by itself. */
const tooMany = 200

interface Stepped {
  readonly flow: RandomFlow
  readonly runtime: FlowRuntime
  readonly stepper: Stepper
  /** The calls of node functions, in order. */
  readonly calls: string[]
}

/** A stepper over a flow whose run comes out the same each time. */
function steppedOver(flow: RandomFlow): Stepped {
  const clock = new VirtualClock(flow.clockJumpsMs)
  const calls: string[] = []
  const runtime = new FlowRuntime({ logger: new NullLogger(), clock, idGenerator: () => 'stepped' })
  const notes: NodeCallNotes = new Map()
  const registry = new Map<string, NodeImplementation>()
  for (const [key, implementation] of implementationsOf({ ...flow, classes: new Set() }, clock, notes, () => 0)) {
    // Without classes, each is a function.
    const run = implementation as NodeFunction
    registry.set(key, async (call) => {
      calls.push(`${call.nodeId} ${call.iteration} ${call.attempt}`)
      return await run(call)
    })
  }
  const targets = flow.targets.length > 0 ? { _targetNode: [...flow.targets] } : {}
  const stepper = createStepper(runtime, flow.blueprint, registry, { ...flow.initial, ...targets })
  return { flow, runtime, calls, stepper }
}

/** What is seen at the stepper's place. */
async function look({ state }: Stepper): Promise<string> {
  return JSON.stringify([state.status, portraitOfContext(await state.getContext().getAll())])
}

function seenIn({ status, context }: WorkflowResult): string {
  return JSON.stringify([status, portraitOfContext(context)])
}

/** Answers what waits at the end of the log, as the flow says. Whether there was something. */
function answer({ stepper, flow }: Stepped, nth: number): boolean {
  const { status, awaiting } = stepper.recording.at('end')
  const given = flow.answers[nth % Math.max(1, flow.answers.length)]
  if ((status !== 'awaiting' && status !== 'stalled') || awaiting.length === 0 || given === undefined) return false
  const { nodeId } = awaiting[given.nth % awaiting.length]!
  stepper.resume(nodeId, { output: given.output, action: given.action })
  return true
}

/** An event without what differs between two runs that are the same, such as stacks. */
function titleOf({ seq, timestamp, type, payload }: FlowcraftEvent): unknown[] {
  const named = ['nodeId', 'iteration', 'attempt', 'edge'].map((name) => Reflect.get(payload, name))
  return [seq, timestamp, type, ...named]
}

interface Stop {
  readonly seq: number
  readonly seen: string
}

/** The stops of a straight run; `undefined` for one that only a limit of node executions would end. */
async function stopsOf(stepped: Stepped): Promise<Stop[] | undefined> {
  const { stepper, flow } = stepped
  const stops = [{ seq: 0, seen: await look(stepper) }]
  let answers = 0
  for (let steps = 0; steps < tooMany; steps += 1) {
    const result = await stepper.next()
    if (result === null) expect(stepper.isDone()).toBe(true)
    else {
      stops.push({ seq: stepper.recording.length - 1, seen: await look(stepper) })
      expect(seenIn(result)).toBe(stops.at(-1)?.seen)
    }
    if (stepper.isDone() && !answer(stepped, answers++)) return stops
  }
  if (flow.maxIterations < tooMany) return undefined
  throw new Error('The stepper does not come to an end')
}

type Move = 'next' | 'prev' | 'event'

const moves = fc.array(fc.constantFrom<Move>('next', 'next', 'next', 'prev', 'prev', 'event', 'event'), {
  minLength: 1,
  maxLength: 30,
})

/** Makes moves, and goes straight on from there; what is seen at each place is what a straight run has seen there. */
async function walk(stepped: Stepped, stops: readonly Stop[], given: readonly Move[]): Promise<void> {
  const { stepper } = stepped
  let [seq, answers] = [0, 0]
  for (let nth = 0; nth < 2 * tooMany; nth += 1) {
    const move = given[nth] ?? 'next'
    if (move === 'event') {
      const snapshot = await stepper.stepEvent()
      if (snapshot !== null) expect(snapshot.seq).toBe(seq + 1)
      seq = snapshot?.seq ?? seq
    } else {
      const due = move === 'next' ? stops.find((stop) => stop.seq > seq) : stops.findLast((stop) => stop.seq < seq)
      const result = await stepper[move]()
      if (result === null) expect(move === 'next' ? stepper.isDone() : due === undefined).toBe(true)
      else expect(seenIn(result)).toBe(due?.seen)
      if (result !== null) seq = due?.seq ?? seq
    }
    const stop = stops.find((other) => other.seq === seq)
    if (stop !== undefined) expect(await look(stepper)).toBe(stop.seen)
    if (stepper.isDone() && !answer(stepped, answers++) && nth >= given.length) return
  }
  throw new Error('The walk does not come to an end')
}

it('stepping ends for every flow, and its log replays to the same context', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const stepped = steppedOver(flow)
      const stops = await stopsOf(stepped)
      if (stops === undefined) return
      const { stepper, runtime } = stepped
      const { context, recordedStatus } = await runtime.replay(flow.blueprint, stepper.events)
      expect(JSON.stringify([recordedStatus, portraitOfContext(context)])).toBe(stops.at(-1)?.seen)
      expect(stepper.recording.events).toEqual(stepper.events)
      expect(new Set(stepped.calls).size).toBe(stepped.calls.length)
    }),
    checkedWith(150),
  )
}, 600_000)

it('any walk shows the states of a straight run, takes the same branches and runs no recorded node again', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, moves, async (flow, given) => {
      const straight = steppedOver(flow)
      const stops = await stopsOf(straight)
      if (stops === undefined) return
      const walked = steppedOver(flow)
      await walk(walked, stops, given)
      expect(walked.calls).toEqual(straight.calls)
      expect(walked.stepper.events.map(titleOf)).toEqual(straight.stepper.events.map(titleOf))
    }),
    checkedWith(150),
  )
}, 600_000)

it('a stepper over the recording stops where the live one stopped, in flows without loops and fallbacks', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const hasFallback = flow.blueprint.nodes.some(({ config }) => config?.fallback !== undefined)
      if (hasFallback || !analyzeBlueprint(flow.blueprint).isDag) return
      const stepped = steppedOver(flow)
      const states = (await stopsOf(stepped))?.map(({ seen }) => seen)
      const again = createRecordedStepper(recordingFrom(stepped.stepper.events))
      const seen = [await look(again)]
      while (!again.isDone()) {
        await again.next()
        seen.push(await look(again))
      }
      expect(seen).toEqual(states)
    }),
    checkedWith(300),
  )
}, 600_000)

it('a stepper over a recording goes from its first state to its last one and back, for every flow', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const stepped = steppedOver(flow)
      const stops = await stopsOf(stepped)
      if (stops === undefined) return
      const again = createRecordedStepper(stepped.stepper.recording)
      const seen = [await look(again)]
      while (!again.isDone()) {
        await again.next()
        seen.push(await look(again))
      }
      expect([seen[0], seen.at(-1)]).toEqual([stops[0]?.seen, stops.at(-1)?.seen])
      for (let at = seen.length - 2; at >= 0; at -= 1) {
        await again.prev()
        expect(await look(again)).toBe(seen[at])
      }
      expect(await again.prev()).toBeNull()
    }),
    checkedWith(100),
  )
}, 600_000)
