// `pnpm bench [scenario…] [--rounds=3]`: measures, prints a table, and writes it to results/<date>.md when it is whole.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, platform, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureScenario, type Row } from './measure.ts'
import { toMarkdown, toTable } from './report.ts'
import { scenarios } from './scenarios/index.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } },
})
const unknown = positionals.filter((name) => scenarios.every((scenario) => scenario.name !== name))
if (unknown.length > 0) {
  throw new Error(`No scenario ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`)
}
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds}; expected a whole number`)

const rows: Row[] = []
for (const scenario of scenarios) {
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue
  const own = await measureScenario(scenario, rounds, () => process.stderr.write('.'))
  console.log(`\n\n${scenario.name} (unit: ${scenario.unit})\n${toTable(own)}`)
  rows.push(...own)
}

const folder = new URL('results/', import.meta.url)
const file = new URL(`${[new Date().toISOString().slice(0, 10), ...positionals].join('-')}.md`, folder)
mkdirSync(folder, { recursive: true })
writeFileSync(file, toMarkdown(rows, { machine: machine(), versions: versions(), rounds }))
console.log(`\nWritten to ${file.pathname}`)

function machine(): string {
  const cores = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cores.length} × ${cores[0]?.model ?? 'unknown CPU'}, ${memory} GB, ${platform()} ${arch()}`
}

function versions(): string {
  const require = createRequire(import.meta.url)
  const packages = ['flowcraft', 'flowcraft-peer', 'better-sqlite3'].map((name) => {
    // A package.json has a version. The peer does not export its own: its folder is that of its entry point.
    const path =
      name === 'flowcraft-peer'
        ? new URL(`node_modules/${name}/package.json`, import.meta.url)
        : require.resolve(`${name}/package.json`)
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }
    return `${name} ${version}`
  })
  return [`Node ${process.version}`, ...packages].join(', ')
}
