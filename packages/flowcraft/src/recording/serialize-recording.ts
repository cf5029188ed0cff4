import { FlowcraftError } from '../errors.ts'
import { schemaVersion, type FlowcraftEvent } from '../events/event.ts'
import { bundleFormat, lineFrom } from './bundle-line.ts'
import type { Recording } from './recording.ts'

/** What goes into the text of a recording besides itself. */
export interface SerializeRecordingOptions {
  /** Recordings of subflows, to be found again by `child`; theirs are not taken by themselves. Default none. */
  readonly children?: Iterable<Recording> | undefined
}

/**
 * A recording as text that holds all that it shows: JSON Lines, in which a header with the blueprint comes first and then a
 * line for each event, and the same again for each of the `children`. Every line ends in a newline.
 * @throws INPUT_INVALID for what is no recording, or two of one execution.
 */
export function serializeRecording(recording: Recording, options: SerializeRecordingOptions = {}): string {
  const recordings = [recording, ...(options.children ?? [])]
  const known = new Set<string>()
  for (const one of recordings) {
    const found: unknown = one
    if (typeof found !== 'object' || found === null || !Array.isArray(Reflect.get(found, 'events'))) {
      throw invalid('serializeRecording takes recordings, such as openRecording gives; found something else')
    }
    const { executionId } = one
    if (known.has(executionId)) throw invalid(`Execution '${executionId}' is given twice; give each recording once`)
    known.add(executionId)
  }
  const lines: string[] = []
  for (const one of recordings) {
    lines.push(headerOf(one, lines.length === 0 ? recordings.length : undefined))
    for (const event of one.events) lines.push(eventLine(event))
  }
  return `${lines.join('\n')}\n`
}

function headerOf({ executionId, blueprint, events }: Recording, executions: number | undefined): string {
  return lineFrom({
    format: bundleFormat,
    schemaVersion,
    executionId,
    ...definedOnly({ executions, blueprintHash: hashOf(events), blueprint }),
    events: events.length,
  })
}

/** Of the blueprint that the run has at its end. */
function hashOf(events: readonly FlowcraftEvent[]): string | undefined {
  for (let seq = events.length - 1; seq >= 0; seq -= 1) {
    const hash: unknown = Reflect.get(events[seq]!.payload, 'blueprintHash')
    if (typeof hash === 'string') return hash
  }
  return undefined
}

function eventLine({ seq, timestamp, type, payload, schemaVersion: version }: FlowcraftEvent): string {
  return lineFrom({ seq, timestamp, type, ...definedOnly({ schemaVersion: version }), payload })
}

function definedOnly(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function invalid(message: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}
