import { expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  openRecording,
  parseRecording,
  PersistentEventBusAdapter,
  serializeRecording,
  type Recording,
  type RecordingStore,
} from 'flowcraft'
import { graph } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const blueprint = graph(['a -> b'])
const give = () => ({ output: { at: new Date(5), of: new Map([['k', 1n]]), [`__proto__`]: 'own' } })
const recorded = async (): Promise<Recording> =>
  await record(blueprint, { a: give, b: give }, { given: [1, undefined] })
const linesOf = async (): Promise<string[]> =>
  serializeRecording(await recorded())
    .trimEnd()
    .split('\n')
const joined = (lines: readonly string[]): string => lines.join('\n')
const corrupt = (line: number, words: RegExp) =>
  expect.objectContaining({
    code: 'HISTORY_CORRUPT',
    message: expect.stringMatching(new RegExp(`^Line ${line} .*${words.source}`)),
  })

it('the text is a header with the blueprint and a line of JSON for each event', async () => {
  const recording = await recorded()
  const text = serializeRecording(recording)
  expect(text.endsWith('\n')).toBe(true)
  const [header, ...events] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(header).toMatchObject({ format: 'flowcraft-recording', schemaVersion: 1, executions: 1, blueprint })
  expect(header).toMatchObject({ executionId: recording.executionId, events: recording.length })
  expect(header.blueprintHash).toMatch(/./)
  expect(events.map(({ seq, type }) => [seq, type])).toEqual(recording.events.map(({ seq, type }) => [seq, type]))
  expect(events[0].payload.initialContext.given).toEqual([1, null])
})

it('a recording comes back from its text, from lines, from lines with carriage returns and from a file with a mark', async () => {
  const recording = await recorded()
  const text = serializeRecording(recording)
  for (const form of [text, text.split('\n'), text.replaceAll('\n', '\r\n'), `\uFEFF${text}\n\n`]) {
    const parsed = parseRecording(form)
    expect(parsed.events).toStrictEqual(recording.events)
    expect(parsed.blueprint).toEqual(blueprint)
    expect([parsed.executionId, parsed.status]).toEqual([recording.executionId, 'completed'])
    expect(parsed.at('end')).toEqual(recording.at('end'))
    expect(serializeRecording(parsed)).toBe(text)
  }
})

it('values keep their types, and a key called __proto__ stays a key', async () => {
  const { output } = parseRecording(serializeRecording(await recorded())).at('end').nodes['a']!
  expect(output).toMatchObject({ at: new Date(5), of: new Map([['k', 1n]]) })
  expect(Object.hasOwn(output as object, '__proto__')).toBe(true)
  expect(Object.getPrototypeOf(output)).toBe(Object.prototype)
})

it('a blueprint that only the store has is in the text', async () => {
  const recording = await recorded()
  const bare = recording.events.map((event) => {
    if (event.type !== 'workflow:start') return event
    const { blueprint: _, ...payload } = event.payload
    return { ...event, payload }
  })
  const store: RecordingStore = {
    retrieve: async () => bare,
    retrieveMultiple: async () => new Map(),
    loadBlueprint: async () => blueprint,
  }
  const parsed = parseRecording(serializeRecording(await openRecording(store, recording.executionId)))
  expect(parsed.blueprint).toEqual(blueprint)
  expect(Object.keys(parsed.at(0).nodes)).toEqual(['a', 'b'])
})

it('runs of subflows that go into the text are found again, others are not there', async () => {
  const child = createFlow('child').node('inner', () => ({ output: 'deep' }))
  const flow = createFlow('parent').subflow('sub', { blueprintId: 'child' })
  const store = new InMemoryEventStore()
  const eventBus = new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ eventBus, logger: new NullLogger(), flows: [child, flow] })
  const { executionId } = await flow.run(runtime)
  const recording = await openRecording(store, executionId)
  const ofChild = await recording.child('sub')
  const parsed = parseRecording(serializeRecording(recording, { children: [ofChild] }))
  const parsedChild = await parsed.child('sub')
  expect(parsedChild.events).toStrictEqual(ofChild.events)
  expect(parsedChild.blueprint).toEqual(ofChild.blueprint)
  expect(parsedChild.at('end').nodes['inner']?.output).toBe('deep')
  const alone = parseRecording(serializeRecording(recording))
  await expect(alone.child('sub')).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
  expect(() => serializeRecording(recording, { children: [recording] })).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  )
})

it('a recording from text has nothing to wait for', async () => {
  const parsed = parseRecording(serializeRecording(await recorded()))
  expect(await parsed.refresh()).toBe(0)
  const followed: number[] = []
  for await (const { seq } of parsed.follow()) followed.push(seq)
  expect(followed).toEqual([])
})

it('damage is told with the number of its line', async () => {
  const lines = await linesOf()
  const count = lines.length
  const header = JSON.parse(lines[0]!)
  const cases: [string[], number, RegExp][] = [
    [[], 1, /no header/],
    [lines.slice(1), 1, /flowcraft-recording/],
    [lines.slice(0, -1), count, /counts \d+ events/],
    [[...lines, lines.at(-1)!], count + 1, /flowcraft-recording.*have come/],
    [lines.toSpliced(3, 1), 4, /event 2 .* is due; found 3/],
    [lines.toSpliced(3, 0, lines[2]!), 4, /event 2 .* is due; found 1/],
    [lines.with(2, lines[2]!.slice(0, -5)), 3, /./],
    [lines.with(2, '[]'), 3, /an object/],
    [lines.with(2, JSON.stringify({ ...JSON.parse(lines[2]!), notes: [], payload: null })), 3, /payload/],
    [lines.with(2, JSON.stringify({ ...JSON.parse(lines[2]!), timestamp: 'now' })), 3, /timestamp/],
    [lines.with(2, JSON.stringify({ ...JSON.parse(lines[2]!), schemaVersion: 2 })), 3, /schemaVersion 2/],
    [lines.with(2, JSON.stringify({ ...JSON.parse(lines[2]!), notes: [[['no'], 'Date']] })), 3, /note/],
    [lines.with(0, JSON.stringify({ ...header, schemaVersion: 2 })), 1, /use a newer one/],
    [lines.with(0, JSON.stringify({ ...header, format: 'other' })), 1, /found 'other'/],
    [lines.with(0, JSON.stringify({ ...header, events: -1 })), 1, /counts/],
    [lines.with(0, JSON.stringify({ ...header, events: 3 })), 5, /have come/],
    [lines.with(0, JSON.stringify({ ...header, executionId: '' })), 1, /names no execution/],
    [lines.with(0, JSON.stringify({ ...header, executions: 2 })), count + 1, /counts 2 executions, and 1 came/],
    [lines.with(0, JSON.stringify({ ...header, blueprint: { ...blueprint, nodes: 5 } })), 1, /blueprint/],
    [[...lines, ...lines], count + 1, /second time/],
  ]
  for (const [damaged, line, words] of cases) {
    expect(() => parseRecording(joined(damaged))).toThrow(corrupt(line, words))
    expect(() => parseRecording(damaged)).toThrow(corrupt(line, words))
  }
})

it('what is no recording, and what is no text, is refused', () => {
  const invalid = expect.objectContaining({ code: 'INPUT_INVALID' })
  for (const no of [undefined, null, 5, {}, [5]]) expect(() => parseRecording(no as never)).toThrow(invalid)
  for (const no of [undefined, null, 5, {}]) expect(() => serializeRecording(no as never)).toThrow(invalid)
})
