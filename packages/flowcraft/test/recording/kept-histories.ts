import { readdirSync, readFileSync } from 'node:fs'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { decodeValue } from '../../src/events/value-codec.ts'

const folder = new URL('../histories/', import.meta.url)

/** A history that is kept, with the blueprint that its run was one of. */
export interface KeptHistory {
  readonly blueprint: WorkflowBlueprint
  readonly events: readonly FlowcraftEvent[]
}

/** The names of all that are kept. */
export const keptNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.v1.jsonl'))
  .map((file) => file.slice(0, -'.v1.jsonl'.length))

/** One of them. */
export function keptHistory(name: string): KeptHistory {
  const lines = readFileSync(new URL(`${name}.v1.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n')
  const [header, ...events] = lines.map((line) => {
    const { json, notes } = JSON.parse(line) as { json: string; notes?: string }
    return decodeValue(json, notes)
  })
  return { blueprint: (header as KeptHistory).blueprint, events: events as FlowcraftEvent[] }
}
