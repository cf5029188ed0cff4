import { EventStoreError } from 'flowcraft'
import { isStorableText } from './storable-text.ts'

/** Quoted names of the tables and the view of one history, with their schema where one was named. */
export interface TableNames {
  readonly events: string
  readonly executions: string
  readonly tags: string
  readonly blueprints: string
  readonly owners: string
  readonly lineage: string
  /** Of the table that holds the version of the others. */
  readonly version: string
  readonly view: string
  /** Quoted; `undefined` for the first of the search path. */
  readonly schema: string | undefined
  /** The schema as it was given. */
  readonly plainSchema: string | undefined
  /** By which appends are told; not quoted. */
  readonly channel: string
}

/** PostgreSQL cuts longer names off without a word. */
const longestName = 63
const longestSuffix = '_executions'.length

/**
 * The names that belong to `tableName` and `schema`, quoted, so that any character is just a part of the name.
 *
 * @throws `EventStoreError` for what PostgreSQL cannot take as a name.
 */
export function tableNamesOf(tableName: string, schema?: string): TableNames {
  assertName('tableName', tableName, longestName - longestSuffix)
  if (schema !== undefined) assertName('schema', schema, longestName)
  const prefix = schema === undefined ? '' : `${quote(schema)}.`
  const named = (suffix: string): string => prefix + quote(tableName + suffix)
  return {
    events: named(''),
    executions: named('_executions'),
    tags: named('_tags'),
    blueprints: named('_blueprints'),
    owners: named('_owners'),
    lineage: named('_lineage'),
    version: named('_schema'),
    view: named('_view'),
    schema: schema === undefined ? undefined : quote(schema),
    plainSchema: schema,
    channel: `flowcraft_${tableName}`,
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function assertName(option: string, name: unknown, longest: number): void {
  const refuse = (expected: string): never => {
    const found = JSON.stringify(name)
    throw new EventStoreError(`PostgreSQL history: ${option} ${found} cannot be a name: expected ${expected}`)
  }
  if (typeof name !== 'string' || name.trim() === '') return refuse('a string that is not blank')
  if (!isStorableText(name)) refuse('no NUL character and no lone surrogate')
  const length = Buffer.byteLength(name)
  if (length > longest) refuse(`at most ${longest} bytes of UTF-8, and it has ${length}`)
}
