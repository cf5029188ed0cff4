// Runs every examples/<name>/main.ts against the built packages and compares what it prints with
// examples/<name>/expected-output.txt. What differs from run to run, or with each update of a dependency, is compared as
// <id>, <n> ms and <n> packages.
// `pnpm examples:update` writes the files.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { report, root } from './workspace.ts'

const isUpdate = process.argv.includes('--update')
const names = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'main.ts')))
report(names.flatMap(problemsOf), `${names.length} examples print what they should: ${names.join(', ')}`)

function problemsOf(name: string): string[] {
  const folder = join(root, 'examples', name)
  const file = join(folder, 'expected-output.txt')
  const { status, stdout, stderr } = run(join(folder, 'main.ts'))
  if (status !== 0) return [`examples/${name} ended with ${status}:\n${stdout}${stderr}`]
  const printed = withoutVariation(stdout)
  if (isUpdate) writeFileSync(file, printed)
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return printed === expected
    ? []
    : [`examples/${name} printed:\n${printed}\nexpected (expected-output.txt):\n${expected}`]
}

/** In a folder of its own, so that no file of an earlier run is found. */
function run(main: string): { status: number | null; stdout: string; stderr: string } {
  const cwd = mkdtempSync(join(tmpdir(), 'flowcraft-example-'))
  try {
    const env = { ...process.env, NO_COLOR: '1' }
    return spawnSync(join(root, 'node_modules/.bin/tsx'), [main], { cwd, env, encoding: 'utf8', timeout: 120_000 })
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

function withoutVariation(text: string): string {
  return text
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '<id>')
    .replaceAll(/\d[\d.,]*\s?ms\b/g, '<n> ms')
    .replaceAll(/\b\d+ packages?\b/g, '<n> packages')
    .replaceAll('\r\n', '\n')
}
