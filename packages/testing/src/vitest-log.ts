import type { FlowcraftEvent, Recording } from 'flowcraft'
import { familyIn, isEvent, isRecording, type RecordedRun } from './golden-family.ts'
import { stableFamily } from './golden-text.ts'
import { eventLine } from './vitest-event-line.ts'

/** Whether a value is printed as a log: a recording, a list of events, or an object of a class that keeps such a list. */
export function isLog(value: unknown): value is RecordedRun {
  if (isRecording(value)) return true
  if (Array.isArray(value)) return value.length > 0 && value.every(isEvent) && isWhole(value)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Object.prototype) return false
  const events: unknown = 'events' in value ? value.events : undefined
  return Array.isArray(events) && isLog(events)
}

/**
 * The log of a run for reviews: a line for each event, without its number, its time and the ids of executions. The events of
 * a subflow's run, where they are at hand, follow on that which started it, further in.
 */
export function logText(recorded: RecordedRun): string {
  const family = stableFamily(familyIn(recorded))
  const children = new Map(family.children.map((child) => [child.executionId, child]))
  return [...linesOf(family.root, children, '')].join('\n')
}

/** The whole log of a run, with those of its subflows. A part of one, or those of several runs, are printed as any list is. */
function isWhole(events: readonly FlowcraftEvent[]): boolean {
  const logs = new Map<string, Set<number>>()
  const roots = new Set<string>()
  for (const { executionId, seq, type, payload } of events) {
    logs.set(executionId, (logs.get(executionId) ?? new Set()).add(seq))
    const isRoot = (type === 'workflow:start' && payload.parent === undefined) || type === 'workflow:fork'
    if (isRoot) roots.add(executionId)
  }
  const isGapless = ([, seqs]: readonly [string, ReadonlySet<number>]): boolean => Math.max(...seqs) === seqs.size - 1
  const count = [...logs.values()].reduce((sum, seqs) => sum + seqs.size, 0)
  return count === events.length && [...logs].every(isGapless) && (roots.size === 1 || logs.size === 1)
}

function* linesOf(
  recording: Recording,
  children: ReadonlyMap<string, Recording>,
  indent: string,
): Generator<string, undefined, undefined> {
  for (const event of recording.events) {
    yield indent + eventLine(event)
    const child = event.type === 'node:start' ? children.get(event.payload.childExecutionId ?? '') : undefined
    if (child !== undefined) yield* linesOf(child, children, `${indent}    `)
  }
}
