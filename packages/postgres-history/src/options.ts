import { EventStoreError } from 'flowcraft'
import type { Sql } from 'postgres'

/** What all options of a `PostgresHistoryAdapter` have. */
export interface PostgresTableOptions {
  /** The name of the events table, and the beginning of the other names: at most 52 bytes. Default `'flowcraft_events'`. */
  readonly tableName?: string | undefined
  /** The schema of the tables. Default the first of the connection's `search_path`. */
  readonly schema?: string | undefined
  /** Makes the schema and the tables where they are missing. Default `true`. */
  readonly autoCreateTables?: boolean | undefined
  /**
   * Tells other processes of an append by `NOTIFY`, and listens, so that they need not wait for the next look. With it
   * or without, nothing is missed. Default `false`.
   */
  readonly notify?: boolean | undefined
  /** Told what somebody should know and nothing else says. Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** What connections that the adapter opens itself can have. */
export interface PostgresConnectionOptions extends PostgresTableOptions {
  /** Connections for reading: 1 or more. There is one more for writing. Default 4. */
  readonly max?: number | undefined
  /** As of postgres.js: `'require'`, `'prefer'`, `'verify-full'` or options of `tls.connect`. Default none. */
  readonly ssl?: boolean | 'require' | 'allow' | 'prefer' | 'verify-full' | object | undefined
  /** How long to wait for a connection, in seconds. Default 30. */
  readonly connectTimeout?: number | undefined
  /** What the server shows as the name of the program. Default `'flowcraft'`. */
  readonly applicationName?: string | undefined
}

/** A server by its parts. */
export interface PostgresServerOptions extends PostgresConnectionOptions {
  /** Default `PGHOST`, else `'localhost'`. */
  readonly host?: string | undefined
  /** Default `PGPORT`, else 5432. */
  readonly port?: number | undefined
  /** Default `PGDATABASE`, else the name of the user. */
  readonly database?: string | undefined
  /** Default `PGUSER`, else the user of the process. */
  readonly user?: string | undefined
  /** Default `PGPASSWORD`. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  readonly connectionString?: undefined
  readonly sql?: undefined
}

/** A server by its URL. */
export interface PostgresUrlOptions extends PostgresConnectionOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string
  readonly sql?: undefined
}

/** A client that is there already. */
export interface PostgresClientOptions extends PostgresTableOptions {
  /** A postgres.js client. The adapter does not end it. */
  readonly sql: Sql
  readonly connectionString?: undefined
}

/** Options of a `PostgresHistoryAdapter`: a server by its parts or by its URL, or a client. */
export type PostgresHistoryOptions = PostgresServerOptions | PostgresUrlOptions | PostgresClientOptions

/** @throws `EventStoreError` that names the option which cannot be. */
export function assertOptions(options: PostgresHistoryOptions): void {
  if (typeof options !== 'object' || options === null) refuse('the argument', options, 'an object of options')
  for (const name of Object.keys(options)) if (!Object.hasOwn(kinds, name)) refuseUnknown(name)
  for (const [name, expected] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !expected.test(value)) refuse(name, value, expected.text)
  }
  const { sql, connectionString } = options
  const isGiven = (name: string): boolean => Reflect.get(options, name) !== undefined
  if (sql !== undefined) {
    const more = ['connectionString', ...serverParts, ...connectionParts].find(isGiven)
    if (more !== undefined) refuse(more, '…', 'none besides sql: a client has its server and its connections already')
  }
  if (connectionString !== undefined) {
    const more = serverParts.find(isGiven)
    if (more !== undefined) refuse(more, '…', 'none besides connectionString: name the server by one of the two')
  }
}

const serverParts = ['host', 'port', 'database', 'user', 'password'] as const
const connectionParts = ['max', 'ssl', 'connectTimeout', 'applicationName'] as const

function refuseUnknown(name: string): never {
  const known = Object.keys(kinds)
  const meant = known.find((each) => each.toLowerCase() === name.toLowerCase())
  const advice = meant === undefined ? `the options are ${known.join(', ')}` : `did you mean ${meant}?`
  throw new EventStoreError(`PostgreSQL history: there is no option ${JSON.stringify(name)}: ${advice}`)
}

interface Kind {
  readonly text: string
  test(value: unknown): boolean
}

const text: Kind = { text: 'a string that is not blank', test: (value) => isText(value) && value.trim() !== '' }
const flag: Kind = { text: 'true or false', test: (value) => typeof value === 'boolean' }

const sslModes: readonly unknown[] = ['require', 'allow', 'prefer', 'verify-full']
// Said of names where they are quoted.
const anything: Kind = { text: '', test: () => true }

const kinds: Readonly<Record<string, Kind>> = {
  host: text,
  port: { text: 'a whole number from 1 to 65535', test: (value) => isWhole(value, 1, 65_535) },
  database: text,
  user: text,
  password: { text: 'a string, or a function that gives one', test: (value) => isText(value) || isFunction(value) },
  connectionString: { text: 'postgres://user:password@host:port/database', test: isPostgresUrl },
  sql: {
    text: 'a client of postgres.js',
    test: (value) => isFunction(value) && isFunction(Reflect.get(value, 'unsafe')),
  },
  ssl: {
    text: `true, false, 'require', 'allow', 'prefer', 'verify-full' or an object of options`,
    test: (value) => typeof value === 'boolean' || typeof value === 'object' || sslModes.includes(value),
  },
  max: { text: 'a whole number from 1 to 1000', test: (value) => isWhole(value, 1, 1000) },
  connectTimeout: { text: 'seconds, more than 0', test: (value) => typeof value === 'number' && value > 0 },
  applicationName: text,
  tableName: anything,
  schema: anything,
  autoCreateTables: flag,
  notify: flag,
  onWarning: { text: 'a function', test: isFunction },
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isFunction(value: unknown): value is object {
  return typeof value === 'function'
}

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to
}

function isPostgresUrl(value: unknown): boolean {
  return isText(value) && /^postgres(ql)?:\/\//.test(value) && URL.canParse(value)
}

/** Whatever may hold a password is not said. */
function refuse(option: string, value: unknown, expected: string): never {
  const isSecret = option === 'password' || option === 'connectionString' || option === 'sql' || option === 'ssl'
  const found = isSecret || isFunction(value) ? `a ${typeof value} that will not do` : JSON.stringify(value)
  throw new EventStoreError(`PostgreSQL history: ${option} is ${found}; expected ${expected}`)
}
