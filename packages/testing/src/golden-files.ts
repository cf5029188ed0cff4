import { FlowcraftError, HistoryCorruptError, parseRecording, type Recording } from 'flowcraft'

/** Where a golden history is: a path from the working directory, or a URL, such as `new URL('order.jsonl', import.meta.url)`. */
export type GoldenFile = string | URL

/** The text of a golden history; `undefined` where there is no such file. */
export async function readGolden(file: GoldenFile): Promise<string | undefined> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return undefined
    const message = `The golden history ${nameOf(file)} cannot be read: ${messageOf(cause)}`
    throw new FlowcraftError(message, { code: 'INPUT_INVALID', cause })
  }
}

/**
 * Writes a golden history, and its folder where there is none. The file stays as it is where nothing but the order of what
 * goes on at the same time would change.
 */
export async function writeGolden(file: GoldenFile, text: string): Promise<void> {
  const before = await readGolden(file)
  if (before !== undefined && saysTheSame(before, text)) return
  const [{ mkdir, rename, writeFile }, { dirname }, { fileURLToPath }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('node:url'),
  ])
  try {
    const path = typeof file === 'string' ? file : fileURLToPath(file)
    await mkdir(dirname(path), { recursive: true })
    // Whoever reads it meanwhile reads the one or the other.
    const draft = `${path}.${process.pid}-${(drafts += 1)}.tmp`
    await writeFile(draft, text)
    await rename(draft, path)
  } catch (cause) {
    const message = `The golden history ${nameOf(file)} cannot be written: ${messageOf(cause)}`
    throw new FlowcraftError(message, { code: 'INPUT_INVALID', cause })
  }
}

/**
 * The recording that the text of a golden history holds.
 * @throws HISTORY_CORRUPT, which names the file.
 */
export function goldenFrom(text: string, file: GoldenFile): Recording {
  try {
    return parseRecording(text)
  } catch (cause) {
    const message = `The golden history ${nameOf(file)} is damaged, or was merged badly. ${messageOf(cause)}`
    throw new HistoryCorruptError(message, { cause })
  }
}

/** What is thrown for a history that has not been recorded yet. */
export function missingGolden(file: GoldenFile, canRecord: boolean): FlowcraftError {
  const todo = canRecord
    ? 'run the test where CI is not set, or with UPDATE_GOLDEN=1, and commit the file'
    : 'record it with recordGolden, or give `record`, and commit the file'
  const message = `There is no golden history ${nameOf(file)}: ${todo}`
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}

/** Whether golden histories are recorded anew: as `update` says, else as the environment variable UPDATE_GOLDEN does. */
export function isUpdating(update: boolean | undefined): boolean {
  return update ?? isSet('UPDATE_GOLDEN')
}

/** Whether a golden history that is missing may be written: not in CI, where nobody would commit it. */
export function mayBegin(): boolean {
  return !isSet('CI')
}

/** The file as it is called in messages. */
export function nameOf(file: GoldenFile): string {
  return `'${typeof file === 'string' ? file : file.protocol === 'file:' ? decodeURIComponent(file.pathname) : file.href}'`
}

let drafts = 0

/** Whether two texts of golden histories differ in the order of their events at most, and come to the same context. */
export function saysTheSame(one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [withoutOrder(one), withoutOrder(other)]
  if (a.length !== b.length || a.some((line, index) => line !== b[index])) return false
  const [mine, theirs] = [lastWrites(one), lastWrites(other)]
  return [...mine].every(([key, line]) => theirs.get(key) === line)
}

const write = /"type":"context:change".*?"executionId":("(?:[^"\\]|\\.)*").*?"key":("(?:[^"\\]|\\.)*")/

/** By execution and key of its context: the line that wrote it last. */
function lastWrites(text: string): ReadonlyMap<string, string> {
  const writes = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, executionId, key] = write.exec(line) ?? []
    if (key !== undefined) writes.set(`${executionId} ${key}`, withoutOrder(line)[0]!)
  }
  return writes
}

function withoutOrder(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\{"seq":\d+,"timestamp":\d+,/, '{'))
    .sort()
}

function isSet(name: string): boolean {
  const value = process.env[name]
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase())
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
