import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext, type WorkflowBlueprint } from 'flowcraft'
import { bench, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })
const echo = createFlow('echo').node('in', pass).node('out', pass).edge('in', 'out')

describe.each(ways)('a subflow, $way', ({ isRecorded }) => {
  it('gives its input to each start node of its flow, and has the output of the one terminal node', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [echo] })
    const flow = createFlow('root')
      .node('a', async () => ({ output: { n: 1 } }))
      .subflow('sub', { blueprintId: 'echo' })
      .node('b', pass)
      .edge('a', 'sub')
      .edge('sub', 'b')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'completed', context: { sub: { n: 1 }, b: { n: 1 } } })
    await check(flow.toBlueprint(), result)
  })

  it('has the outputs of several terminal nodes by their names, of those that have one', async () => {
    const many = createFlow('many')
      .node('x', pass)
      .node('y', async ({ input }) => ({ output: [input] }))
      .node('none', async () => {})
      .node('skipped', pass)
      .edge('x', 'skipped', { condition: 'false' })
    const { runtime, check } = bench(isRecorded, { flows: [many] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'many', inputs: { given: 'key' } })
    const result = await flow.run(runtime, { key: 1 })
    expect(result.context).toMatchObject({ sub: { y: [undefined] } })
    expect(Object.keys(result.context['sub'] as object)).toEqual(['y'])
    await check(flow.toBlueprint(), result)
  })

  it('maps keys of its own run to those of its flow, and back', async () => {
    const sum = createFlow<{ a: number; b: number; total: number }>('sum').node('add', async ({ context, input }) => {
      expect(input).toBeUndefined()
      expect(Object.keys(await context.getAll()).sort()).toEqual(['_executionId', 'a', 'b'])
      const total = Number(await context.get('a')) + Number(await context.get('b'))
      await context.set('total', total)
      return { output: { total, list: [total] } }
    })
    const { runtime, check, log } = bench(isRecorded, { flows: [sum] })
    const flow = createFlow('root')
      .node('one', async () => ({ output: { deep: { value: 2 } } }))
      .subflow('sub', {
        blueprintId: 'sum',
        inputs: { a: 'start', b: 'one.deep.value', missing: 'nothing' },
        outputs: { total: 'total', list: 'add.list', none: 'nothing' },
      })
      .node('end', pass)
      .edge('one', 'sub')
      .edge('sub', 'end')
    const result = await flow.run(runtime, { start: 1 })
    expect(result.errors).toBeUndefined()
    expect(result.context).toMatchObject({ total: 3, list: [3], end: { total: 3, list: [3] } })
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    const [start] = await log(`${result.executionId}:sub#0`)
    expect(start).toMatchObject({ payload: { initialContext: { a: 1, b: 2 } } })
    expect(stations(await log(result.executionId)).slice(3, 8)).toEqual([
      'start sub',
      'set total',
      'set list',
      'set none',
      'finish sub',
    ])
  })

  it('has a scope of its own, though its nodes and keys are named like those around it', async () => {
    const inner = createFlow('same')
      .node('a', async ({ context, input }) => {
        const before = await context.get('key')
        await context.set('key', 'inner')
        return { output: ['inner a', input, before] }
      })
      .node('sub', pass)
      .edge('a', 'sub')
    const { runtime, check } = bench(isRecorded, { flows: [inner] })
    const flow = createFlow('root')
      .node('a', async ({ context }) => {
        await context.set('key', 'outer')
        return { output: 'outer a' }
      })
      .subflow('sub', { blueprintId: 'same' })
      .edge('a', 'sub')
    const result = await flow.run(runtime)
    expect(result.context).toMatchObject({ key: 'outer', a: 'outer a', sub: ['inner a', 'outer a', undefined] })
    await check(flow.toBlueprint(), result)
  })

  it('gives what it passes on as copies', async () => {
    const writer = createFlow('writer').node('write', async ({ input }) => {
      const list = input as string[]
      list.push('changed')
      return { output: list }
    })
    const { runtime, check } = bench(isRecorded, { flows: [writer] })
    const flow = createFlow('root')
      .node('a', async () => ({ output: ['as it was'] }))
      .subflow('sub', { blueprintId: 'writer' })
      .edge('a', 'sub')
    const result = await flow.run(runtime)
    expect(result.context).toMatchObject({ a: ['as it was'], sub: ['as it was', 'changed'] })
    await check(flow.toBlueprint(), result)
  })

  it('passes on what cannot be recorded as it is, where nothing records it', async () => {
    if (isRecorded) return
    class Connection {
      readonly send = () => 'sent'
    }
    const connection = new Connection()
    const using = createFlow('using').node('use', async ({ input }) => {
      expect(input).toBe(connection)
      return { output: { connection: input } }
    })
    const { runtime } = bench(isRecorded, { flows: [using] })
    const flow = createFlow('root')
      .node('open', async () => ({ output: connection }))
      .subflow('sub', { blueprintId: 'using' })
      .node('end', async ({ input }) => ({ output: (input as { connection: Connection }).connection === connection }))
      .edge('open', 'sub')
      .edge('sub', 'end')
    expect((await flow.run(runtime)).context).toMatchObject({ end: true })
  })

  it('is linked with the run of its flow, both ways', async () => {
    const { runtime, check, log } = bench(isRecorded, { flows: [echo] })
    const ids: string[] = []
    const listening = createFlow('listening').node('in', async ({ executionId, idempotencyKey }) => {
      ids.push(executionId, idempotencyKey)
    })
    runtime.register(listening)
    const flow = createFlow('root').subflow('a/b #', { blueprintId: 'listening' })
    const result = await flow.run(runtime)
    const id = `${result.executionId}:a%2Fb%20%23#0`
    expect(ids).toEqual([id, `${id}/in/0`])
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    expect((await log(result.executionId))[1]).toMatchObject({
      type: 'node:start',
      payload: { nodeId: 'a/b #', childExecutionId: id },
    })
    expect(stations(await log(id))).toEqual(['start run', 'start in', 'finish in', 'finish run'])
    expect((await log(id))[0]).toMatchObject({
      payload: { parent: { executionId: result.executionId, nodeId: 'a/b #', iteration: 0 }, blueprintId: 'listening' },
    })
  })

  it('runs anew in each turn of a loop, under an id of that turn', async () => {
    const more = createFlow('more').node('add', async ({ input }) => ({ output: Number(input) + 1 }))
    const { runtime, check, log } = bench(isRecorded, { flows: [more] })
    const flow = createFlow('root')
      .node('start', async () => ({ output: 0 }))
      .subflow('sub', { blueprintId: 'more' })
      .loop('again', { startNodeId: 'sub', endNodeId: 'sub', condition: 'input < 3' })
      .edge('start', 'sub')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'completed', context: { again: 3, sub: 3 } })
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    const starts = (await log(result.executionId)).filter(({ type }) => type === 'node:start')
    const ids = starts.flatMap(({ payload }) => ('childExecutionId' in payload ? [payload.childExecutionId] : []))
    expect(ids).toEqual([0, 1, 2].map((turn) => `${result.executionId}:sub#${turn}`))
    for (const id of ids) expect((await log(id!)).at(-1)?.type).toBe('workflow:finish')
  })

  it('may have batches in loops in its flow', async () => {
    const turns = createFlow('turns')
      .node('start', async ({ input }) => ({ output: input }))
      .node('list', async ({ input }) => ({ output: (input as number[]).map((n) => n + 1) }))
      .batch('b', async ({ input }) => ({ output: Number(input) * 2 }), { inputKey: 'list' })
      .loop('again', { startNodeId: 'list', endNodeId: 'b_gather', condition: 'input[0] < 20' })
      .edge('start', 'list')
      .edge('list', 'b')
    const { runtime, check } = bench(isRecorded, { flows: [turns] })
    const flow = createFlow('root')
      .node('a', async () => ({ output: [1, 2, 3] }))
      .subflow('sub', { blueprintId: 'turns' })
      .edge('a', 'sub')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'completed', context: { sub: [22, 30, 38] } })
    await check(flow.toBlueprint(), result)
  })

  it('holds no slot, and its flow has slots of its own', async () => {
    const order: string[] = []
    const slow = createFlow('slow').node('x', async ({ executionId }) => void order.push(executionId.slice(-3)))
    const { runtime } = bench(isRecorded, { flows: [slow] })
    const flow = createFlow('root')
      .subflow('a', { blueprintId: 'slow' })
      .subflow('b', { blueprintId: 'slow' })
      .subflow('c', { blueprintId: 'slow' })
    const result = await runtime.run(flow.toBlueprint(), {}, { concurrency: 1 })
    expect(result.status).toBe('completed')
    expect(order).toEqual(['a#0', 'b#0', 'c#0'])
  })

  it('routes by nothing but its edges: a flow has no action', async () => {
    const acting = createFlow('acting').node('x', async () => ({ action: 'left', output: 1 }))
    const { runtime, check } = bench(isRecorded, { flows: [acting] })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'acting' })
      .node('left', pass)
      .node('plain', pass)
      .edge('sub', 'left', { action: 'left' })
      .edge('sub', 'plain')
    const result = await flow.run(runtime)
    expect(result.context).toMatchObject({ plain: 1 })
    expect(result.context).not.toHaveProperty('left')
    await check(flow.toBlueprint(), result)
  })
})

describe.each(ways)('a subflow that another node created, $way', ({ isRecorded }) => {
  it.each([
    ['echo', 'completed', undefined],
    ['nobody', 'failed', 'DYNAMIC_NODES_INVALID'],
  ])('runs the blueprint %s: %s', async (blueprintId, status, code) => {
    const { runtime, check } = bench(isRecorded, { flows: [echo] })
    const flow = createFlow('root').node('maker', async () => ({
      output: 'made',
      dynamicNodes: [{ id: 'sub', uses: 'subflow', params: { blueprintId } }],
    }))
    const result = await flow.run(runtime)
    expect(result.status).toBe(status)
    expect(result.errors?.map((error) => error.code)).toEqual(code && [code])
    if (code === undefined) expect(result.context).toMatchObject({ sub: 'made' })
    await check(flow.toBlueprint(), result)
  })
})

describe.each(ways)('a subflow that cannot be, $way', ({ isRecorded }) => {
  const run = (params: object, options: Parameters<typeof bench>[1] = {}) => {
    const made = bench(isRecorded, { idGenerator: () => 'run', ...options })
    const blueprint = { id: 'root', nodes: [{ id: 'sub', uses: 'subflow', params }], edges: [] } as WorkflowBlueprint
    return { ...made, blueprint, result: made.runtime.run(blueprint) }
  }

  it('is a structural fault where the runtime does not know its blueprint, also one inside another', async () => {
    const { result, log } = run({ blueprintId: 'nobody' })
    await expect(result).rejects.toMatchObject({
      code: 'BLUEPRINT_INVALID',
      issues: [expect.stringContaining("subflow 'sub' runs blueprint 'nobody', which the runtime does not know")],
    })
    expect(await log('run')).toEqual([])
    const lost = createFlow('lost').subflow('deeper', { blueprintId: 'nobody' })
    const nested = run({ blueprintId: 'lost' }, { flows: [lost] })
    await expect(nested.result).rejects.toThrow("subflow 'deeper' runs blueprint 'nobody'")
    expect(await nested.log('run')).toEqual([])
  })

  it('is a structural fault where its flow has one', async () => {
    const bad: WorkflowBlueprint = {
      id: 'bad',
      nodes: [{ id: 'x', uses: 'nothing' }],
      edges: [{ source: 'x', target: 'y' }],
    }
    const { result } = run({ blueprintId: 'bad' }, { blueprints: { bad } })
    await expect(result).rejects.toThrow("in blueprint 'bad'")
  })

  it.each([{ inputs: { _run: 'a' } }, { outputs: { _executionId: 'a' } }, { outputs: { '_outputs.a': 'a' } }])(
    'fails when it maps something to a key of the engine: %o',
    async (mapping) => {
      const { result, check, blueprint } = run({ blueprintId: 'echo', ...mapping }, { flows: [echo] })
      expect(await result).toMatchObject({
        status: 'failed',
        errors: [{ nodeId: 'sub', code: 'CONTEXT_KEY_RESERVED' }],
      })
      await check(blueprint, await result)
    },
  )
})
