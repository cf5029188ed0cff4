// Four expenses: one is too small to ask, two are decided by a manager in another process, one is forgotten.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ForwardClock } from './clock.ts'
import { expenseFlow, type Expense } from './flow.ts'
import { openService } from './service.ts'
import { storyOf } from './story.ts'

const day = 86_400_000
const outputFolder = fileURLToPath(new URL('output', import.meta.url))
const databasePath = join(outputFolder, 'expenses.db')
mkdirSync(outputFolder, { recursive: true })

console.log('Three expenses are handed in')
const monday = openService(databasePath)
const pens = await handIn(monday, { employee: 'Ada', purpose: 'pens', amount: 12 })
const train = await handIn(monday, { employee: 'Ada', purpose: 'a train ticket', amount: 180 })
const dinner = await handIn(monday, { employee: 'Bob', purpose: 'a dinner', amount: 950 })
await monday.store.close()

console.log('\nThe manager decides, in a process of her own')
decide(train, 'approve', 'have a good journey')
decide(dinner, 'reject', 'too expensive')
console.log('... and once more')
decide(dinner, 'approve', 'well, after all')

console.log('\nA fourth is handed in, and nobody decides for three days')
const clock = new ForwardClock()
const later = openService(databasePath, clock)
const hotel = await handIn(later, { employee: 'Bob', purpose: 'a hotel', amount: 400 })
clock.skip(3 * day)
later.runtime.startScheduler()
await later.runtime.result(hotel, { wait: true })
later.runtime.stopScheduler()

console.log('\nWhat the file knows of them')
for (const [executionId, events] of await later.store.retrieveMultiple([pens, train, dinner, hotel])) {
  const { recordedStatus } = await later.runtime.replay(expenseFlow.toBlueprint(), events, executionId)
  console.log(`  ${recordedStatus}, ${events.length} events: ${storyOf(events)}`)
}
await later.store.close()

async function handIn({ runtime }: ReturnType<typeof openService>, expense: Expense): Promise<string> {
  const { status, executionId, context } = await expenseFlow.run(runtime, { expense })
  const waiting = status === 'awaiting' ? `, at ${String(context['_awaitingNodeIds'])}` : ''
  console.log(`  ${expense.purpose}: ${status}${waiting}`)
  return executionId
}

function decide(executionId: string, action: string, comment: string): void {
  const script = fileURLToPath(new URL('decide.ts', import.meta.url))
  const { status, stdout } = spawnSync(
    process.execPath,
    [...process.execArgv, script, databasePath, executionId, action, comment],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  process.stdout.write(stdout)
  process.exitCode ||= status ?? 1
}
