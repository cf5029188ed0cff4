// A worker is killed with SIGKILL in the middle of a run of 30 steps, and a second one finishes it: on SQLite, and on
// PostgreSQL.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@flowcraft/pg-test'
import type { FlowcraftEvent } from 'flowcraft'
import { fatefulStep, ledgerIn } from './flow.ts'
import { openService } from './service.ts'

const outputFolder = fileURLToPath(new URL('output', import.meta.url))
rmSync(outputFolder, { recursive: true, force: true })
mkdirSync(outputFolder, { recursive: true })

console.log('On SQLite')
await killAndFinish(join(outputFolder, 'report.db'), 'sqlite')

console.log('\nOn PostgreSQL')
const { DATABASE_URL } = process.env
const server = DATABASE_URL === undefined ? await startPostgres() : undefined
try {
  await killAndFinish(server?.url ?? DATABASE_URL!, 'postgres')
} finally {
  await server?.stop()
}

async function killAndFinish(database: string, name: string): Promise<void> {
  const ledgerPath = join(outputFolder, `${name}.ledger`)
  const ledger = ledgerIn(ledgerPath)
  const executionId = `report-2026-${process.pid}`

  const first = startWorker(database, ledgerPath, executionId)
  const ended = once(first, 'exit')
  while (!ledger.lines().some((line) => line.startsWith(`${fatefulStep} begins`))) await setTimeout(2)
  first.kill('SIGKILL')
  const [, signal] = await ended
  console.log(`  the first worker was ended by ${String(signal)} in ${fatefulStep}`)

  await once(startWorker(database, ledgerPath, executionId), 'exit')
  const { store, runtime } = openService(database, ledgerPath)
  const events = await store.retrieve(executionId)
  tell(ledger.lines(), events)
  const { context } = await runtime.result(executionId)
  console.log(`  the last step gave ${String(context['_outputs.step-30'])}`)
  await store.delete(executionId)
  await store.close()
}

function startWorker(...args: string[]) {
  const script = fileURLToPath(new URL('worker.ts', import.meta.url))
  return spawn(process.execPath, [...process.execArgv, script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** What ran once, and what twice: by what the workers did, not by what the log says. */
function tell(lines: readonly string[], events: readonly FlowcraftEvent[]): void {
  const begun = new Map<string, string[]>()
  for (const line of lines) {
    const [step = '', what, , key = ''] = line.split(' ')
    if (what === 'begins') begun.set(step, [...(begun.get(step) ?? []), key])
  }
  const twice = [...begun].filter(([, keys]) => keys.length > 1)
  console.log(`  ${begun.size - twice.length} steps ran once`)
  for (const [step, keys] of twice) {
    const sameKey = new Set(keys).size === 1 ? 'with the same idempotency key' : 'with other keys'
    console.log(`  ${step} ran ${keys.length} times, ${sameKey}`)
  }
  const isWhole = events.every(({ seq }, index) => seq === index)
  const resumed = events.findIndex(({ type }) => type === 'workflow:resume')
  const before = events.slice(0, resumed).filter(({ type }) => type === 'node:finish').length
  console.log(
    `  the log has ${events.length} events${isWhole ? ' without a gap' : ''}; ${before} steps had finished when it was taken over`,
  )
}
