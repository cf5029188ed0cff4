import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { InMemoryEventStore, openRecording, type Recording } from 'flowcraft'
import { checkGolden, recordGolden } from '@flowcraft/testing'
import { flowcraftSerializer } from '@flowcraft/testing/vitest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectExactFamily } from '../../flowcraft/test/laws/families.ts'
import { randomFamily, toFlows } from '../../flowcraft/test/laws/generator/family.ts'
import type { RandomFlow } from '../../flowcraft/test/laws/generator/draft.ts'
import { randomFlow } from '../../flowcraft/test/laws/generator/flow.ts'
import { runFlow } from '../../flowcraft/test/laws/run-flow.ts'
import { checkedWith } from '../../flowcraft/test/laws/runs.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowcraft-golden-'))
})
afterAll(async () => await rm(folder, { recursive: true }))

let count = 0

async function recordingOf(flow: RandomFlow): Promise<Recording> {
  const store = new InMemoryEventStore()
  const { executionId } = await runFlow(flow, store, { executionId: `a-random-run-${(count += 1)}`, watches: false })
  return await openRecording(store, executionId)
}

it('whatever happens in a run, its golden history is the same each time, fits its blueprint, and is that run', async () => {
  const [file, other] = [join(folder, 'flow.jsonl'), join(folder, 'other.jsonl')]
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const [one, two] = [await recordingOf(flow), await recordingOf(flow)]
      await rm(file, { force: true })
      await rm(other, { force: true })
      await recordGolden(file, one)
      await recordGolden(other, two)
      expect(await readFile(other, 'utf8')).toBe(await readFile(file, 'utf8'))
      const golden = await checkGolden(file, flow.blueprint)
      expect(golden.events.map(({ type }) => type)).toEqual(one.events.map(({ type }) => type))
      expect(golden.status).toBe(one.status)
      const log = flowcraftSerializer.serialize(one)
      expect(flowcraftSerializer.serialize(two)).toBe(log)
      expect(flowcraftSerializer.serialize(golden)).toBe(log)
      expect(log.split('\n')).toHaveLength(one.length)
    }),
    checkedWith(100),
  )
}, 600_000)

it('a golden history has all runs of a family, each of which fits its blueprint', async () => {
  const file = join(folder, 'family.jsonl')
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      const store = new InMemoryEventStore()
      const id = `a-random-family-${(count += 1)}`
      await expectExactFamily(family, id, store)
      const recording = await openRecording(store, id)
      await recordGolden(file, recording)
      const flows = toFlows(family.parts).map((flow) => flow.toBlueprint())
      const blueprints = Object.fromEntries(flows.map((blueprint) => [blueprint.id, blueprint]))
      const golden = await checkGolden(file, flows.at(-1)!, { blueprints })
      for (const { nodeId, iteration } of recording.children()) {
        const [kept, child] = [await golden.child(nodeId, { iteration }), await recording.child(nodeId, { iteration })]
        expect(kept.length).toBe(child.length)
        expect(kept.status).toBe(child.status)
      }
      expect(await readFile(file, 'utf8')).not.toContain(id)
    }),
    checkedWith(30),
  )
}, 600_000)
