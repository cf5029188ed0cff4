import { FlowcraftError, HistoryCorruptError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { upcast } from '../events/upcast.ts'
import { headerFrom, type BundleHeader } from './bundle-header.ts'
import { fieldsFrom, type LineFields } from './bundle-line.ts'
import { openRecording } from './open.ts'
import { recordingOf, type Recording } from './recording.ts'
import type { RecordingStore } from './source.ts'
import { Timeline } from './timeline.ts'

/**
 * The recording that `serializeRecording` gave the text of, or that the lines of such a text hold. Empty lines do not
 * count. Nothing in it is run. Its `child` finds the recordings that were serialized with it.
 * @throws HISTORY_CORRUPT with the number of the line, for damage, a newer format, a wrong count, a gap or a duplicate;
 * INPUT_INVALID for what is neither text nor lines.
 */
export function parseRecording(text: string | Iterable<string>): Recording {
  const parser = new BundleParser()
  for (const line of typeof text === 'string' ? linesOf(text) : givenLines(text)) parser.take(line)
  return parser.finish()
}

function* linesOf(text: string): Generator<string, undefined, undefined> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    yield text.slice(from, end < 0 ? text.length : end)
    from = end < 0 ? text.length : end + 1
  }
}

function* givenLines(lines: Iterable<string>): Generator<string, undefined, undefined> {
  const given: unknown = lines
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) throw noText(given)
  for (const line of lines) {
    if (typeof line !== 'string') throw noText(line)
    yield line
  }
}

interface Section {
  readonly header: BundleHeader
  readonly timeline: Timeline
}

class BundleParser {
  readonly #sections = new Map<string, Section>()
  #root: Section | undefined
  #current: Section | undefined
  #line = 0

  take(text: string): void {
    this.#line += 1
    // Also a byte order mark goes.
    const line = text.trim()
    if (line === '') return
    try {
      const fields = fieldsFrom(line)
      if (fields === undefined) throw damaged('a line is an object')
      if (this.#current === undefined || isWhole(this.#current)) this.#begin(fields)
      else this.#current.timeline.take(this.#eventFrom(fields, this.#current))
    } catch (error) {
      throw this.#corrupt(error instanceof Error ? error.message : 'it cannot be read', error)
    }
  }

  finish(): Recording {
    const [root, last] = [this.#root, this.#current]
    this.#line += 1
    if (root === undefined || last === undefined) throw this.#corrupt('there is no header')
    if (!isWhole(last)) {
      const { events, executionId } = last.header
      const found = `the header of execution '${executionId}' counts ${events} events, and ${last.timeline.length} came`
      throw this.#corrupt(found)
    }
    const { executions = 1 } = root.header
    if (this.#sections.size !== executions) {
      throw this.#corrupt(`the first header counts ${executions} executions, and ${this.#sections.size} came`)
    }
    return recordingOf(root.timeline, storeOf(this.#sections), openRecording)
  }

  #begin(fields: LineFields): void {
    const header = headerFrom(fields)
    if (typeof header === 'string') throw damaged(`${header}${this.#current === undefined ? '' : afterEnd}`)
    const { executionId, blueprintHash, blueprint } = header
    if (this.#sections.has(executionId)) throw damaged(`execution '${executionId}' comes a second time`)
    const timeline = new Timeline(executionId)
    if (blueprintHash !== undefined && blueprint !== undefined) timeline.blueprints.set(blueprintHash, blueprint)
    this.#current = { header, timeline }
    this.#root ??= this.#current
    this.#sections.set(executionId, this.#current)
  }

  #eventFrom(fields: LineFields, { timeline }: Section): FlowcraftEvent {
    const { executionId, length: due } = timeline
    const { seq, timestamp, type, payload, schemaVersion } = fields
    if (seq !== due) throw damaged(`event ${due} of execution '${executionId}' is due; found ${String(seq)}`)
    if (typeof timestamp !== 'number') throw damaged(`event ${due} has no timestamp`)
    const version = schemaVersion === undefined ? {} : { schemaVersion }
    const envelope = { id: `${executionId}:${due}`, seq, executionId, timestamp, ...version, type, payload }
    // What type and payload are is looked at when it is taken in.
    return Object.freeze(upcast(envelope as FlowcraftEvent))
  }

  #corrupt(reason: string, cause?: unknown): HistoryCorruptError {
    const executionId = this.#current?.header.executionId
    const message = `Line ${this.#line} of the text of a recording cannot be read: ${reason}. Serialize the recording anew`
    return new HistoryCorruptError(message, { executionId, cause })
  }
}

const afterEnd = '; all events that the header before it counts have come'

/** What a line is not as it should be; the number of the line is put round it. */
function damaged(reason: string): HistoryCorruptError {
  return new HistoryCorruptError(reason)
}

function isWhole({ header, timeline }: Section): boolean {
  return timeline.length === header.events
}

/** The executions of one text, where children are looked up. Nothing new ever comes. */
function storeOf(sections: ReadonlyMap<string, Section>): RecordingStore {
  const eventsOf = (executionId: string): FlowcraftEvent[] => [...(sections.get(executionId)?.timeline.events ?? [])]
  return {
    retrieve: async (executionId) => eventsOf(executionId),
    retrieveMultiple: async (executionIds) => new Map(executionIds.map((id) => [id, eventsOf(id)])),
    loadBlueprint: async (hash) =>
      [...sections.values()].find(({ header }) => header.blueprintHash === hash && header.blueprint)?.header.blueprint,
    async *subscribe() {
      yield* []
    },
  }
}

function noText(found: unknown): FlowcraftError {
  const what = found === null ? 'null' : typeof found
  return new FlowcraftError(`parseRecording takes the text of a recording, or its lines; found ${what}`, {
    code: 'INPUT_INVALID',
  })
}
