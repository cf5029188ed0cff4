import { EventStoreError, isFlowcraftError, type FlowcraftError } from 'flowcraft'

const advice: readonly (readonly [code: RegExp, text: string])[] = [
  [/^(28P01|28000|SASL_.*|AUTH_TYPE_NOT_IMPLEMENTED)$/, 'check user and password, and what pg_hba.conf allows'],
  [/^3D000$/, 'create the database, or name another'],
  [/^3F000$/, 'create the schema, or name another'],
  [/^42501$/, 'grant the user what it lacks, or let another user create the tables and set autoCreateTables: false'],
  [/^42P01$/, 'the tables are missing or were dropped: open a new PostgresHistoryAdapter with autoCreateTables: true'],
  [/^(25006|57P0[123])$/, 'the server stops, starts or only reads: connect to the primary, or try again'],
  [/^53300$/, 'the server has no connection left: raise its max_connections, or lower max'],
  [/^53100$/, 'no room is left: free disk space, or remove old executions'],
  [
    /^(ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/,
    'is the server up, and are host and port right?',
  ],
  [/^CONNECT_TIMEOUT$/, 'is the server up, are host and port right, and is connectTimeout long enough?'],
  [/^SSL_REFUSED$/, "set up TLS on the server, or leave ssl away, or set it to 'prefer'"],
  [/^(ECONNRESET|EPIPE|CONNECTION_CLOSED|CONNECTION_DESTROYED)$/, 'the connection was lost: try again'],
  [/^CONNECTION_ENDED$/, 'the client that was given as sql has been ended: open a new one'],
  [/^(40001|40P01)$/, 'another connection was in the way: try again'],
]

/** Codes that only come of a connection that is not there yet: a server that is not reached, or lets nobody in. */
const connecting =
  /^(28...|3D000|57P03|53300|SASL_.*|AUTH_.*|SSL_REFUSED|ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|ETIMEDOUT|CONNECT_TIMEOUT|ERR_(TLS|SSL)_.*|.*CERT.*)$/
const lost = /^(ECONNRESET|EPIPE|CONNECTION_CLOSED|57P0[12])$/

/**
 * The `EventStoreError` of a connection to `address` that could not be made, whatever it was to be used for; `undefined`
 * for another fault.
 *
 * @param isFirst Whether there has been no connection yet: then one that was lost was lost before it was any use.
 */
export function connectError(address: string, fault: unknown, isFirst: boolean): FlowcraftError | undefined {
  if (isFlowcraftError(fault)) return fault
  const code = codeOf(fault)
  if (connecting.test(code)) return storeError(`connect to ${address}`, fault)
  if (!isFirst || !lost.test(code)) return undefined
  const reason = `${reasonOf(fault)}; is it PostgreSQL that listens there, and is it up?`
  return new EventStoreError(`PostgreSQL history could not connect to ${address}: ${reason}`, { cause: fault })
}

/** What went wrong, as an `EventStoreError`: what happened, what to do. The fault, with its code, is the cause. */
export function storeError(task: string, fault: unknown): FlowcraftError {
  if (isFlowcraftError(fault)) return fault
  const code = codeOf(fault)
  const reason = reasonOf(fault)
  const remedy = advice.find(([pattern]) => pattern.test(code))?.[1]
  const found = remedy === undefined ? reason : `${reason}; ${remedy}`
  return new EventStoreError(`PostgreSQL history could not ${task}: ${found}`, { cause: fault })
}

function reasonOf(fault: unknown): string {
  if (codeOf(fault) === 'CONNECT_TIMEOUT') return 'it gave no answer in time'
  // An AggregateError, which Node gives where a name has several addresses, has no message.
  return (fault instanceof Error && fault.message) || codeOf(fault) || String(fault)
}

/** The code of PostgreSQL, of postgres.js or of Node; `''` without one. */
export function codeOf(fault: unknown): string {
  const code: unknown = typeof fault === 'object' && fault !== null ? Reflect.get(fault, 'code') : undefined
  return typeof code === 'string' ? code : ''
}

/** Whether a statement failed by what it was given, and would fail again: a wrong value, too much, too deep. */
export function isDataFault(fault: unknown): boolean {
  return /^(22|23|54)...$/.test(codeOf(fault))
}
