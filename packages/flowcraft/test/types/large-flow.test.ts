import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(here, 'large-flow-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the types of a flow of 200 nodes', () => {
  // Work grows with what the checker instantiates, which is the same on every machine; the time is only printed.
  it('cost the compiler little, and still catch a wrong id', { timeout: 120_000 }, () => {
    const empty = check('')
    const large = check(flowOf(200))
    console.log(
      `a flow of 200 nodes: ${large.instantiations - empty.instantiations} instantiations, check time ${large.checkTime}`,
    )
    expect(large.errors).toEqual([])
    expect(large.instantiations - empty.instantiations).toBeLessThan(300_000)
    expect(check(flowOf(3).replace("'node1')", "'node7')")).errors).toHaveLength(1)
  })
})

function flowOf(count: number): string {
  const nodes = Array.from(
    { length: count },
    (_, index) => `.node('node${index}', () => ({ output: { value${index}: ${index} } }))`,
  )
  const edges = Array.from({ length: count - 1 }, (_, index) => `.edge('node${index}', 'node${index + 1}')`)
  return `import { createFlow, FlowRuntime } from 'flowcraft'
    const flow = createFlow<{ amount: number }>('large')${nodes.join('\n')}${edges.join('\n')}
    const result = await flow.run(new FlowRuntime(), { amount: 1 })
    export const last: number | undefined = result.context['_outputs.node${count - 1}']?.value${count - 1}\n`
}

function check(source: string): { instantiations: number; checkTime: string; errors: string[] } {
  writeFileSync(join(folder, 'flow.ts'), `${source}export {}\n`)
  const root = join(here, '../../../..')
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.check.json'), include: ['flow.ts'], exclude: [] }),
  )
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
  return {
    instantiations: Number(/Instantiations:\s+(\d+)/.exec(stdout)?.[1]),
    checkTime: /Check time:\s+(\S+)/.exec(stdout)?.[1] ?? '',
    errors: stdout.split('\n').filter((line) => line.includes('error TS')),
  }
}
