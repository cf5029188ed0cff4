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
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|CONNECT_TIMEOUT)$/,
    'is the server up, and are host and port right?',
  ],
  [/^(ECONNRESET|EPIPE|CONNECTION_CLOSED|CONNECTION_DESTROYED)$/, 'the connection was lost: try again'],
  [/^CONNECTION_ENDED$/, 'the client that was given as sql has been ended: open a new one'],
  [/^(40001|40P01)$/, 'another connection was in the way: try again'],
]

/** What went wrong, as an `EventStoreError`: what happened, what to do. The fault, with its code, is the cause. */
export function storeError(task: string, fault: unknown): FlowcraftError {
  if (isFlowcraftError(fault)) return fault
  const code = codeOf(fault)
  // An AggregateError, which Node gives where a name has several addresses, has no message.
  const reason = (fault instanceof Error && fault.message) || code || String(fault)
  const remedy = advice.find(([pattern]) => pattern.test(code))?.[1]
  const found = remedy === undefined ? reason : `${reason}; ${remedy}`
  return new EventStoreError(`PostgreSQL history could not ${task}: ${found}`, { cause: fault })
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
