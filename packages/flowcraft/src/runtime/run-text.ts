import { FlowcraftError } from '../errors.ts'
import { decodeValue, encodeValue } from '../events/value-codec.ts'
import { fold } from '../state/fold.ts'
import { toFrontierData, type FrontierData } from '../scheduler/frontier-data.ts'
import type { RunState } from '../state/run-state.ts'
import type { Run } from './run.ts'

/** A parked run that nothing records, with those of its subflows. */
export interface SavedRun {
  readonly version: 1
  readonly state: RunState
  readonly frontier: FrontierData
  readonly children: Readonly<Record<string, SavedRun>>
}

/** Notes a parked run as it is now; the text is made when it is asked for. */
export function runToText(run: Run): () => string {
  const saved = save(run)
  return () => {
    const { json, notes } = encodeValue(saved)
    return JSON.stringify({ json, ...(notes !== undefined && { notes }) })
  }
}

/** @throws INPUT_INVALID for a text that {@link runToText} did not make. */
export function runFromText(text: unknown, executionId: string): SavedRun {
  try {
    const { json, notes } = JSON.parse(String(text)) as { json: string; notes?: string }
    const saved = decodeValue(json, notes) as SavedRun
    if (saved.version === 1 && saved.state.nodes instanceof Map && Array.isArray(saved.frontier.open)) return saved
  } catch {
    // Told below.
  }
  throw new FlowcraftError(
    `The key '_run' of the context of execution '${executionId}' is not what the run gave; resume with the whole 'serializedContext', unchanged`,
    { code: 'INPUT_INVALID', executionId },
  )
}

function save(run: Run): SavedRun {
  const children: Record<string, SavedRun> = {}
  for (const [nodeId, child] of run.children.entries()) children[nodeId] = save(child)
  return { version: 1, state: fold([], run.state), frontier: structuredCloneOf(toFrontierData(run.frontier)), children }
}

/** A frontier changes in place when its run goes on. */
function structuredCloneOf(data: FrontierData): FrontierData {
  return structuredClone(data)
}
