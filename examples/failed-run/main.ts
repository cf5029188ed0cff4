// A run fails at night. In the morning its recording says why, and a fork of it is what it should have been.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { diffRecordings, formatDiff, formatError, openRecording, type Recording } from 'flowcraft'
import { checkGolden, createTestRuntime, recordGolden } from 'flowcraft/testing'
import { lastRateMended } from './fix.ts'
import { billFlow, deployed } from './flow.ts'
import { openService, outside, takeCents } from './service.ts'

const outputFolder = fileURLToPath(new URL('output', import.meta.url))
const databasePath = join(outputFolder, 'bills.db')
rmSync(outputFolder, { recursive: true, force: true })
mkdirSync(outputFolder, { recursive: true })

console.log('1. At night, a bill fails')
const night = openService(databasePath)
const order = { order: '1042', currency: 'CHF', net: 12_500 }
const failed = await deployed.run(night.runtime, order, { executionId: 'bill-1042' })
for (const error of failed.errors ?? []) console.log(indented(withoutFrames(formatError(error))))
await night.store.close()

console.log('\n2. In the morning: its recording')
const { store, runtime } = openService(databasePath)
const recording = await openRecording(store, 'bill-1042')
console.log(`   ${recording.status}, ${recording.length} events`)

console.log('\n3. Why did it fail, and what did not come to pass?')
for (const id of ['charge', 'mail']) console.log(`   ${recording.explain(id).sentence}`)

console.log('\n4. Who wrote the amount?')
for (const { seq, nodeId, value } of recording.writesTo('amount')) console.log(`   event ${seq}:`, { nodeId, value })

console.log('\n5. What did it see?')
const cursor = recording.cursor({ before: 'convert' })
const { net, rate } = cursor.snapshot.context
console.log(`   at event ${cursor.snapshot.seq}:`, { net, rate })

console.log('\n6. Back to where the rate came from')
while ('rate' in cursor.snapshot.context) cursor.prev()
console.log(`   there is none up to event ${cursor.snapshot.seq}; event ${cursor.next()?.seq} brings it`)
for (const { seq, nodeId, value } of recording.writesTo('rate')) console.log(`   event ${seq}:`, { nodeId, value })
console.log(`   ${recording.explain('lastRate').sentence}`)
console.log('  ', recording.changes({ before: 'lastRate' }, { after: 'lastRate' }))

console.log('\n7. Try it with a rate that is a number; nothing is charged and nothing is mailed')
const tried = await runtime.fork(recording, {
  at: { before: 'convert' },
  set: { rate: 0.94 },
  outputs: { charge: 'not charged', mail: 'not mailed' },
  executionId: 'bill-1042-try',
})
const trial = await tried.result()
console.log(`   ${trial.status}, amount ${String(trial.context['amount'])}`)

console.log('\n8. Once more from the fallback on, with the mended code, and for good')
const mended = billFlow(lastRateMended)
const handle = await runtime.fork(recording, {
  at: { before: 'lastRate' },
  functionRegistry: mended.getFunctionRegistry(),
  executionId: 'bill-1042-mended',
})
console.log(`   ${(await handle.result()).status}`)

console.log('\n9. In what do the two differ?')
const repaired = await openRecording(store, handle.executionId)
console.log(`   forked from ${repaired.forkedFrom?.executionId} after event ${repaired.forkedFrom?.seq}`)
console.log(indented(formatDiff(diffRecordings(recording, repaired))))

console.log('\n10. Keep it: such a night, in CI')
const golden = join(outputFolder, 'golden/bill-without-bank.jsonl')
await recordGolden(golden, await recordAgain(mended))
const kept = await checkGolden(golden, mended.toBlueprint())
const isSame = (today: Recording) => diffRecordings(kept, today).isSame
console.log(`   with the mended code the same as the golden run: ${isSame(await recordAgain(mended))}`)
console.log(`   with the code of that night: ${isSame(await recordAgain(deployed))}`)
await store.close()

/** A bill of that night, in a runtime for tests. */
async function recordAgain(flow: ReturnType<typeof billFlow>): Promise<Recording> {
  const dependencies = { ...outside, payments: { charge: takeCents }, sendMail() {} }
  const test = createTestRuntime({ dependencies })
  const { executionId } = await flow.run(test.runtime, order)
  return await openRecording(test.store, executionId)
}

function withoutFrames(text: string): string {
  return text.replaceAll(/\n\s+at .*/g, '')
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '   ')
}
