// Audits the licences of everything that this repository installs: `npm run demo`, or `tsx main.ts [seed]`.
// The run is recorded in an SQLite file, and a second process replays it from there.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { encodeValue, FlowRuntime, formatError, generateMermaidForRun, PersistentEventBusAdapter } from 'flowcraft'
import { auditFlow } from './flow.ts'
import type { AuditDependencies } from './nodes.ts'
import { manifestReader } from './packages.ts'
import { showProgress } from './progress.ts'
import type { Summary } from './results.ts'
import { timingsOf } from './timings.ts'
import { attemptsOf } from './workers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const outputFolder = fileURLToPath(new URL('output', import.meta.url))
const databasePath = join(outputFolder, 'audit.db')
const contextFile = join(outputFolder, 'context.json')
const drawingFile = join(outputFolder, 'run.md')
const reportFile = join(outputFolder, 'report.md')
const seed = Number(process.argv[2] ?? 10)

mkdirSync(outputFolder, { recursive: true })
rmSync(reportFile, { force: true })
const store = new SqliteHistoryAdapter({ databasePath, walMode: true })
const eventBus = new PersistentEventBusAdapter(store)
showProgress(eventBus)
const runtime = new FlowRuntime<AuditDependencies>({
  eventBus,
  dependencies: { readManifest: manifestReader(root), outputFolder },
})

console.log(`Auditing the licences of what this repository installs, seed ${seed}`)
const { context, errors, executionId, status } = await auditFlow.run(runtime, {
  lockfile: join(root, 'pnpm-lock.yaml'),
  seed,
  forbidden: ['strong copyleft'],
})
const events = await store.retrieve(executionId)
await store.close()
writeFileSync(contextFile, JSON.stringify(encodeValue(context)))
const timings = timingsOf(auditFlow.toBlueprint(), events)
writeFileSync(drawingFile, drawingPage())

console.log(`\nRun ${executionId}: ${status}`)
for (const error of errors ?? []) console.log(formatError(error))
if (context['_outputs.summary'] !== undefined) printSummary(context['_outputs.summary'], context.verdict)
console.log('\nTime for each node, from the recorded events')
for (const { nodeId, attempts, ms } of timings) {
  console.log(`  ${nodeId.padEnd(18)} ${attempts === 1 ? '1 attempt ' : `${attempts} attempts`}  ${ms} ms`)
}

console.log('\nWhat the workers of the batch did, from the same events')
for (const [attempts, count] of attemptsOf('read', events)) {
  console.log(`  ${packages(count)} read at attempt ${attempts}`)
}

console.log('\nA second process replays the run from the file, without any of its code')
const replay = spawnSync(
  process.execPath,
  [...process.execArgv, fileURLToPath(new URL('replay.ts', import.meta.url)), databasePath, executionId, contextFile],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
)
process.stdout.write(replay.stdout)
console.log('\nFiles')
for (const file of [reportFile, drawingFile, databasePath].filter((path) => existsSync(path))) {
  console.log(`  ${relative(root, file)}`)
}
process.exitCode = status === 'completed' && replay.status === 0 ? 0 : 1

function printSummary({ counts, absent }: Summary, verdict: string | undefined): void {
  for (const [category, count] of counts) console.log(`  ${category}: ${packages(count)}`)
  console.log(`  for other platforms, not installed here: ${packages(absent.length)}`)
  console.log(`  ${verdict}`)
}

function packages(count: number): string {
  return `${count} ${count === 1 ? 'package' : 'packages'}`
}

function drawingPage(): string {
  return `# Run ${executionId}

\`\`\`mermaid
${generateMermaidForRun(auditFlow.toBlueprint(), events)}
\`\`\`

| node | attempts | ms |
|---|---|---|
${timings.map(({ nodeId, attempts, ms }) => `| ${nodeId} | ${attempts} | ${ms} |`).join('\n')}
`
}
