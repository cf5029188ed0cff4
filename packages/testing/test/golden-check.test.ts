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
