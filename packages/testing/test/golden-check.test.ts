import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFlow, openRecording, type FlowBuilder, type Recording, type WorkflowBlueprint } from 'flowcraft'
import { checkGolden, createTestRuntime, recordGolden } from '@flowcraft/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowcraft-golden-'))
  file = join(folder, 'order.jsonl')
  vi.stubEnv('CI', undefined)
  vi.stubEnv('UPDATE_GOLDEN', undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

/** Orders of less than `limit` are shipped. */
function orderFlow(limit: number = 100) {
  return createFlow<{ amount: number }>('order')
    .node('price', async ({ context }) => ({ output: ((await context.get('amount')) ?? 0) * 2 }))
    .node('ship', () => ({ output: 'shipped' }))
    .node('ask', () => ({ output: 'asked' }))
    .edge('price', 'ship', { condition: `input < ${limit}` })
    .edge('price', 'ask', { condition: `input >= ${limit}` })
}

/** The recording of a run of a flow for an amount of 5. */
async function record(flow: FlowBuilder, ...flows: FlowBuilder[]): Promise<Recording> {
  const { runtime, store } = createTestRuntime({ flows: [flow, ...flows] })
  const { executionId } = await runtime.run(flow.toBlueprint(), { amount: 5 })
  return await openRecording(store, executionId)
}

const message = (text: string) => expect.stringContaining(text)

describe('a check against a golden history', () => {
  it('passes for the same blueprint, and for one with a node more behind the last', async () => {
    await recordGolden(file, await record(orderFlow()))
    const golden = await checkGolden(file, orderFlow().toBlueprint())
    expect(golden.at('end').context).toMatchObject({ '_outputs.ship': 'shipped' })
    const longer = orderFlow()
      .node('mail', () => ({}))
      .edge('ship', 'mail')
    await checkGolden(file, longer.toBlueprint())
  })

  it('fails where the blueprint would decide otherwise, and names file, event, edge, and what to do', async () => {
    await recordGolden(file, await record(orderFlow()))
    await expect(checkGolden(file, orderFlow(10).toBlueprint())).rejects.toMatchObject({
      code: 'BLUEPRINT_MISMATCH',
      blueprintId: 'order',
      message: expect.stringMatching(
        /order\.jsonl' is not what blueprint 'order'.* event 3.*'price'.*'ship'.*recorded: .*today: .*recordGolden/s,
      ),
    })
  })

  it('fails where a node that has run is gone', async () => {
    await recordGolden(file, await record(orderFlow()))
    const blueprint = orderFlow().toBlueprint()
    const { nodes, edges } = blueprint
    const shorter: WorkflowBlueprint = {
      ...blueprint,
      nodes: nodes.filter(({ id }) => id !== 'ship'),
      edges: edges.filter(({ target }) => target !== 'ship'),
    }
    await expect(checkGolden(file, shorter)).rejects.toMatchObject({ message: message("'ship'") })
  })

  it('checks the histories of subflows whose blueprints it is given', async () => {
    const parent = createFlow<{ amount: number }>('parent').subflow('sub', {
      blueprintId: 'order',
      inputs: { amount: 'amount' },
    })
    await recordGolden(file, await record(parent, orderFlow()))
    await checkGolden(file, parent.toBlueprint(), { blueprints: { order: orderFlow().toBlueprint() } })
    const blueprints = { order: orderFlow(10).toBlueprint() }
    await expect(checkGolden(file, parent.toBlueprint(), { blueprints })).rejects.toMatchObject({
      message: message("execution 'golden:sub#0'"),
    })
  })

  it('evaluates changed conditions with the evaluator that it is given', async () => {
    await recordGolden(file, await record(orderFlow()))
    const blueprint = orderFlow(101).toBlueprint()
    await checkGolden(file, blueprint)
    const evaluator = { evaluate: (expression: string) => !expression.includes('<') }
    await expect(checkGolden(file, blueprint, { evaluator })).rejects.toMatchObject({ code: 'BLUEPRINT_MISMATCH' })
  })
})

/** A run with a retry, a fallback, an action, a condition that is false, and a join. */
const rich = createFlow<{ amount: number }>('rich')
  .node('price', () => ({ output: 5, action: 'known' }))
  .node(
    'charge',
    () => {
      throw new Error('declined')
    },
    { config: { maxRetries: 2, fallback: 'invoice' } },
  )
  .node('invoice', () => ({}))
  .node('ship', () => ({}))
  .node('ask', () => ({}))
  .node('done', () => ({}), { config: { joinStrategy: 'any' } })
  .edge('price', 'charge', { action: 'known', condition: 'input < 10' })
  .edge('price', 'ask', { action: 'unknown' })
  .edge('price', 'ship', { action: 'known' })
  .edge('ship', 'done')
  .edge('charge', 'done')
  .toBlueprint()

type Change = (blueprint: WorkflowBlueprint) => void
const nodeIn = ({ nodes }: WorkflowBlueprint, id: string) => nodes.find((node) => node.id === id)!
const edgeIn = ({ edges }: WorkflowBlueprint, to: string) => edges.find(({ target }) => target === to)!

async function check(change: Change): Promise<Recording> {
  const { runtime, store } = createTestRuntime({
    registry: {
      'rich/price': () => ({ output: 5, action: 'known' }),
      'rich/charge': () => Promise.reject(new Error('declined')),
      ...Object.fromEntries(['invoice', 'ship', 'ask', 'done'].map((id) => [`rich/${id}`, () => ({})])),
    },
  })
  const { executionId } = await runtime.run(rich, {})
  await recordGolden(file, await openRecording(store, executionId))
  const blueprint = structuredClone(rich)
  change(blueprint)
  return await checkGolden(file, blueprint)
}

describe('of changes to a blueprint', () => {
  it.each<[string, Change]>([
    ['another order', ({ nodes, edges }) => void [nodes.reverse(), edges.reverse()]],
    ['a version', (blueprint) => (blueprint.metadata = { version: '2' })],
    ['other code', (blueprint) => (nodeIn(blueprint, 'ship').uses = 'other')],
    ['a timeout', (blueprint) => (nodeIn(blueprint, 'ship').config = { timeout: 1 })],
    [
      'a node behind the last',
      ({ nodes, edges }) => void [nodes.push({ id: 'x', uses: 'x' }), edges.push({ source: 'done', target: 'x' })],
    ],
    [
      'a skipped node that is gone with its edge',
      (blueprint) => {
        blueprint.nodes = blueprint.nodes.filter(({ id }) => id !== 'ask')
        blueprint.edges = blueprint.edges.filter(({ target }) => target !== 'ask')
      },
    ],
    ['another condition that gives the same', (blueprint) => (edgeIn(blueprint, 'charge').condition = 'input < 6')],
  ])('%s passes', async (_, change) => {
    expect((await check(change)).status).toBe('completed')
  })

  it.each<[string, string, Change]>([
    [
      'a condition that gives something else',
      'charge',
      (blueprint) => (edgeIn(blueprint, 'charge').condition = 'input < 5'),
    ],
    ['a renamed action', 'ship', (blueprint) => (edgeIn(blueprint, 'ship').action = 'renamed')],
    [
      'a used edge that is gone',
      'ship',
      (blueprint) => (blueprint.edges = blueprint.edges.filter(({ target }) => target !== 'ship')),
    ],
    [
      'more retries',
      'charge',
      (blueprint) => (nodeIn(blueprint, 'charge').config = { maxRetries: 3, fallback: 'invoice' }),
    ],
    ['no fallback', 'charge', (blueprint) => (nodeIn(blueprint, 'charge').config = { maxRetries: 2 })],
    ['another join', 'done', (blueprint) => (nodeIn(blueprint, 'done').config = {})],
  ])('%s fails, and names the node', async (_, nodeId, change) => {
    await expect(check(change)).rejects.toMatchObject({ code: 'BLUEPRINT_MISMATCH', message: message(`'${nodeId}'`) })
  })
})

describe('a golden history that is missing', () => {
  const options = { record: () => record(orderFlow()) }

  it('is recorded where this is not CI', async () => {
    const golden = await checkGolden(file, orderFlow().toBlueprint(), options)
    expect(golden.status).toBe('completed')
    expect(await readFile(file, 'utf8')).toContain('"format":"flowcraft-recording"')
  })

  it('is an error in CI, and nothing is recorded', async () => {
    vi.stubEnv('CI', 'true')
    await expect(checkGolden(file, orderFlow().toBlueprint(), options)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: message(`no golden history '${file}'`),
    })
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is an error where nothing says how to record it', async () => {
    await expect(checkGolden(file, orderFlow().toBlueprint())).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: message('recordGolden'),
    })
  })
})

describe('update mode', () => {
  const today = orderFlow(10)
  const options = { record: () => record(today) }

  it.each(['1', 'true'])('records anew where UPDATE_GOLDEN is %s, also in CI', async (value) => {
    await recordGolden(file, await record(orderFlow()))
    vi.stubEnv('CI', 'true')
    vi.stubEnv('UPDATE_GOLDEN', value)
    const golden = await checkGolden(file, today.toBlueprint(), options)
    expect(golden.at('end').context).toMatchObject({ '_outputs.ask': 'asked' })
  })

  it('is off where UPDATE_GOLDEN is 0', async () => {
    await recordGolden(file, await record(orderFlow()))
    vi.stubEnv('UPDATE_GOLDEN', '0')
    await expect(checkGolden(file, today.toBlueprint(), options)).rejects.toMatchObject({
      message: message('UPDATE_GOLDEN=1'),
    })
  })

  it('is what the option says, whatever the environment does', async () => {
    await recordGolden(file, await record(orderFlow()))
    vi.stubEnv('UPDATE_GOLDEN', '1')
    const check = (update: boolean) => checkGolden(file, today.toBlueprint(), { ...options, update })
    await expect(check(false)).rejects.toMatchObject({ code: 'BLUEPRINT_MISMATCH' })
    await check(true)
    await check(false)
  })

  it('checks what it has recorded', async () => {
    const check = checkGolden(file, orderFlow().toBlueprint(), { ...options, update: true })
    await expect(check).rejects.toMatchObject({ code: 'BLUEPRINT_MISMATCH' })
  })
})

describe('a golden history that cannot be used', () => {
  it('is named, with the line that is damaged', async () => {
    await recordGolden(file, await record(orderFlow()))
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"seq":2', '"seq":9'))
    await expect(checkGolden(file, orderFlow().toBlueprint())).rejects.toMatchObject({
      code: 'HISTORY_CORRUPT',
      message: expect.stringMatching(/order\.jsonl' .*Line 4/),
    })
  })

  it('is read with the line ends of another system', async () => {
    await recordGolden(file, await record(orderFlow()))
    const text = (await readFile(file, 'utf8')).replaceAll('\n', '\r\n')
    await writeFile(file, text)
    await checkGolden(file, orderFlow().toBlueprint())
    await recordGolden(file, await record(orderFlow()))
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('is an error where a folder has its name', async () => {
    await expect(checkGolden(folder, orderFlow().toBlueprint())).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: message(folder),
    })
  })
})
