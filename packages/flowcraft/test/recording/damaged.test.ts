import { expect, it } from 'vitest'
import { FlowRuntime, InMemoryEventStore, openRecording, recordingFrom, type FlowcraftEvent } from 'flowcraft'
import { graph, runRecorded } from '../runtime/run-recorded.ts'

const blueprint = graph(['a -> b'])
const give = () => ({ output: 1 })
const recorded = async (): Promise<readonly FlowcraftEvent[]> =>
  (await runRecorded(blueprint, { a: give, b: give })).events

const damages: readonly [string, (events: FlowcraftEvent[]) => unknown[]][] = [
  ['a gap', (events) => events.filter(({ seq }) => seq !== 3)],
  ['no beginning', (events) => events.slice(1).concat({ ...events[0]!, executionId: 'other' })],
  ['a duplicate with other content', (events) => [...events, { ...events[2]!, timestamp: 0 }]],
  ['a newer schema', (events) => [...events.slice(0, -1), { ...events.at(-1)!, schemaVersion: 99 }]],
  [
    'an event without a payload',
    (events) => events.map((event) => (event.seq === 2 ? { ...event, payload: null } : event)),
  ],
  [
    'an event without a type',
    (events) => events.map((event) => (event.seq === 2 ? { ...event, type: undefined } : event)),
  ],
  ['a start that is none', (events) => events.map((event) => (event.seq === 0 ? { ...event, payload: {} } : event))],
  [
    'a result that is none',
    (events) => events.map((event) => (event.type === 'node:finish' ? { ...event, payload: { nodeId: 'a' } } : event)),
  ],
]

it.each(damages)('%s is a damaged log, from wherever it is read', async (_, damage) => {
  const whole = await recorded()
  const { executionId } = whole[0]!
  const events = damage([...whole]) as FlowcraftEvent[]
  const corrupt = expect.objectContaining({ code: 'HISTORY_CORRUPT', executionId })
  expect(() => recordingFrom(events, { executionId })).toThrow(corrupt)
  const store = { retrieve: async () => events, retrieveMultiple: async () => new Map() }
  await expect(openRecording(store, executionId)).rejects.toEqual(corrupt)
})

it('what a replay puts in order, a recording does too: order, exact duplicates, other executions, no seq at all', async () => {
  const whole = await recorded()
  const strangers = (await recorded()).slice(0, 3)
  const plain = recordingFrom(whole).at('end').context
  const mixed = [...whole].reverse().concat(whole[2]!)
  expect(recordingFrom(mixed).at('end').context).toEqual(plain)
  expect(recordingFrom([...strangers, ...mixed], { executionId: whole[0]!.executionId }).at('end').context).toEqual(
    plain,
  )
  const bare = whole.map((event) => ({ ...event, seq: undefined }) as unknown as FlowcraftEvent)
  expect(recordingFrom(bare).at('end').context).toEqual(plain)
  expect(recordingFrom(bare).events.map(({ seq }) => seq)).toEqual(whole.map(({ seq }) => seq))
})

it('an event type of a later version is no reason to lose the rest', async () => {
  const whole = await recorded()
  const later = { ...whole.at(-1)!, type: 'later:version', seq: whole.length, payload: { executionId: 'e' } } as never
  const recording = recordingFrom([...whole, later])
  expect([recording.length, recording.status]).toEqual([whole.length + 1, 'completed'])
  expect(recording.explain('b').outcome).toBe('completed')
})

it('a log that was cut off anywhere is the recording of a run that was cut off', async () => {
  const whole = await recorded()
  for (let length = 1; length < whole.length; length += 1) {
    const cut = whole.slice(0, length)
    const recording = recordingFrom(cut)
    const replayed = await new FlowRuntime().replay(blueprint, cut)
    expect(recording.status).toBe(replayed.recordedStatus)
    expect(recording.at('end').context).toEqual(replayed.context)
  }
})

it('who asks for what is not there is told so', async () => {
  const store = new InMemoryEventStore()
  await expect(openRecording(store, 'nobody')).rejects.toMatchObject({
    code: 'EXECUTION_UNKNOWN',
    executionId: 'nobody',
  })
  for (const id of ['', undefined, 5]) {
    await expect(openRecording(store, id as never)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  }
  for (const no of [undefined, null, {}, 'store']) {
    await expect(openRecording(no as never, 'e')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  }
  for (const no of [undefined, null, 5, {}, [null], ['event']]) {
    expect(() => recordingFrom(no as never)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
  }
  expect(() => recordingFrom([])).toThrow('Cannot determine execution ID from events')
})

it('an event that cannot be read leaves what was there before it, and nothing follows it', async () => {
  const whole = await recorded()
  const { executionId } = whole[0]!
  const bad = { ...whole[3]!, type: 'node:finish', payload: { nodeId: 'a' } } as never
  const events: FlowcraftEvent[] = whole.slice(0, 3)
  const store = { retrieve: async () => events, retrieveMultiple: async () => new Map() }
  const recording = await openRecording(store, executionId)
  const before = recording.at('end')
  events.push(bad)
  await expect(recording.refresh()).rejects.toMatchObject({ code: 'HISTORY_CORRUPT' })
  events[3] = whole[3]!
  await expect(recording.refresh()).rejects.toMatchObject({ code: 'HISTORY_CORRUPT' })
  expect(recording.length).toBe(3)
  expect(recording.at('end')).toEqual(before)
})
