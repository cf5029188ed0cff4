/** Whether a key of the context belongs to the engine, so that nobody else can write it. */
export function isReservedKey(key: string): boolean {
  return reserved.test(key)
}

const reserved = /^(?:_outputs\.|_inputs\.|_executionId|_awaiting|_run)/
