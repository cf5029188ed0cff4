import postgres, { type Options, type PostgresType, type Sql } from 'postgres'
import { EventStoreError } from 'flowcraft'
import { Dialer, type ParsedServer } from './dialer.ts'
import type { PostgresHistoryOptions, PostgresServerOptions, PostgresUrlOptions } from './options.ts'

/** A client of postgres.js, and what makes its connections. */
export interface Client {
  readonly sql: Sql
  /** `undefined` where the client makes them by itself. */
  readonly dialer: Dialer | undefined
}

/** A client that postgres.js has been asked to make, as far as its types do not say. */
interface Shared {
  readonly shared: { retries: number }
}

type Settings = Options<Record<string, PostgresType>>
type OwnServer = PostgresServerOptions | PostgresUrlOptions

const longestTimeoutSeconds = 2_147_483

/**
 * A client of the server that the options name, with at most `max` connections. Connects with its first statement.
 *
 * @throws `Error` of postgres.js for options that it cannot take.
 */
export function clientOf(options: PostgresHistoryOptions, max: number): Client {
  // Without a client there are only the other two kinds.
  const { connectionString, connectTimeout, ssl, applicationName = 'flowcraft' } = options as OwnServer
  const { password, ...server } = connectionString === undefined ? (options as PostgresServerOptions) : {}
  const passwords = typeof password === 'function' ? new PasswordSource(password) : undefined
  const settings: Settings = {
    max,
    // Arrays of types that only the server knows are not used.
    fetch_types: false,
    connection: { application_name: applicationName },
    // Whoever waits for a server that starts again waits for no more than a second in addition.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 1),
    onnotice: () => {},
    ...(connectTimeout !== undefined && { connect_timeout: Math.min(connectTimeout, longestTimeoutSeconds) }),
    // As of postgres.js, whose type is narrower than what it takes.
    ...(ssl !== undefined && { ssl: ssl as 'require' }),
    ...serverOf(server),
    ...(typeof password === 'string' && { password }),
    ...(passwords !== undefined && { password: () => passwords.last }),
  }
  const make = (more: Settings): Sql =>
    connectionString === undefined
      ? postgres({ ...settings, ...more })
      : postgres(connectionString, { ...settings, ...more })
  // Only asked how it understands the options.
  const parsed = make({}).options
  if (parsed.host.length > 1 && parsed.target_session_attrs) {
    // Only postgres.js itself can go on to the next host when one is not what is sought.
    return { sql: make(passwords === undefined ? {} : { password: () => passwords.renewed() }), dialer: undefined }
  }
  const dialer = new Dialer(parsed as unknown as ParsedServer, async () => await passwords?.renew())
  const own = {
    socket: (client: Shared) => dialer.open(client),
    // By the dialer: TLS, and any number of hosts.
    ssl: false,
    host: [parsed.host[0]!],
    port: [parsed.port[0]!],
    ...(parsed.path && { path: parsed.path }),
  }
  // Its types know neither `socket` nor lists.
  return { sql: make(own as unknown as Settings), dialer }
}

/** The server that a client connects to: `host:port` or the path of a socket. */
export function addressOf({ options }: Sql): string {
  const { host, port, path } = options as Partial<ParsedServer>
  if (typeof path === 'string') return path
  return (host ?? []).map((name, index) => `${name}:${port?.[index]}`).join(', ')
}

/** A password that must be asked for, before a connection: postgres.js 3.4.9 does not catch what the function throws. */
class PasswordSource {
  readonly #ask: () => string | Promise<string>
  /** As of the latest connection. */
  last = ''

  constructor(ask: () => string | Promise<string>) {
    this.#ask = ask
  }

  /** @throws `EventStoreError` when the function throws, or gives none. */
  async renew(): Promise<void> {
    let found: unknown
    try {
      found = await this.#ask()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new EventStoreError(`PostgreSQL history could not connect: the function password failed: ${reason}`, {
        cause,
      })
    }
    if (typeof found === 'string') {
      this.last = found
      return
    }
    const kind = found === null ? 'null' : `a value of type ${typeof found}`
    const message = `PostgreSQL history could not connect: the function password gave ${kind}; expected a string`
    throw new EventStoreError(message)
  }

  /** Never rejects: without a new password, the server refuses the last one. */
  async renewed(): Promise<string> {
    await this.renew().catch(() => {})
    return this.last
  }
}

function serverOf({ host, port, database, user }: PostgresServerOptions): Settings {
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
    ...(user !== undefined && { user }),
  }
}
