import type { FlowcraftEvent, PersistentEventBusAdapter } from 'flowcraft'

/** Tells on stderr what happens, as soon as the store has it; what is for keeping goes to stdout. */
export function showProgress(bus: PersistentEventBusAdapter): void {
  bus.on('*', (event) => {
    const line = lineFor(event)
    if (line !== undefined) console.error(`  ${line}`)
  })
}

function lineFor({ type, payload }: FlowcraftEvent): string | undefined {
  switch (type) {
    case 'batch:start':
      return `… ${payload.workerNodeIds.length} workers of ${payload.batchId}`
    case 'node:finish':
      // One line for each of some hundred workers would hide the others.
      return payload.nodeId.endsWith(']') ? undefined : `✓ ${payload.nodeId} (${Math.round(payload.durationMs)} ms)`
    case 'node:retry':
      return `↻ ${payload.nodeId}, again in ${payload.delayMs} ms: ${payload.error.cause?.message}`
    case 'node:fallback':
      return `→ ${payload.fallback} instead of ${payload.nodeId}: ${payload.error.cause?.message}`
    case 'node:error':
      return `✗ ${payload.nodeId}`
    case 'node:skipped':
      return `↷ ${payload.nodeId} (${payload.reason})`
    default:
      return undefined
  }
}
