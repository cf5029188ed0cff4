import { PersistentEventBusAdapter, type FlowcraftEvent } from 'flowcraft'
import { Diary } from './diary.ts'
import type { LeavingTask, Said } from './task.ts'
import { openStore } from './workplace.ts'

/** Gives a bus many events at once, and ends the process while most of them are on their way. */
export async function pourAndLeave({ job, exit }: LeavingTask, say: (line: Said) => void): Promise<void> {
  const { executionId } = job
  const store = openStore(job.store)
  const diary = new Diary(job.diary, job.incarnation)
  await store.getStats?.()
  const bus = new PersistentEventBusAdapter(store, { maxBatchSize: 100 })
  bus.on('*', (event) => diary.told(event))
  say({ said: 'ready' })
  process.stdin.destroy()
  const events = Array.from({ length: 10_000 }, (_, seq): FlowcraftEvent => eventOf(executionId, seq))
  const all = events.map((event) => bus.emit(event))
  for (const one of all) one.catch(() => {})
  await all[500]
  if (exit === 'close') {
    await bus.flush()
    await store.close()
    diary.close()
  } else if (exit === 'process.exit') process.exit(3)
  else if (exit === 'throw') throw new Error('thrown where nobody catches it')
  else process.kill(process.pid, exit)
}

function eventOf(executionId: string, seq: number): FlowcraftEvent {
  const common = { executionId, seq, id: `${executionId}:${seq}`, timestamp: 1_000_000 + seq }
  const blueprintId = 'poured'
  if (seq > 0) {
    const payload = {
      executionId,
      blueprintId,
      sourceNode: 'a',
      iteration: 0,
      attempt: 1,
      key: 'n',
      op: 'set',
      value: seq,
    }
    return { ...common, type: 'context:change', payload } as FlowcraftEvent
  }
  const options = { concurrency: 1, maxIterations: 1, strict: false }
  const payload = { executionId, blueprintId, blueprintHash: 'none', initialContext: {}, options }
  return { ...common, type: 'workflow:start', payload }
}
