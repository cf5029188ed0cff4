import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { expectLawful } from '../../../flowcraft/test/laws/checks.ts'
import { randomFlow } from '../../../flowcraft/test/laws/generator/flow.ts'
import { runFlow, type FinishedRun } from '../../../flowcraft/test/laws/run-flow.ts'
import { checkedWith } from '../../../flowcraft/test/laws/runs.ts'
import { removeFolders, temporaryPath } from '../temporary-path.ts'

const memory = new SqliteHistoryAdapter({ databasePath: ':memory:' })
afterAll(async () => {
  await memory.close()
  removeFolders()
})

it('whatever happens in a run, replay from SQLite gives it back exactly, at every event, and as the rules demand', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      await expectLawful(await runFlow(flow, memory, { executionId: `run-${(count += 1)}` }))
    }),
    checkedWith(1000),
  )
}, 600_000)

it('replay changes no byte of the file, to its end or to any event', async () => {
  const databasePath = temporaryPath()
  const store = new SqliteHistoryAdapter({ databasePath })
  const runs: FinishedRun[] = []
  for (const [index, flow] of fc.sample(randomFlow, 30).entries()) {
    runs.push(await runFlow(flow, store, { executionId: `run-${index}`, watches: false }))
  }
  const before = bytesOf(databasePath)
  for (const { runtime, flow, executionId } of runs) {
    await runtime.replay(flow.blueprint, store.read(executionId))
    const events = await store.retrieve(executionId)
    for (const { seq } of events) await runtime.replay(flow.blueprint, events, executionId, { until: seq })
  }
  expect(bytesOf(databasePath)).toEqual(before)
  await store.close()
}, 60_000)

/** Digests of the file and of what SQLite has not yet moved into it. */
function bytesOf(path: string): (string | undefined)[] {
  return [path, `${path}-wal`].map((file) =>
    existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined,
  )
}
