import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  openRecording,
  parseRecording,
  PersistentEventBusAdapter,
  recordingFrom,
  type FlowBuilder,
  type Recording,
  type RuntimeOptions,
} from 'flowcraft'
import { InMemoryEventLogger, recordGolden } from '@flowcraft/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowcraft-golden-'))
})
afterEach(async () => await rm(folder, { recursive: true }))

/** What a flow records in a runtime with random ids and the clock of the machine. */
async function recorded(flow: FlowBuilder, options: RuntimeOptions & { readonly executionId?: string } = {}) {
  const store = new InMemoryEventStore()
  const { executionId: wanted, ...runtimeOptions } = options
  const runtime = new FlowRuntime({
    ...runtimeOptions,
    flows: [flow, ...(options.flows ?? [])],
    eventBus: new PersistentEventBusAdapter(store),
  })
  const result = await runtime.run(flow.toBlueprint(), { amount: 5 }, { executionId: wanted })
  return { result, recording: await openRecording(store, result.executionId) }
}

/** The text of the golden history of what a flow records. */
async function goldenTextOf(recording: Recording, name: string = 'golden.jsonl'): Promise<string> {
  await recordGolden(join(folder, name), recording)
  return await readFile(join(folder, name), 'utf8')
}

const child = createFlow('child').node('inner', async ({ executionId, idempotencyKey }) => {
  const cause = Object.assign(new RangeError('too far'), { execution: executionId })
  throw new Error(`failed in ${executionId} (${idempotencyKey})`, { cause })
})

/** Every kind of thing that is another one each time: ids, stacks, times, in events, errors and values. */
const restless = createFlow('restless')
  .node(
    'flaky',
    ({ attempt, executionId }) => {
      if (attempt === 1) throw new Error(`first try of ${executionId}`)
      return { output: { executionId, error: new TypeError('kept'), map: new Map([[executionId, 1n]]) } }
    },
    { config: { maxRetries: 2 } },
  )
  .subflow('sub', { blueprintId: 'child' })
  .node('instead', () => ({ output: 'instead' }))
  .sleep('nap', { duration: '1h' })
  .edge('flaky', 'sub')
  .edge('flaky', 'nap')

describe('a golden history', () => {
  it('has the same bytes when the same run is recorded again', async () => {
    const [one, other] = [await recorded(restless, { flows: [child] }), await recorded(restless, { flows: [child] })]
    const text = await goldenTextOf(one.recording, 'one.jsonl')
    expect(await goldenTextOf(other.recording, 'other.jsonl')).toBe(text)
    expect(text).not.toContain(one.result.executionId)
    expect(text).not.toContain('stack')
    expect(text).not.toContain('golden.test.ts')
  })

  it('is a recording that replays to what the run gave, with the runs of subflows', async () => {
    const { recording } = await recorded(restless, { flows: [child] })
    const golden = parseRecording(await goldenTextOf(recording))
    expect(golden.length).toBe(recording.length)
    expect(golden.status).toBe(recording.status)
    expect(golden.blueprint).toEqual(restless.toBlueprint())
    const { flaky } = golden.at('end').context as { flaky: { error: Error; map: Map<string, bigint> } }
    expect(flaky.error).toBeInstanceOf(TypeError)
    expect(flaky.map).toEqual(new Map([['golden', 1n]]))
    const inner = await golden.child('sub')
    expect(inner.executionId).toBe('golden:sub#0')
    expect(inner.at('end').errors[0]?.cause?.message).toBe('failed in golden:sub#0 (golden:sub#0/inner/0)')
  })

  it('has other bytes when the run behaves in another way', async () => {
    const text = await goldenTextOf((await recorded(restless, { flows: [child] })).recording)
    const kind = createFlow('child').node('inner', () => ({ output: 'well' }))
    const other = await recorded(restless, { flows: [kind] })
    expect(await goldenTextOf(other.recording)).not.toBe(text)
  })

  it('leaves the data alone where a run has a name of its own', async () => {
    const named = createFlow('named').node('say', ({ executionId }) => ({
      output: `order-7, not border-70: ${executionId}`,
    }))
    const { recording } = await recorded(named, { executionId: 'order-7' })
    const golden = parseRecording(await goldenTextOf(recording))
    expect(golden.executionId).toBe('golden')
    expect(golden.at('end').context['say']).toBe('order-7, not border-70: order-7')
  })

  it('of a run with a name of its own does not depend on the name, either', async () => {
    const failing = createFlow('child').node('inner', () => {
      throw new Error('failed')
    })
    const parent = createFlow('parent').subflow('sub', { blueprintId: 'child' })
    const one = await recorded(parent, { flows: [failing], executionId: 'order-7' })
    expect(one.result.errors?.[0]?.message).toContain("(execution 'order-7:sub#0')")
    const text = await goldenTextOf(one.recording, 'one.jsonl')
    expect(text).not.toContain('order-7')
    const other = await recorded(parent, { flows: [failing], executionId: 'order-8' })
    expect(await goldenTextOf(other.recording, 'other.jsonl')).toBe(text)
  })

  it('has the runs of subflows of subflows', async () => {
    const leaf = createFlow('leaf').node('deepest', () => ({ output: 'found' }))
    const middle = createFlow('middle').subflow('down', { blueprintId: 'leaf' })
    const parent = createFlow('parent').subflow('sub', { blueprintId: 'middle' })
    const { recording } = await recorded(parent, { flows: [middle, leaf] })
    const golden = parseRecording(await goldenTextOf(recording))
    const deepest = await (await golden.child('sub')).child('down')
    expect(deepest.at('end').context).toMatchObject({ '_outputs.deepest': 'found' })
  })

  it('is read back where what is left out was not plain JSON', async () => {
    const odd = createFlow('odd').node('say', () => {
      throw Object.assign(new Error('odd'), { stack: 'Error: odd\n    at \0 \ud800', shared: [1n] })
    })
    const { recording } = await recorded(odd)
    const [error] = parseRecording(await goldenTextOf(recording)).at('end').errors
    expect(error?.cause).toEqual({ name: 'Error', message: 'odd', properties: { shared: [1n] } })
  })

  it('stays as it is where nothing but the order of parallel events is another one', async () => {
    const finishing = async (first: string): Promise<Recording> => {
      let release = (): void => {}
      const isReleased = new Promise<void>((resolve) => (release = resolve))
      const wait = (id: string) => async () => {
        if (id === first) setImmediate(release)
        else await isReleased
        return { output: id }
      }
      return (await recorded(createFlow('parallel').node('a', wait('a')).node('b', wait('b')))).recording
    }
    const [ab, ba] = [await finishing('a'), await finishing('b')]
    const finishesOf = ({ events }: Recording) =>
      events.flatMap(({ type, payload }) => (type === 'node:finish' ? [payload.nodeId] : []))
    expect([finishesOf(ab), finishesOf(ba)]).toEqual([
      ['a', 'b'],
      ['b', 'a'],
    ])
    const text = await goldenTextOf(ab)
    expect(await goldenTextOf(ba)).toBe(text)
    expect(await goldenTextOf(ba, 'other.jsonl')).not.toBe(text)
  })

  it('is another one where the order of writes makes another context', async () => {
    const writing = (...values: readonly number[]): FlowBuilder =>
      createFlow('writing').node('write', async ({ context }) => {
        for (const value of values) await context.set('key', value)
      })
    const before = await goldenTextOf((await recorded(writing(1, 2))).recording)
    expect(await goldenTextOf((await recorded(writing(2, 1))).recording)).not.toBe(before)
  })

  it('is recorded from events as from a recording, the blueprint among them or not', async () => {
    const log = new InMemoryEventLogger()
    const runtime = new FlowRuntime({ flows: [restless, child], eventBus: log })
    await runtime.run(restless.toBlueprint(), { amount: 5 })
    await recordGolden(join(folder, 'log.jsonl'), log)
    await recordGolden(join(folder, 'events.jsonl'), log.events)
    const text = await goldenTextOf((await recorded(restless, { flows: [child] })).recording)
    expect(await readFile(join(folder, 'log.jsonl'), 'utf8')).toBe(text)
    expect(await readFile(join(folder, 'events.jsonl'), 'utf8')).toBe(text)
  })

  it('is kept in a folder that is made for it, by a path or a URL', async () => {
    const { recording } = await recorded(createFlow('one').node('a', () => ({})))
    await recordGolden(pathToFileURL(join(folder, 'new/folder/a b.jsonl')), recording)
    expect(parseRecording(await readFile(join(folder, 'new/folder/a b.jsonl'), 'utf8')).status).toBe('completed')
  })

  it('refuses what is no run, and says what it found', async () => {
    const file = join(folder, 'golden.jsonl')
    const { result, recording } = await recorded(createFlow('one').node('a', () => ({})))
    const other = await recorded(createFlow('two').node('a', () => ({})))
    const refuse = async (found: unknown, message: string): Promise<void> => {
      const refused = { code: 'INPUT_INVALID', message: expect.stringContaining(message) }
      await expect(recordGolden(file, found as Recording)).rejects.toMatchObject(refused)
    }
    await refuse(result, 'openRecording(')
    await refuse([], 'an empty list')
    await refuse([1], 'something else in it')
    await refuse(null, 'null')
    await refuse([...recording, ...other.recording], 'of several runs')
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
    await writeFile(join(folder, 'file'), '')
    await expect(recordGolden(join(folder, 'file/golden.jsonl'), recording)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('file/golden.jsonl'),
    })
  })

  it('of the run of a subflow alone is the same each time, too', async () => {
    const ofChild = async (): Promise<Recording> =>
      (await recorded(restless, { flows: [child] })).recording.child('sub')
    const text = await goldenTextOf(await ofChild(), 'one.jsonl')
    expect(await goldenTextOf(await ofChild(), 'other.jsonl')).toBe(text)
    expect(recordingFrom(parseRecording(text).events).executionId).toBe('golden')
  })
})
