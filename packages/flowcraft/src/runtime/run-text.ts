import { fingerprint } from '../blueprint/fingerprint.ts'
import { sha256 } from '../blueprint/sha256.ts'
import { FlowcraftError } from '../errors.ts'
import { decodeValue, encodeValue, type EncodedValue } from '../events/value-codec.ts'
import { fold } from '../state/fold.ts'
import { toFrontierData, type FrontierData } from '../scheduler/frontier-data.ts'
import type { RunState } from '../state/run-state.ts'
import type { Run } from './run.ts'

/** A parked run that nothing records. */
export interface SavedRun {
  /** Of the blueprint that it is a run of: whatever else there is goes by places in its plan. */
  readonly blueprintHash: string
  readonly state: RunState
  readonly frontier: FrontierData
}

/** Notes a parked run as it is now, with those of its subflows; the text is made when it is asked for. */
export function runToText(run: Run): () => string {
  const notes = [...notesOf(run)]
  return () => {
    const runs = Object.fromEntries(notes.map((note) => [note.state.executionId, encodeNote(note)]))
    return JSON.stringify({ version, runs, digest: digestOf(runs) })
  }
}

/**
 * Reads the text of a parked run: what is saved of it, or of a run of one of its subflows.
 * @throws INPUT_INVALID for a text that {@link runToText} did not make of that run.
 */
export function runsFromText(text: unknown, executionId: string): (executionId: string) => SavedRun {
  const runs = readRuns(text)
  if (runs === undefined || !Object.hasOwn(runs, executionId)) {
    throw new FlowcraftError(
      `The key '_run' of the context of execution '${executionId}' is not what the run gave; resume with the whole 'serializedContext', unchanged`,
      { code: 'INPUT_INVALID', executionId },
    )
  }
  return (id) => {
    const { json, notes } = runs[id]!
    // The digest of all says that a run wrote it.
    return decodeValue(json, notes) as SavedRun
  }
}

/** Raised when an older package could not read what is written. */
const version = 1

/** By execution id. */
type EncodedRuns = Readonly<Record<string, EncodedValue>>

interface Note extends Omit<SavedRun, 'blueprintHash'> {
  readonly blueprint: Run['frontier']['plan']['blueprint']
}

function* notesOf(run: Run): Iterable<Note> {
  const { frontier } = run
  yield { blueprint: frontier.plan.blueprint, state: fold([], run.state), frontier: toFrontierData(frontier) }
  for (const [, child] of run.children.entries()) yield* notesOf(child)
}

function encodeNote({ blueprint, ...rest }: Note): EncodedValue {
  return encodeValue({ blueprintHash: fingerprint(blueprint), ...rest })
}

function readRuns(text: unknown): EncodedRuns | undefined {
  try {
    const read = JSON.parse(String(text)) as { version: unknown; runs: EncodedRuns; digest: unknown }
    return read.version === version && read.digest === digestOf(read.runs) ? read.runs : undefined
  } catch {
    return undefined
  }
}

function digestOf(runs: EncodedRuns): string {
  return sha256(JSON.stringify(runs))
}
