// The second process: `replay.ts <database> <execution id> <context file>`. It knows the run from the database alone, and
// fails when the context that it arrives at is not the one that the first process wrote.
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { decodeValue, FlowRuntime, type encodeValue } from 'flowcraft'
import { differences } from './differences.ts'

const [databasePath = '', executionId = '', contextFile = ''] = process.argv.slice(2)
const { json, notes }: ReturnType<typeof encodeValue> = JSON.parse(readFileSync(contextFile, 'utf8'))
const live = decodeValue(json, notes)

const store = new SqliteHistoryAdapter({ databasePath, readonly: true })
const events = await store.retrieve(executionId)
const [start] = events
if (start?.type !== 'workflow:start') throw new Error(`${databasePath} has no run ${executionId}`)
const blueprint = await store.loadBlueprint(start.payload.blueprintHash)
if (blueprint === undefined) throw new Error(`${databasePath} has not kept the blueprint of run ${executionId}`)
await store.close()

const runtime = new FlowRuntime()
const replayed = await runtime.replay(blueprint, events, executionId, { strict: true })
const retry = events.find(({ type }) => type === 'node:retry')
if (retry !== undefined) {
  const then = await runtime.replay(blueprint, events, executionId, { until: retry.seq })
  console.log(`  at its first retry: ${then.recordedStatus}, outputs so far: ${outputsIn(then.context)}`)
}
console.log(`  at its end: ${replayed.recordedStatus}, outputs: ${outputsIn(replayed.context)}`)

if (isDeepStrictEqual(replayed.context, live)) {
  console.log('  the replayed context equals the live one, Map and Date included')
} else {
  console.error('The replayed context differs from the live one (live → replayed):')
  for (const line of differences(live, replayed.context)) console.error(`  ${line}`)
  process.exitCode = 1
}

function outputsIn(context: Readonly<Record<string, unknown>>): number {
  return Object.keys(context).filter((key) => key.startsWith('_outputs.')).length
}
