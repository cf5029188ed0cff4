import { createHash } from 'node:crypto'
import { BaseNode, type NodeContext, type NodeImplementation, type NodeResult } from '../../src/blueprint/node.ts'
import { copyOf, snapshot } from '../../src/events/snapshot.ts'
import { portrait } from '../events/values.ts'
import { toThrown } from './errors.ts'
import type { RandomFlow } from './generator/draft.ts'
import { attemptOf, labelOf, type Attempt, type Output, type Program, type ProgramWrite } from './program.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What user code itself knows of one attempt, noted while it ran. */
export interface NodeCallNote {
  readonly nodeId: string
  readonly key: string
  readonly input: string
  readonly writes: ProgramWrite[]
  readonly idempotencyKey: string
  /** The context as it was seen at once after this event. */
  readonly look: { readonly seq: number; readonly seen: Promise<Record<string, unknown>> } | undefined
  ending?:
    | { readonly output: unknown; readonly action: string | undefined }
    | { readonly label: string }
    | { readonly waits: true }
}

/** Notes by {@link callKey}. */
export type NodeCallNotes = Map<string, NodeCallNote>

/** The name of one attempt. */
export function callKey({
  nodeId,
  iteration,
  attempt,
}: {
  nodeId: string
  iteration: number
  attempt: number
}): string {
  return `${nodeId} ${iteration} ${attempt}`
}

/** Implementations that do what the programs of a flow say, and note it. */
export function implementationsOf(
  flow: RandomFlow,
  clock: VirtualClock,
  notes: NodeCallNotes,
  lastSeq: () => number,
): Map<string, NodeImplementation> {
  return new Map(
    [...flow.programs].map(([key, program]) => {
      const node = toNode(key, program, clock, notes, lastSeq)
      return [key, flow.classes.has(key) ? toClass(node) : node]
    }),
  )
}

/** The text that a node gives back for an input. */
export function echoOf(nodeId: string, input: string): string {
  return `${nodeId} got ${createHash('sha1').update(input).digest('hex').slice(0, 8)}`
}

function toClass(node: (call: NodeContext) => Promise<NodeResult>): NodeImplementation {
  return class extends BaseNode {
    exec(_: unknown, call: NodeContext): Promise<NodeResult> {
      return node(call)
    }
  }
}

function toNode(
  key: string,
  program: Program,
  clock: VirtualClock,
  notes: NodeCallNotes,
  lastSeq: () => number,
): (call: NodeContext) => Promise<NodeResult> {
  return async (call) => {
    const attempt = attemptOf(program, call)
    const { nodeId, idempotencyKey } = call
    const look = attempt.looks ? { seq: lastSeq(), seen: call.context.getAll() } : undefined
    const input = portrait(call.input)
    const note: NodeCallNote = { nodeId, key, input, writes: [], idempotencyKey, look }
    if (notes.has(callKey(call))) throw new Error(`${callKey(call)} was called twice`)
    notes.set(callKey(call), note)
    await look?.seen
    if (attempt.mutatesInput) mutate(call.input)
    await write(call, attempt.writes, note)
    if (attempt.delayMs > 0) await clock.sleep(attempt.delayMs)
    await write(call, attempt.lateWrites, note)
    return await end(call, key, attempt, note, clock)
  }
}

async function write({ context }: NodeContext, writes: readonly ProgramWrite[], note: NodeCallNote): Promise<void> {
  for (const change of writes) {
    if (change.op === 'delete') {
      await context.delete(change.key)
    } else {
      const value = copyOf(change.value)
      const done = context.set(change.key, value)
      mutate(value)
      await done
    }
    note.writes.push(change)
  }
}

async function end(
  call: NodeContext,
  key: string,
  { ending }: Attempt,
  note: NodeCallNote,
  clock: VirtualClock,
): Promise<NodeResult> {
  if (ending.kind === 'throw') {
    const label = labelOf(key, call)
    note.ending = { label }
    throw toThrown(ending.error, label)
  }
  if (ending.kind === 'wait') {
    const { event, afterMs } = ending
    note.ending = { waits: true }
    return {
      wait: { ...(event !== undefined && { event }), ...(afterMs !== undefined && { until: clock.now() + afterMs }) },
    }
  }
  if (ending.kind === 'unrecordable') return { output: { deep: [() => 'a function'] } }
  const output = await outputOf(call, ending.output, note)
  note.ending = { output: snapshot(output, { where: 'a note' }), action: ending.action }
  // Not before it has been recorded, but before anybody else has looked at it.
  if (ending.mutatesLater) setImmediate(() => mutate(output))
  return { output, ...(ending.action !== undefined && { action: ending.action }) }
}

async function outputOf({ nodeId, context }: NodeContext, output: Output, note: NodeCallNote): Promise<unknown> {
  switch (output.kind) {
    case 'nothing':
      return undefined
    case 'echo':
      return echoOf(nodeId, note.input)
    case 'number':
      return output.value
    case 'value':
      return copyOf(output.value)
    case 'shared':
      return await context.get(output.key)
  }
}

/** Changes a value and some of what is in it in place. */
function mutate(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > 2) return
  if (value instanceof Map) {
    for (const part of value.values()) mutate(part, depth + 1)
    value.set('mutated', true)
  } else if (value instanceof Set) value.add('mutated')
  else if (value instanceof Date) value.setTime(0)
  else if (value instanceof RegExp) value.lastIndex += 1
  else if (value instanceof URL) value.hash = 'mutated'
  else if (value instanceof Error) value.message = 'mutated'
  else if (ArrayBuffer.isView(value)) new Uint8Array(value.buffer, value.byteOffset, value.byteLength).fill(7)
  else if (value instanceof ArrayBuffer) new Uint8Array(value).fill(7)
  else {
    for (const part of Object.values(value)) mutate(part, depth + 1)
    if (Array.isArray(value)) value.push('mutated')
    else Object.assign(value, { mutated: true })
  }
}
