import { diffRecordings, encodeValue, formatDiff, type Recording, type WorkflowBlueprint } from 'flowcraft'
import type { MatcherState } from 'vitest'
import { wholeFamily, type Family, type RecordedRun } from './golden-family.ts'
import {
  goldenFrom,
  isUpdating,
  mayBegin,
  missingGolden,
  nameOf,
  readGolden,
  saysTheSame,
  writeGolden,
  type GoldenFile,
} from './golden-files.ts'
import { mismatchOf } from './golden.ts'
import { stableFamily, stableText } from './golden-text.ts'
import type { Verdict } from './vitest-matcher-types.ts'

/** See {@link FlowcraftMatchers}. */
export async function toMatchGolden(
  this: MatcherState,
  received: unknown,
  file: GoldenFile,
  blueprint?: WorkflowBlueprint,
): Promise<Verdict> {
  const place = await placeOf(file, this)
  // What it is is looked at there.
  const family = await wholeFamily(received as RecordedRun)
  let known = await readGolden(place)
  if (!this.isNot && (isUpdating(undefined) || isUpdatingSnapshots(this) || (known === undefined && mayBegin()))) {
    await writeGolden(place, stableText(family))
    known = await readGolden(place)
  }
  if (known === undefined) throw missingGolden(place, true)
  const golden = await wholeFamily(goldenFrom(known, place))
  const today = blueprint ?? family.root.blueprint
  const difference = firstDifference(golden, stableFamily(family))
  const mismatch = difference === undefined && today ? await mismatchOf(golden.root, today) : undefined
  return {
    pass: difference === undefined && mismatch === undefined,
    message: () => {
      const wanted = `expected the run ${this.isNot ? 'not ' : ''}to match the golden history ${nameOf(place)}`
      if (this.isNot) return `${wanted}, but it does`
      const found = difference ?? `The history is not what ${mismatch}`
      return `${wanted}\n\n${found}\n\nIf the change is meant, record it again with vitest -u, and look at what changes in the file`
    },
  }
}

/** In what a run differs from a golden one besides the order of events; `undefined` for nothing. */
function firstDifference(golden: Family, run: Family): string | undefined {
  const runs = new Map([run.root, ...run.children].map((recording) => [recording.executionId, recording]))
  for (const recording of [golden.root, ...golden.children]) {
    const { executionId } = recording
    const other = runs.get(executionId)
    if (other === undefined) return `Execution '${executionId}' of a subflow is in the golden history only`
    runs.delete(executionId)
    if (saysTheSame(factsIn(recording), factsIn(other))) continue
    const which = recording === golden.root ? '' : ` of the subflow run '${executionId}'`
    const executionIds = { a: `golden history${which}`, b: `this run${which}` }
    return formatDiff({ ...diffRecordings(recording, other), executionIds, durationMs: {} })
  }
  const [stranger] = runs.keys()
  return stranger === undefined ? undefined : `Execution '${stranger}' of a subflow is not in the golden history`
}

/** Where edges stand in their blueprint, and what else is in it, says nothing of the run. */
const ofBlueprint = ['blueprint', 'blueprintHash', 'blueprintVersion', 'edge', 'edges']

/** The events as lines, without numbers and times. */
function factsIn({ events }: Recording): string {
  const lines = events.map(({ type, payload }) => {
    const facts = Object.entries(payload).filter(([name]) => !ofBlueprint.includes(name))
    const { json, notes = '' } = encodeValue({ type, ...Object.fromEntries(facts) })
    return `${json} ${notes}`
  })
  return lines.join('\n')
}

/** A path is taken from the folder of the test, as vitest takes that of `toMatchFileSnapshot`. */
async function placeOf(file: GoldenFile, { testPath }: MatcherState): Promise<GoldenFile> {
  if (typeof file !== 'string' || testPath === undefined) return file
  const { dirname, isAbsolute, join } = await import('node:path')
  return isAbsolute(file) ? file : join(dirname(testPath), file)
}

/** Whether vitest runs with `-u`. */
function isUpdatingSnapshots({ snapshotState }: MatcherState): boolean {
  return snapshotState?.snapshotUpdateState === 'all'
}
