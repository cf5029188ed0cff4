import { FlowcraftError, type Recording, type RunStatus, type Waiting, type WorkflowError } from 'flowcraft'
import { familyIn, type RecordedRun } from './golden-family.ts'
import { failedText, waitingWords } from './vitest-event-line.ts'

/** A run as matchers see it. */
export interface RunView {
  /** The run in words: a blueprint and an execution, as far as they are known. */
  readonly name: string
  readonly status: RunStatus
  readonly errors: readonly WorkflowError[]
  readonly awaiting: readonly Waiting[]
}

/**
 * The run that the result, the recording or the events are of.
 * @throws INPUT_INVALID for what is none of these.
 */
export function viewOf(received: unknown): RunView {
  if (isResult(received)) {
    const { status, errors = [], executionId } = received
    return { name: `the run (execution '${executionId}')`, status, errors, awaiting: [] }
  }
  const recording = recordingIn(received)
  const { status, errors, awaiting } = recording.at('end')
  return { name: nameOf(recording), status, errors, awaiting }
}

/**
 * The recording, or that of the events.
 * @throws INPUT_INVALID for what is neither.
 */
export function recordingIn(received: unknown): Recording {
  // What it is is looked at there.
  return familyIn(received as RecordedRun).root
}

/** The run of a recording in words. */
export function nameOf({ executionId, blueprint, events }: Recording): string {
  const id = blueprint?.id ?? events[0]?.payload.blueprintId
  return `the run${id === undefined ? '' : ` of '${id}'`} (execution '${executionId}')`
}

/** What became of a run, with all that is wrong with it. */
export function endText({ status, errors, awaiting }: RunView): string {
  const details = [...errors.map((error) => failedText(error)), ...waitingWords(awaiting)]
  return `${endOf[status]}${details.length === 0 ? '' : `:\n${details.map((detail) => `  - ${detail}`).join('\n')}`}`
}

const endOf: Readonly<Record<RunStatus, string>> = {
  completed: 'has completed',
  failed: 'has failed',
  cancelled: 'was cancelled',
  awaiting: 'waits',
  stalled: 'is stalled',
  running: 'has not ended',
}

/**
 * @throws INPUT_INVALID for what is no id of a node.
 */
export function assertNodeIds(matcher: string, ids: readonly unknown[]): void {
  const stranger = ids.findIndex((id) => typeof id !== 'string')
  if (ids.length > 0 && stranger < 0) return
  const found = ids.length === 0 ? 'nothing' : `${typeof ids[stranger]} as number ${stranger + 1}`
  throw new FlowcraftError(`${matcher} takes ids of nodes; found ${found}`, { code: 'INPUT_INVALID' })
}

interface ResultLike {
  readonly status: RunStatus
  readonly errors?: readonly WorkflowError[] | undefined
  readonly executionId: string
}

/** Whether it is what `run`, `resume` or a step of a stepper gives. */
function isResult(received: unknown): received is ResultLike {
  return (
    typeof received === 'object' &&
    received !== null &&
    'serializedContext' in received &&
    !('recordedStatus' in received)
  )
}
