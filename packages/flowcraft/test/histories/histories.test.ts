import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeValue, FlowRuntime, type FlowcraftEvent, type WorkflowBlueprint, type WorkflowResult } from 'flowcraft'
import { cases } from './flows.ts'

const folder = dirname(fileURLToPath(import.meta.url))
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'))

describe('a history that an earlier version recorded', () => {
  it.each(files)('%s replays to what its run gave', async (file) => {
    const [header, ...events] = read(file)
    const { blueprint, status, context, errors } = header as WorkflowResult & { blueprint: WorkflowBlueprint }
    const replayed = await new FlowRuntime().replay(blueprint, events as FlowcraftEvent[])
    expect(replayed.context).toStrictEqual(context)
    expect(replayed.errors).toStrictEqual(errors)
    expect(replayed).toMatchObject({ recordedStatus: status, blueprintMatches: true })
  })

  it('is kept for every case', () => {
    expect(files).toHaveLength(cases.size)
  })
})

function read(file: string): unknown[] {
  const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const { json, notes } = JSON.parse(line) as { json: string; notes?: string }
    return decodeValue(json, notes)
  })
}
