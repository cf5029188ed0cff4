import { fingerprint } from '../blueprint/fingerprint.ts'
import { sha256 } from '../blueprint/sha256.ts'
import { FlowcraftError } from '../errors.ts'
import { decodeValue, encodeValue } from '../events/value-codec.ts'
import { fold } from '../state/fold.ts'
import { toFrontierData, type FrontierData } from '../scheduler/frontier-data.ts'
import type { RunState } from '../state/run-state.ts'
import type { Run } from './run.ts'

/** A parked run that nothing records, with those of its subflows. */
export interface SavedRun {
  /** Of the blueprint that it is a run of: whatever else there is goes by places in its plan. */
  readonly blueprintHash: string
  readonly state: RunState
  readonly frontier: FrontierData
  /** By the nodes that wait for them. */
  readonly children: Readonly<Record<string, SavedRun>>
}

/** Notes a parked run as it is now; the text is made when it is asked for. */
export function runToText(run: Run): () => string {
  const note = noteOf(run)
  return () => {
    const { json, notes } = encodeValue(note())
    const content = { version, json, ...(notes !== undefined && { notes }) }
    return JSON.stringify({ ...content, digest: digestOf(content) })
  }
}

/** @throws INPUT_INVALID for a text that {@link runToText} did not make. */
export function runFromText(text: unknown, executionId: string): SavedRun {
  try {
    const { digest, ...content } = JSON.parse(String(text)) as Content & { readonly digest: string }
    if (content.version === version && digest === digestOf(content)) {
      // Its digest says that nobody else wrote it.
      const saved = decodeValue(content.json, content.notes) as SavedRun
      if (saved.state.executionId === executionId) return saved
    }
  } catch {
    // Told below.
  }
  throw new FlowcraftError(
    `The key '_run' of the context of execution '${executionId}' is not what the run gave; resume with the whole 'serializedContext', unchanged`,
    { code: 'INPUT_INVALID', executionId },
  )
}

/** Raised when an older package could not read what is written. */
const version = 1

interface Content {
  readonly version: number
  readonly json: string
  readonly notes?: string
}

function digestOf({ json, notes = '' }: Content): string {
  return sha256(`${json.length} ${json}${notes}`)
}

function noteOf(run: Run): () => SavedRun {
  const { blueprint } = run.frontier.plan
  const state = fold([], run.state)
  const frontier = toFrontierData(run.frontier)
  const children = [...run.children.entries()].map(([nodeId, child]) => [nodeId, noteOf(child)] as const)
  return () => ({
    blueprintHash: fingerprint(blueprint),
    state,
    frontier,
    children: Object.fromEntries(children.map(([nodeId, note]) => [nodeId, note()])),
  })
}
