import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { createFlow, type NodeContext } from 'flowcraft'

/** What the workers have really done, line by line: it outlives them, as a mail that was sent does. */
export interface Ledger {
  note(line: string): void
  lines(): readonly string[]
}

/** A ledger in a file. */
export function ledgerIn(path: string): Ledger {
  return {
    note: (line) => appendFileSync(path, `${line}\n`),
    lines: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []),
  }
}

/** What the nodes get from their process. */
export interface WorkerDependencies {
  readonly ledger: Ledger
}

/** The step in which the worker is killed: it takes long enough to be caught in the middle. */
export const fatefulStep = 'step-15'

/** Thirty steps in a row, each with an effect that nothing can take back. */
export const reportFlow = thirtySteps()

function thirtySteps() {
  const ids = Array.from({ length: 30 }, (_, index) => `step-${String(index + 1).padStart(2, '0')}`)
  const [first = '', ...rest] = ids
  const flow = createFlow<Record<string, unknown>, WorkerDependencies>('yearly-report').node(first, step)
  for (const [index, id] of rest.entries()) flow.node(id, step).edge(ids[index]!, id)
  return flow
}

async function step(call: NodeContext<Record<string, unknown>, WorkerDependencies>): Promise<{ output: number }> {
  const { nodeId, attempt, idempotencyKey, input, dependencies } = call
  dependencies.ledger.note(`${nodeId} begins ${attempt} ${idempotencyKey}`)
  await setTimeout(nodeId === fatefulStep ? 500 : 5)
  dependencies.ledger.note(`${nodeId} ends ${attempt} ${idempotencyKey}`)
  return { output: Number(input ?? 0) + 1 }
}
