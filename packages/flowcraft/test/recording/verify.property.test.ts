import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { openRecording } from '../../src/recording/open.ts'
import { verifyRecording } from '../../src/recording/verify.ts'
import { driveFork } from '../laws/fork-drive.ts'
import { expectExactFamily } from '../laws/families.ts'
import { randomFamily } from '../laws/generator/family.ts'
import type { RandomFlow } from '../laws/generator/draft.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { drive } from '../laws/recovery-drive.ts'
import { anyEvents } from '../laws/generator/events.ts'
import { runFlow } from '../laws/run-flow.ts'
import { checkedWith } from '../laws/runs.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import { changed, mutated, reworded, shuffled, turnsAlike } from './verify-changes.ts'

let count = 0

async function recorded(flow: RandomFlow): Promise<readonly FlowcraftEvent[]> {
  const executionId = `verified-${(count += 1)}`
  return (await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })).events
}

/** A recording as a store gives it that kept the blueprint. */
function withBlueprint(events: readonly FlowcraftEvent[], blueprint: WorkflowBlueprint): FlowcraftEvent[] {
  return events.map((event) =>
    event.type === 'workflow:start' || (event.type === 'workflow:fork' && event.payload.blueprintHash !== undefined)
      ? ({ ...event, payload: { ...event.payload, blueprint } } as FlowcraftEvent)
      : event,
  )
}

it('every run took the decisions of its own blueprint, whatever is known of that, and so did every part of it', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(), async (flow, cut) => {
      const { blueprint } = flow
      const events = await recorded(flow)
      const known = withBlueprint(events, blueprint)
      expect(verifyRecording(blueprint, events)).toEqual({ ok: true })
      expect(verifyRecording(structuredClone(blueprint), known)).toEqual({ ok: true })
      expect(verifyRecording(reworded(blueprint), known)).toEqual({ ok: true })
      expect(verifyRecording(blueprint, known.slice(0, 1 + (cut % known.length)))).toEqual({ ok: true })
    }),
    checkedWith(300),
  )
}, 600_000)

it('so did every run that was cut off and recovered', async () => {
  const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.tuple(anywhere, anywhere), async (flow, places) => {
      const executionId = `verified-${(count += 1)}`
      let { events } = await drive(flow, executionId, [])
      for (const place of places) {
        const kept = events.slice(0, 1 + Math.floor(place * Math.max(1, events.length - 1)))
        ;({ events } = await drive(flow, executionId, kept))
        expect(verifyRecording(flow.blueprint, withBlueprint(events, flow.blueprint))).toEqual({ ok: true })
      }
    }),
    checkedWith(100),
  )
}, 600_000)

it('so did every fork, also with nodes that run again', async () => {
  const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)
  await fc.assert(
    fc.asyncProperty(randomFlow, anywhere, fc.nat(), async (flow, place, nth) => {
      const id = `verified-${(count += 1)}`
      const { events: source } = await drive(flow, id, [])
      const at = Math.floor(place * source.length)
      const rerun = [[], [flow.blueprint.nodes[nth % flow.blueprint.nodes.length]!.id]][nth % 2]!
      // Only of a batch as a whole can anything run again.
      fc.pre(rerun.every((node) => !node.endsWith('_gather')))
      const fork = await driveFork(flow, source, `${id}-fork`, { at, rerun })
      expect(verifyRecording(flow.blueprint, withBlueprint(fork.events, flow.blueprint))).toEqual({ ok: true })
      expect(verifyRecording(reworded(flow.blueprint), withBlueprint(fork.events, flow.blueprint))).toEqual({
        ok: true,
      })
    }),
    { ...checkedWith(150), timeout: 20_000 },
  )
}, 600_000)

it('so did every fork of a fork that ran again under other blueprints, which decided what ran again otherwise', async () => {
  const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)
  const forks = fc.array(fc.tuple(anywhere, fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(randomFlow, forks, fc.infiniteStream(fc.nat()), async (flow, steps, numbers) => {
      const next = (below: number): number => Number(numbers.next().value) % Math.max(1, below)
      const id = `verified-${(count += 1)}`
      let { blueprint } = flow
      let events = withBlueprint((await drive(flow, id, [])).events, blueprint)
      for (const [nth, [place, pick, edge, isShuffled]] of steps.entries()) {
        const rerun = blueprint.nodes[pick % blueprint.nodes.length]!.id
        if (rerun.endsWith('_gather')) continue
        const leading = blueprint.edges.filter(({ source, condition }) => source === rerun && condition !== undefined)
        const other = changed(blueprint, ({ edges }) => {
          const turned = edges[blueprint.edges.indexOf(leading[edge % Math.max(1, leading.length)]!)]
          if (turned !== undefined && !isInLoop(blueprint, rerun)) turned.condition = `!(${turned.condition})`
        })
        const moved = isShuffled ? shuffled(other, next) : other
        const under = turnsAlike(other, moved) ? moved : other
        // Before the last fork, another blueprint decided.
        const first = Math.max(
          0,
          events.findLastIndex(({ type }) => type === 'workflow:fork'),
        )
        const at = first + Math.floor(place * (events.length - first))
        const options = { at, rerun: [rerun], blueprint: under }
        const fork = await driveFork({ ...flow, blueprint: under }, events, `${id}-${nth}`, options)
        events = events.slice(0, at + 1).concat(withBlueprint(fork.events.slice(at + 1), under))
        events = events.map((event) => ({ ...event, executionId: fork.executionId }))
        blueprint = under
        for (const same of [under, structuredClone(under), reworded(under)]) {
          expect(verifyRecording(same, events)).toEqual({ ok: true })
        }
        const again = shuffled(under, next)
        if (turnsAlike(under, again)) expect(verifyRecording(again, events)).toEqual({ ok: true })
      }
    }),
    { ...checkedWith(150), timeout: 20_000 },
  )
}, 600_000)

it('so did every run of a family', async () => {
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      const id = `verified-family-${(count += 1)}`
      const store = new InMemoryEventStore()
      await expectExactFamily(family, id, store)
      const todo = [id]
      for (const executionId of todo) {
        const recording = await openRecording(store, executionId)
        expect(verifyRecording(recording.blueprint!, recording)).toEqual({ ok: true })
        const copy = structuredClone(recording.blueprint!)
        expect(verifyRecording(copy, recording)).toEqual({ ok: true })
        todo.push(...recording.children().map((child) => child.executionId))
      }
    }),
    checkedWith(100),
  )
}, 600_000)

it('nor does the order of nodes and edges in the blueprint matter', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.infiniteStream(fc.nat()), async (flow, numbers) => {
      const other = shuffled(flow.blueprint, (below) => Number(numbers.next().value) % below)
      fc.pre(turnsAlike(flow.blueprint, other))
      const known = withBlueprint(await recorded(flow), flow.blueprint)
      expect(verifyRecording(other, known)).toEqual({ ok: true })
    }),
    checkedWith(300),
  )
}, 600_000)

it('with a condition turned round that was asked, the divergence is that edge', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(), async (flow, nth) => {
      const events = await recorded(flow)
      const asked = events.flatMap((event) =>
        event.type === 'edge:evaluate' &&
        event.payload.condition !== undefined &&
        event.payload.error === undefined &&
        (event.payload.result || event.payload.reason === 'condition-false')
          ? [event.payload]
          : [],
      )
      fc.pre(asked.length > 0)
      const { edge, source, target, condition } = asked[nth % asked.length]!
      const other = changed(flow.blueprint, ({ edges }) => (edges[edge]!.condition = `!(${condition})`))
      const first = events.find(
        ({ type, payload }) => type === 'edge:evaluate' && payload === asked.find((each) => each.edge === edge),
      )
      expect(verifyRecording(other, withBlueprint(events, flow.blueprint))).toMatchObject({
        ok: false,
        divergence: { seq: first!.seq, nodeId: source, edge: { source, target } },
      })
    }),
    checkedWith(300),
  )
}, 600_000)

it('whatever is changed in a blueprint, there is an answer, and it names an event of the recording', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.infiniteStream(fc.nat()), async (flow, numbers) => {
      const next = (below: number): number => Number(numbers.next().value) % Math.max(1, below)
      const known = withBlueprint(await recorded(flow), flow.blueprint)
      for (let nth = 0; nth < 8; nth += 1) {
        const other = mutated(flow.blueprint, next)
        if (!isPlan(planOf(other))) continue
        for (const events of [known, known.slice(0, 1 + next(known.length))]) {
          const result = verifyRecording(other, events)
          if (!result.ok) expect(events[result.divergence.seq]?.type).toBe(result.divergence.expected.type)
        }
      }
    }),
    checkedWith(150),
  )
}, 600_000)

it('whatever events there are, there is an answer or an error that says what is wrong', () => {
  const inOrder = anyEvents.map((events) =>
    events.map((event, seq): FlowcraftEvent => ({ ...event, seq, id: `any:${seq}`, executionId: 'any' })),
  )
  fc.assert(
    fc.property(randomFlow, inOrder, ({ blueprint }, events) => {
      const ids = new Set(blueprint.nodes.map(({ id }) => id))
      const named = events.map((event) => ofNode(event, [...ids][event.seq % ids.size]!))
      for (const each of [events, named]) expect(verifyRecording(blueprint, { events: each })).toHaveProperty('ok')
    }),
    checkedWith(400),
  )
}, 600_000)

/** The same event about another node. */
function ofNode(event: FlowcraftEvent, nodeId: string): FlowcraftEvent {
  return 'nodeId' in event.payload && event.seq % 3 > 0
    ? ({ ...event, payload: { ...event.payload, nodeId } } as FlowcraftEvent)
    : event
}

function isInLoop(blueprint: WorkflowBlueprint, id: string): boolean {
  const plan = planOf(blueprint)
  return isPlan(plan) && (plan.nodes[plan.indexOf.get(id)!]?.loops.length ?? 0) > 0
}
