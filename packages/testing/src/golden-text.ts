import { parseRecording, serializeRecording, type Recording } from 'flowcraft'
import type { Family } from './golden-family.ts'

/** What a run that is kept is called in its text. */
const goldenName = 'golden'

/**
 * The text of a family, as `serializeRecording` gives it, without what is another one each time: ids of executions, times,
 * durations and stacks. The same behaviour gives the same text, but for the order of what went on at the same time.
 */
export function stableText(family: Family): string {
  return settled(serializeRecording(family.root, { children: family.children }), namesOf(family))
}

/** The recordings of a family as they are when they are read from its {@link stableText}. */
export function stableFamily(family: Family): Family {
  const names = namesOf(family)
  const stable = (recording: Recording): Recording => parseRecording(settled(serializeRecording(recording), names))
  return { root: stable(family.root), children: family.children.map(stable) }
}

function settled(text: string, names: ReadonlyMap<string, string>): string {
  let hash: unknown
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      // Every line of such a text is an object.
      const fields = JSON.parse(line) as Fields
      if ('format' in fields) hash = fields['blueprintHash']
      else settle(fields, hash)
      return JSON.stringify(fields)
    })
  return `${renamed(lines.join('\n'), names)}\n`
}

type Fields = Record<string, unknown>

/** When a golden run begins; its event number n is n milliseconds later, and whatever waits, waits for a day. */
const start = Date.UTC(2025, 0, 1)
const wakeUpAt = Date.UTC(2025, 0, 2)

/** Gives an event the times of a golden run, and takes out stacks, and a blueprint that the header has. */
function settle(fields: Fields, hashInHeader: unknown): void {
  const { payload } = fields
  fields['timestamp'] = start + Number(fields['seq'])
  if (!isFields(payload)) return
  if (typeof payload['durationMs'] === 'number') payload['durationMs'] = 0
  for (const part of [payload, ...listIn(payload['waiting'])]) if ('wakeUpAt' in part) part['wakeUpAt'] = wakeUpAt
  const gone: Path[] = []
  if (hashInHeader !== undefined && payload['blueprintHash'] === hashInHeader && 'blueprint' in payload) {
    delete payload['blueprint']
    gone.push(['payload', 'blueprint'])
  }
  settleErrors(payload, ['payload'], gone)
  const { notes } = fields
  if (Array.isArray(notes)) fields['notes'] = notes.filter((note) => !gone.some((path) => isNoteUnder(note, path)))
}

type Path = readonly (string | number)[]

/** Errors, wherever they are: those that made a node fail, and those that are values. */
function settleErrors(value: unknown, path: Path, gone: Path[]): void {
  if (Array.isArray(value)) value.forEach((item, index) => settleErrors(item, [...path, index], gone))
  if (!isFields(value)) return
  const isError = typeof value['name'] === 'string' && typeof value['message'] === 'string'
  if (isError && typeof value['stack'] === 'string') {
    delete value['stack']
    gone.push([...path, 'stack'])
  }
  if (isError && typeof value['isFatal'] === 'boolean' && typeof value['timestamp'] === 'string') {
    value['timestamp'] = new Date(start).toISOString()
  }
  for (const key of Object.keys(value)) settleErrors(value[key], [...path, key], gone)
}

/** A note is a list that begins with the path of what it is about. */
function isNoteUnder(note: unknown, path: Path): boolean {
  const about: unknown = Array.isArray(note) ? note[0] : undefined
  return Array.isArray(about) && path.every((step, index) => String(step) === String(about[index]))
}

/** What executions are called in the text, by their ids. The ids of subflows' runs begin with that of their parent's. */
function namesOf({ root, children }: Family): Map<string, string> {
  const names = new Map([[root.executionId, goldenName]])
  for (const { type, payload } of root.events) {
    if (type === 'workflow:start' && payload.parent) names.set(payload.parent.executionId, `${goldenName}-parent`)
    if (type === 'workflow:fork') names.set(payload.from, `${goldenName}-source`)
  }
  for (const [index, { executionId }] of children.entries()) {
    const isDerived = [...names.keys()].some((id) => executionId === id || executionId.startsWith(`${id}:`))
    if (!isDerived) names.set(executionId, `${goldenName}-child-${index + 1}`)
  }
  return names
}

/** An id that was made by chance is nobody's name for something else, so it goes wherever it is. */
function isRandom(id: string): boolean {
  return /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}/i.test(id) || /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w-]{20,}$/.test(id)
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  const ids = [...names].sort(([a], [b]) => b.length - a.length)
  return ids.reduce((rest, [id, name]) => {
    const written = JSON.stringify(id)
      .slice(1, -1)
      .replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
    const places = [
      `(?<="(?:executionId|childExecutionId|from)":")${written}(?=[":])`,
      `(?<=[Ee]xecution ')${written}(?=[':])`,
      ...(!isRandom(id) ? [] : [`(?<![\\w-])${written}(?![\\w-])`]),
    ]
    return rest.replaceAll(new RegExp(places.join('|'), 'g'), () => name)
  }, text)
}

function listIn(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
