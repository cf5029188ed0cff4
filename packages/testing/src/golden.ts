import {
  BlueprintMismatchError,
  encodeValue,
  FlowcraftError,
  verifyRecording,
  type Recording,
  type VerifyOptions,
  type WorkflowBlueprint,
} from 'flowcraft'
import { wholeFamily, type RecordedRun } from './golden-family.ts'
import {
  goldenFrom,
  isUpdating,
  mayBegin,
  missingGolden,
  nameOf,
  readGolden,
  writeGolden,
  type GoldenFile,
} from './golden-files.ts'
import { stableText } from './golden-text.ts'

/** Options of a check against a golden history. */
export interface CheckGoldenOptions extends VerifyOptions {
  /** Runs the workflow and gives what it has recorded: for update mode, and for a history that is not there yet. */
  readonly record?: (() => RecordedRun | Promise<RecordedRun>) | undefined
  /** Whether the history is recorded anew. Default what the environment variable `UPDATE_GOLDEN` says. */
  readonly update?: boolean | undefined
  /** Today's blueprints of subflows, by their ids. The histories of subflows whose blueprint is not among them are not checked. */
  readonly blueprints?: Readonly<Record<string, WorkflowBlueprint>> | undefined
}

/**
 * Keeps a run, with the runs of its subflows, as a golden history: a file that `checkGolden` checks blueprints against.
 * Execution ids, times, durations and stacks are made the same in every such file, and a file in which nothing but the
 * order of parallel events would change stays as it is: so recording again changes it only when the behaviour has changed.
 * A folder that is missing is made.
 * @throws INPUT_INVALID for what holds no events or those of several runs, and for a file that cannot be written.
 */
export async function recordGolden(file: GoldenFile, recorded: RecordedRun): Promise<void> {
  await writeGolden(file, stableText(await wholeFamily(recorded)))
}

/**
 * Checks that a blueprint would take every decision of a golden history, and gives that history. No code of nodes runs. In
 * update mode, or where the file is missing and this is not CI (`CI` is not set), the history is recorded first, if
 * `record` is given.
 * @throws BLUEPRINT_MISMATCH where the blueprint decides otherwise: the message names file, event, node or edge;
 * INPUT_INVALID where the file is missing; HISTORY_CORRUPT where it is damaged; BLUEPRINT_INVALID for a blueprint that cannot
 * run; what `record` throws.
 */
export async function checkGolden(
  file: GoldenFile,
  blueprint: WorkflowBlueprint,
  options: CheckGoldenOptions = {},
): Promise<Recording> {
  requireBlueprint(blueprint)
  const { record, update } = options
  let text = await readGolden(file)
  if (record !== undefined && (isUpdating(update) || (text === undefined && mayBegin()))) {
    await recordGolden(file, await record())
    text = await readGolden(file)
  }
  if (text === undefined) throw missingGolden(file, record !== undefined)
  const golden = goldenFrom(text, file)
  const mismatch = await mismatchOf(golden, blueprint, options)
  if (mismatch === undefined) return golden
  const todo = record === undefined ? 'recordGolden' : 'run the test with UPDATE_GOLDEN=1'
  throw new BlueprintMismatchError(
    `The golden history ${nameOf(file)} is not what ${mismatch}\nTo record it again: ${todo}. Then look at what changes in the file`,
    { blueprintId: blueprint.id },
  )
}

/** Nothing but the compiler has looked at it: without one, nothing would be checked. */
function requireBlueprint(blueprint: unknown): void {
  if (typeof blueprint === 'object' && blueprint !== null && 'nodes' in blueprint && Array.isArray(blueprint.nodes))
    return
  const isFlow = typeof blueprint === 'object' && blueprint !== null && 'toBlueprint' in blueprint
  throw new FlowcraftError(
    `A golden history is checked against a blueprint; found ${isFlow ? 'a flow: give its toBlueprint()' : typeof blueprint}`,
    { code: 'INPUT_INVALID' },
  )
}

/** Where today's blueprints part from a golden history, in words that follow on `… is not what`; `undefined` for nowhere. */
export async function mismatchOf(
  golden: Recording,
  blueprint: WorkflowBlueprint,
  { blueprints = {}, ...options }: Pick<CheckGoldenOptions, keyof VerifyOptions | 'blueprints'> = {},
): Promise<string | undefined> {
  const { root, children } = await wholeFamily(golden)
  for (const recording of [root, ...children]) {
    const id = recording.events[0]?.payload.blueprintId ?? ''
    const today = recording === root ? blueprint : Object.hasOwn(blueprints, id) ? blueprints[id] : undefined
    if (today === undefined) continue
    const verification = verifyRecording(today, recording, options)
    if (verification.ok) continue
    const { seq, expected, actual, reason } = verification.divergence
    const where = recording === root ? '' : ` of execution '${recording.executionId}'`
    return [
      `blueprint '${today.id}' would do, from event ${seq}${where} on: ${reason}`,
      `  recorded: ${encodeValue(expected).json}`,
      `  today:    ${encodeValue(actual).json}`,
    ].join('\n')
  }
  return undefined
}
