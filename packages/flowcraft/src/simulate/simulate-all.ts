import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { FlowcraftError } from '../errors.ts'
import { macrotask } from '../ports.ts'
import type { Recording } from '../recording/recording.ts'
import { wholeNumber } from '../runtime/options.ts'
import { settle, type SimulateOptions } from './options.ts'
import { simulateWith, type Simulation } from './simulate.ts'
import { Tally, type SimulationSummary } from './summary.ts'

/** Recordings one after the other, or promises of them. */
export type RecordingStream = Iterable<Recording | Promise<Recording>> | AsyncIterable<Recording>

/** Options of a simulation over many recordings. */
export interface SimulateAllOptions extends SimulateOptions {
  /** How many recordings are taken from the stream before they have been simulated. Default 1. */
  readonly concurrency?: number | undefined
  /** How many examples the summary has of each kind. Default 10. */
  readonly maxExamples?: number | undefined
  /** Gets each simulation as it is there, and is waited for: the summary itself keeps none of them. */
  readonly onSimulation?: ((simulation: Simulation, recording: Recording) => void | Promise<void>) | undefined
}

/**
 * What recorded runs would have been under `blueprint`, one after the other, and in how many of them something would have
 * been different. A promise of a recording that rejects, and a recording that cannot be simulated, are counted, and the others
 * go on. Memory does not grow with the number of recordings.
 * @throws what `simulate` throws for the blueprint and the options; what the stream itself or `onSimulation` throws.
 */
export async function simulateAll(
  blueprint: WorkflowBlueprint,
  recordings: RecordingStream,
  options: SimulateAllOptions = {},
): Promise<SimulationSummary> {
  const settled = settle(blueprint, options)
  const { concurrency = 1, maxExamples = 10, onSimulation } = options
  // What is opened already may fail before it is its turn.
  if (Array.isArray(recordings)) for (const each of recordings) if (each instanceof Promise) each.catch(() => {})
  const tally = new Tally(wholeNumber('maxExamples', maxExamples))
  const stream = new Numbered(iteratorOf(recordings))
  const work = async (): Promise<void> => {
    for (let next = await stream.next(); next !== undefined; next = await stream.next()) {
      let recording: Recording | undefined
      let simulation: Simulation
      try {
        recording = await next.recording
        simulation = await simulateWith(settled, recording)
        tally.count(next.nth, recording, simulation)
      } catch (error) {
        tally.countFailure(next.nth, recording, error)
        continue
      }
      await onSimulation?.(simulation, recording)
      // Much may be waiting while nothing but this goes on.
      await new Promise<void>(macrotask)
    }
  }
  try {
    await Promise.all(Array.from({ length: wholeNumber('concurrency', concurrency) }, work))
  } finally {
    await stream.end()
  }
  return tally.summary()
}

type Step = IteratorResult<Recording | Promise<Recording>, unknown>

/** Recordings with their numbers. Whoever asks gets one at a time. */
class Numbered {
  readonly #iterator: AsyncIterator<Recording, unknown> | Iterator<Recording | Promise<Recording>, unknown>
  #last: Promise<unknown> = Promise.resolve()
  #count = 0
  #isOver = false

  constructor(iterator: AsyncIterator<Recording, unknown> | Iterator<Recording | Promise<Recording>, unknown>) {
    this.#iterator = iterator
  }

  next(): Promise<{ readonly nth: number; readonly recording: Recording | Promise<Recording> } | undefined> {
    const asked = this.#last.then(async () => {
      if (this.#isOver) return undefined
      let step: Step
      try {
        step = await this.#iterator.next()
      } catch (error) {
        this.#isOver = true
        throw error
      }
      if (step.done === true) {
        this.#isOver = true
        return undefined
      }
      const { value } = step
      // Nobody may wait for it before others have been simulated.
      if (value instanceof Promise) value.catch(() => {})
      return { nth: this.#count++, recording: value }
    })
    this.#last = asked.catch(() => {})
    return asked
  }

  /** Lets go of a stream that was not read to its end. */
  async end(): Promise<void> {
    await this.#last
    if (this.#isOver) return
    this.#isOver = true
    await this.#iterator.return?.()
  }
}

function oneRecording(): FlowcraftError {
  return new FlowcraftError(
    'simulateAll takes an array or another (async) iterable of recordings; found one recording: give it to simulate, or in an array',
    { code: 'INPUT_INVALID' },
  )
}

function iteratorOf(
  recordings: RecordingStream,
): AsyncIterator<Recording, unknown> | Iterator<Recording | Promise<Recording>, unknown> {
  const found: unknown = recordings
  if (typeof found === 'object' && found !== null) {
    if ('events' in recordings) throw oneRecording()
    if (Symbol.asyncIterator in recordings) return recordings[Symbol.asyncIterator]()
    if (Symbol.iterator in recordings) return recordings[Symbol.iterator]()
  }
  throw new FlowcraftError(
    `simulateAll takes an array or another (async) iterable of recordings; found ${found === null ? 'null' : typeof found}`,
    { code: 'INPUT_INVALID' },
  )
}
