import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FlowcraftEvent } from 'flowcraft'
import { cutOff, referencesIn } from './cut-off-runs.ts'
import { judge, type Reference, type Trial } from './judge.ts'
import { readDiary, type FamilyLogs } from './logs.ts'
import { sqliteStores, type Stores } from './stores.ts'
import type { DiaryLine } from './worker/diary.ts'

let stores: Stores
let reference: Reference
let trial: Trial
let events: readonly FlowcraftEvent[]

beforeAll(async () => {
  stores = sqliteStores()
  reference = (await referencesIn(stores, ['chain'])).get('chain')!
  const { executionId, ended, logs } = reference
  events = logs.get(executionId)!
  const { job } = cutOff(stores, 'chain', 'undisturbed chain')
  trial = { name: 'judged', executionId, deaths: [], final: logs, diary: readDiary(job.diary, executionId), ended }
})
afterAll(() => stores.remove())

describe('the judge', () => {
  it('finds nothing in a run that nobody disturbed', async () => {
    await judge(trial, reference)
  })

  it('finds a gap', async () => {
    await expectFound({ final: logsOf(events.toSpliced(4, 1)) }, /judged/)
  })

  it('finds a lost end', async () => {
    await expectFound({ final: logsOf(events.slice(0, -1)) }, /judged/)
  })

  it('finds a node that finished twice', async () => {
    const twice = events.find(({ type }) => type === 'node:finish')!
    const final = [...events.slice(0, -1), twice, events.at(-1)!].map((event, seq) => ({ ...event, seq }))
    await expectFound({ final: logsOf(final as FlowcraftEvent[]) }, /finished twice/)
  })

  it('finds that something stored was replaced', async () => {
    const stored = events.slice(0, 5).map((event) => ({ ...event, timestamp: 1 }))
    await expectFound({ deaths: [logsOf(stored)] }, /what was stored/)
  })

  it('finds that somebody was told of what is not stored', async () => {
    const lines = trial.diary.filter(({ what }) => what === 'told')
    await expectFound({ deaths: [logsOf(events.slice(0, 3))], diary: lines }, /told of what is not stored/)
  })

  it('finds a node that ran before its start was stored', async () => {
    const lines = trial.diary.filter(({ what }) => what === 'began')
    await expectFound({ deaths: [logsOf(events.slice(0, 1))], diary: lines }, /its start is not stored/)
  })

  it('finds a finished node that ran again', async () => {
    const again = attemptOf(trial.diary)
    const diary = [...trial.diary, { ...again, incarnation: 1, attempt: again.attempt + 1 }]
    await expectFound({ deaths: [logsOf(events)], diary }, /finished nodes ran again/)
  })

  it('finds an attempt that began twice', async () => {
    await expectFound({ diary: [...trial.diary, attemptOf(trial.diary)] }, /began twice/)
  })

  it('finds another idempotency key', async () => {
    const diary = trial.diary.map((line) => (line.what === 'told' ? line : { ...line, key: `${line.key}/2` }))
    await expectFound({ diary }, /idempotency key changed/)
  })

  it('finds another result', async () => {
    const serializedContext = trial.ended!.serializedContext.replace('"a"', '"b"')
    await expectFound({ ended: { ...trial.ended!, serializedContext } }, /judged/)
    await expectFound({ ended: { ...trial.ended!, status: 'failed' } }, /judged/)
    await expectFound({ ended: undefined }, /has no result/)
  })
})

async function expectFound(changed: Partial<Trial>, message: RegExp): Promise<void> {
  await expect(judge({ ...trial, ...changed }, reference)).rejects.toThrow(message)
}

function logsOf(history: readonly FlowcraftEvent[]): FamilyLogs {
  return new Map([[trial.executionId, history]])
}

function attemptOf(diary: readonly DiaryLine[]): Extract<DiaryLine, { what: 'began' | 'ended' }> {
  const line = diary.find((one) => one.what === 'began')
  if (line === undefined || line.what === 'told') throw new Error('nothing has begun')
  return line
}
