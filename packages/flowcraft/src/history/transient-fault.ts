const transientCode =
  /^(SQLITE_BUSY.*|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EAI_AGAIN|CONNECTION_CLOSED|CONNECT_TIMEOUT|08...|57P0.|40001|40P01|53300)$/

/**
 * Whether a store's error may be gone at the next try: busy, connection lost, server restarting, deadlock. Looks at
 * `code` of the error and its causes. Codes are those of better-sqlite3, postgres.js, Node and PostgreSQL's appendix A.
 */
export function isTransientFault(error: unknown): boolean {
  try {
    return hasTransientCode(error)
  } catch {
    // A fault that cannot even be read.
    return false
  }
}

function hasTransientCode(error: unknown): boolean {
  let fault = error
  for (let depth = 0; depth < 8 && typeof fault === 'object' && fault !== null; depth++) {
    const { code, cause } = fault as { code?: unknown; cause?: unknown }
    if (typeof code === 'string' && transientCode.test(code)) return true
    fault = cause
  }
  return false
}
