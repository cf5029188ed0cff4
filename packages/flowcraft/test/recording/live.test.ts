import { describe, expect, it } from 'vitest'
import { openRecording, recordingFrom, type IEventStore, type InMemoryEventStore, type Snapshot } from 'flowcraft'
import { graph, recordingRuntime } from '../runtime/run-recorded.ts'

const blueprint = graph(['w -> a', 'a -> v', 'v -> b'], { w: { uses: 'wait' }, v: { uses: 'wait' } })
const give = () => ({ output: 1 })
const functionRegistry = { a: give, b: give }

async function parked() {
  const { runtime, store } = recordingRuntime()
  const { executionId } = await runtime.run(blueprint, {}, { functionRegistry })
  return { store, executionId, goOn: () => runtime.resume(executionId, {}, { functionRegistry }) }
}

/** A store that has nothing but what every store must have. */
function bare(store: InMemoryEventStore): IEventStore {
  return {
    store: (event, id) => store.store(event, id),
    retrieve: (id) => store.retrieve(id),
    retrieveMultiple: (ids) => store.retrieveMultiple(ids),
  }
}

describe('a recording of a live run', () => {
  it.each(['memory', 'bare'])('takes in what is new when it is refreshed, from a %s store', async (kind) => {
    const { store, executionId, goOn } = await parked()
    const recording = await openRecording(kind === 'bare' ? bare(store) : store, executionId)
    const held = recording.at('end')
    expect([recording.status, recording.events.length]).toEqual(['awaiting', recording.length])
    expect(await recording.refresh()).toBe(0)
    const before = recording.length
    await goOn()
    await goOn()
    const [one, other] = await Promise.all([recording.refresh(), recording.refresh()])
    expect(Math.max(one, other)).toBe(recording.length - before)
    expect(recording.status).toBe('completed')
    expect(held).toMatchObject({ seq: before - 1, status: 'awaiting' })
    expect(held.node('b')?.status ?? 'pending').toBe('pending')
    const anew = await openRecording(store, executionId)
    expect(recording.events).toEqual(anew.events)
    expect(recording.at('end')).toEqual(anew.at('end'))
    expect(recording.explain('b')).toEqual(anew.explain('b'))
  })

  it('gives the state after each event while it is followed, until the run has ended', async () => {
    const { store, executionId, goOn } = await parked()
    const recording = await openRecording(store, executionId)
    const before = recording.length
    const seen: Snapshot[] = []
    const following = (async () => {
      for await (const snapshot of recording.follow()) seen.push(snapshot)
    })()
    await goOn()
    // What a refresh takes in first is given all the same.
    await recording.refresh()
    await goOn()
    await following
    const events = await store.retrieve(executionId)
    expect(seen.map(({ seq }) => seq)).toEqual(events.slice(before).map(({ seq }) => seq))
    expect(seen.at(-1)).toMatchObject({ status: 'completed', event: { type: 'workflow:finish' } })
    expect(recording.length).toBe(events.length)
    for await (const _ of recording.follow()) throw new Error('Nothing comes after the end')
  })

  it('reads a store that cannot be followed when it is told to', async () => {
    const { store, executionId, goOn } = await parked()
    const recording = await openRecording(bare(store), executionId)
    const missing = recording.follow()[Symbol.asyncIterator]()
    await expect(missing.next()).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const seen: number[] = []
    const before = recording.length
    for await (const { seq } of recording.follow({ wait: goOn })) seen.push(seq)
    const events = await store.retrieve(executionId)
    expect(seen).toEqual(events.slice(before).map(({ seq }) => seq))
  })

  it.each(['memory', 'bare'])('is followed until the signal says so, on a %s store', async (kind) => {
    const { store, executionId } = await parked()
    const recording = await openRecording(kind === 'bare' ? bare(store) : store, executionId)
    const stop = new AbortController()
    const forever = (): Promise<void> => {
      queueMicrotask(() => stop.abort())
      return new Promise(() => {})
    }
    if (kind === 'memory') queueMicrotask(() => stop.abort())
    for await (const _ of recording.follow({ signal: stop.signal, wait: forever })) throw new Error('Nothing comes')
    expect(stop.signal.aborted).toBe(true)
    for await (const _ of recording.follow({ signal: stop.signal, wait: forever })) throw new Error('Nothing comes')
  })

  it('of events alone has no more to come', async () => {
    const { store, executionId } = await parked()
    const recording = recordingFrom(await store.retrieve(executionId))
    expect(await recording.refresh()).toBe(0)
    for await (const _ of recording.follow()) throw new Error('Nothing comes')
  })

  it('notices that its execution is gone, or is another one', async () => {
    const { store, executionId } = await parked()
    const recording = await openRecording(bare(store), executionId)
    await store.delete(executionId)
    await expect(recording.refresh()).rejects.toMatchObject({ code: 'HISTORY_CORRUPT' })
    expect(recording.at('end').status).toBe('awaiting')
  })

  it('has the blueprint that only the store knows', async () => {
    const { store, executionId } = await parked()
    const { events, blueprint: known } = await openRecording(store, executionId)
    expect(known).toEqual(blueprint)
    expect(recordingFrom(events).blueprint).toBeUndefined()
    expect(Object.keys(recordingFrom(events).at('start').nodes)).toEqual([])
    expect((await openRecording(bare(store), executionId)).blueprint).toBeUndefined()
  })
})
