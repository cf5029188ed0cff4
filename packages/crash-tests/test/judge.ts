/* oxlint-disable vitest/valid-expect -- the message says which of many runs it was */
import { FlowRuntime, type FlowcraftEvent } from 'flowcraft'
import { expect } from 'vitest'
import { isBeginning, type FamilyLogs } from './logs.ts'
import type { DiaryLine } from './worker/diary.ts'
import type { Said } from './worker/task.ts'

/** How a run ended. */
export type Ended = Extract<Said, { said: 'ended' }>

/** What is known of a run that was cut off, perhaps several times. */
export interface Trial {
  /** For messages. */
  readonly name: string
  readonly executionId: string
  /** What was stored when each process had been killed, in their order. */
  readonly deaths: readonly FamilyLogs[]
  /** What is stored in the end. */
  readonly final: FamilyLogs
  readonly diary: readonly DiaryLine[]
  readonly ended: Ended | undefined
}

/** A run of the same flow that nobody disturbed. */
export interface Reference {
  readonly executionId: string
  readonly ended: Ended
  readonly logs: FamilyLogs
}

/** Whether a run came through its deaths as promised: nothing lost, nothing twice, and the same result. */
export async function judge(trial: Trial, reference: Reference): Promise<void> {
  const { name, deaths, final, diary } = trial
  for (const [executionId, events] of final) expectWhole(`${name}, ${executionId}`, events)
  for (const [incarnation, stored] of deaths.entries()) expectKept(trial, stored, incarnation)
  const began = diary.filter(isBeginning)
  const attempts = began.map(({ executionId, nodeId, iteration, attempt }) =>
    [executionId, nodeId, iteration, attempt].join(' '),
  )
  expect(attempts, `${name}: an attempt began twice`).toHaveLength(new Set(attempts).size)
  for (const { executionId, nodeId, iteration, key } of began) {
    expect(key, `${name}: an idempotency key changed`).toBe(`${executionId}/${nodeId}/${iteration}`)
  }
  expectSameResult(trial, reference)
  expect(failuresIn(final, trial.executionId), `${name}: failures of a node that never works`).toEqual(
    failuresIn(reference.logs, reference.executionId),
  )
  const events = final.get(trial.executionId) ?? []
  const replayed = await new FlowRuntime().replay({ id: 'judged', nodes: [], edges: [] }, [...events])
  expect(JSON.parse(replayed.serializedContext), `${name}: replay`).toEqual(
    JSON.parse(trial.ended?.serializedContext ?? ''),
  )
}

/** No gap, no double, one beginning and one end. */
export function expectWhole(name: string, events: readonly FlowcraftEvent[]): void {
  expect(
    events.map(({ seq }) => seq),
    name,
  ).toEqual(events.map((_, index) => index))
  const types = events.map(({ type }) => type)
  expect(types.filter((type) => type === 'workflow:start' || type === 'workflow:finish').join(' '), name).toBe(
    'workflow:start workflow:finish',
  )
  expect(types.at(-1), name).toBe('workflow:finish')
  const finishes = outcomesIn(events)
  expect(finishes.length, `${name}: a node finished twice`).toBe(new Set(finishes).size)
}

/** What was stored is there to the end, was told of, and is not done again. */
function expectKept({ name, final, diary }: Trial, stored: FamilyLogs, incarnation: number): void {
  const where = `${name}, death ${incarnation}`
  for (const [executionId, events] of stored) {
    expect(final.get(executionId)?.slice(0, events.length), `${where}: what was stored`).toEqual(events)
  }
  const before = diary.filter((line) => line.incarnation <= incarnation)
  const started = new Set<string>()
  const finished = new Set<string>()
  for (const [executionId, events] of stored) {
    for (const { type, payload } of events) {
      if (type === 'node:start') {
        started.add([executionId, payload.nodeId, payload.iteration, payload.attempt].join(' '))
      }
    }
    for (const outcome of outcomesIn(events)) finished.add(`${executionId} ${outcome}`)
  }
  for (const line of before) {
    const { executionId } = line
    if (line.what === 'told') {
      expect(line.seq, `${where}: told of what is not stored`).toBeLessThan(stored.get(executionId)?.length ?? 0)
    } else {
      const attempt = [executionId, line.nodeId, line.iteration, line.attempt].join(' ')
      expect(started.has(attempt), `${where}: ${attempt} ran and its start is not stored`).toBe(true)
    }
  }
  const again = diary.flatMap((line) =>
    line.incarnation > incarnation && line.what === 'began'
      ? [[line.executionId, line.nodeId, line.iteration].join(' ')].filter((node) => finished.has(node))
      : [],
  )
  expect(again, `${where}: finished nodes ran again`).toEqual([])
}

function expectSameResult({ name, executionId, ended }: Trial, reference: Reference): void {
  expect(ended, `${name}: has no result`).toBeDefined()
  expect(resultOf(ended!, executionId), name).toEqual(resultOf(reference.ended, reference.executionId))
}

function resultOf({ status, errors, serializedContext }: Ended, executionId: string): unknown {
  return { status, errors, context: JSON.parse(serializedContext.replaceAll(executionId, 'this run')) as unknown }
}

function outcomesIn(events: readonly FlowcraftEvent[]): string[] {
  return events.flatMap(({ type, payload }) =>
    type === 'node:finish' ? [`${payload.nodeId} ${payload.iteration}`] : [],
  )
}

/** A cut-off attempt is none of them. */
function failuresIn(logs: FamilyLogs, executionId: string): string[] {
  return (logs.get(executionId) ?? []).flatMap(({ type, payload }) =>
    (type === 'node:error' || type === 'node:retry') && payload.nodeId === 'stubborn' ? [type] : [],
  )
}
