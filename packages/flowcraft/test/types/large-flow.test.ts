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
  it.each([
    ['nodes and edges', flowOf(200)],
    ['batches, loops and other patterns among its nodes', patternsOf(20)],
  ])('with %s cost the compiler little', { timeout: 120_000 }, (_, source) => {
    const small = check(flowOf(1))
    const large = check(source)
    const instantiations = large.instantiations - small.instantiations
    console.log(`a flow of 200 nodes: ${instantiations} instantiations, check time ${large.checkTime}`)
    expect(large.errors).toEqual([])
    expect(instantiations).toBeLessThan(100_000)
  })

  it('catch a wrong id', { timeout: 120_000 }, () => {
    expect(check(flowOf(3).replace("'node1')", "'node7')")).errors).toHaveLength(1)
    expect(check(patternsOf(2).replace("'batch1')", "'batch7')")).errors).toHaveLength(1)
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

/** Ten nodes in each group: three plain ones, two batches of two each, a loop, a sleep and a subflow. */
function patternsOf(groups: number): string {
  const all = Array.from({ length: groups }, (_, index) => index)
  const nodes = all.map(
    (index) => `
    .node('first${index}', () => ({ output: [${index}] }))
    .node('body${index}', () => ({ output: ${index} }), { inputs: 'amount' })
    .node('last${index}', () => ({ output: '${index}' }), { inputs: { a: 'first${index}', b: 'items' } })
    .batch('batch${index}', () => ({ output: { value${index}: ${index} } }), { inputKey: 'items', outputKey: 'key${index}' })
    .batch('other${index}', () => ({ output: ${index} }), { inputKey: 'key${index}', onError: 'collect' })
    .loop('loop${index}', { startNodeId: 'body${index}', endNodeId: 'batch${index}', condition: 'input' })
    .sleep('sleep${index}', { duration: '1d' })
    .subflow('sub${index}', { blueprintId: 'child', inputs: { a: 'other${index}_gather' } })`,
  )
  const edges = all.map(
    (index) => `
    .edge('first${index}', 'loop${index}')
    .edge('body${index}', 'batch${index}')
    .edge('loop${index}', 'other${index}')
    .edge('other${index}_gather', 'sleep${index}')
    .edge('sleep${index}', 'sub${index}')
    .edge('sub${index}', 'last${index}')${index === 0 ? '' : `.edge('last${index - 1}', 'first${index}')`}`,
  )
  const end = groups - 1
  return `import { createFlow, FlowRuntime } from 'flowcraft'
    const flow = createFlow<{ amount: number; items: number[] }>('large')${nodes.join('')}${edges.join('')}
    const { context } = await flow.run(new FlowRuntime(), { amount: 1 })
    export const results: { value${end}: number }[] | undefined = context.key${end}
    export const settled: 'fulfilled' | 'rejected' | undefined = context['_outputs.other${end}_gather']?.[0]?.status\n`
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
    errors: stdout.split('\n').filter((line) => /flow\.ts\(.*error TS/.test(line)),
  }
}
