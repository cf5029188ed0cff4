import { readFileSync } from 'node:fs'
import { createFlow, openRecording } from 'flowcraft'
import { checkGolden, createTestRuntime } from '@flowcraft/testing'
import '@flowcraft/testing/vitest'
import { expect, it } from 'vitest'

// From here on as in docs/guide/golden-histories.md, but for imports.
const order = createFlow<{ amount: number }>('order')
  .node('price', async ({ context }) => ({ output: ((await context.get('amount')) ?? 0) * 1.2 }))
  .node('ship', () => ({ output: 'shipped' }))
  .node('ask', () => ({ output: 'asked' }))
  .edge('price', 'ship', { condition: 'input < 100' })
  .edge('price', 'ask', { condition: 'input >= 100' })

async function record() {
  const { runtime, store } = createTestRuntime({ flows: [order] })
  const { executionId } = await runtime.run(order.toBlueprint(), { amount: 50 })
  return await openRecording(store, executionId)
}

it('decides about small orders as it always did', async () => {
  const file = new URL('golden/order.jsonl', import.meta.url)
  await checkGolden(file, order.toBlueprint(), { record })
})

it('ships small orders', async () => {
  const recording = await record()
  expect(recording).toHaveCompleted()
  expect(recording).toHaveRun('price', 'ship')
  expect(recording).toHaveSkipped('ask')
  expect(recording).toHaveTaken({ source: 'price', target: 'ship' })
  await expect(recording).toMatchGolden('golden/order.jsonl')
  expect(recording).toMatchInlineSnapshot(`
    workflow:start  order {"amount":50}
    node:start      price
    node:finish     price -> 60
    edge:evaluate   price => ship taken condition="input < 100"
    edge:evaluate   price => ask not taken (condition-false) condition="input >= 100"
    node:skipped    ask (not-chosen)
    node:start      ship <- 60
    node:finish     ship -> "shipped"
    workflow:finish completed
  `)
})

// The guide says what is tested here.
it('the code of the guide that needs vitest is that of this test', () => {
  const guide = readFileSync(new URL('../../../docs/guide/golden-histories.md', import.meta.url), 'utf8')
  const blocks = [...guide.matchAll(/^```ts [^\n]*no-run\n(.*?)^```$/gms)].map(([, code = '']) =>
    code.replaceAll(/^import .*\n/gm, '').trim(),
  )
  const test = readFileSync(new URL(import.meta.url), 'utf8')
  expect(blocks).toHaveLength(2)
  for (const block of blocks) expect(test).toContain(block)
})
