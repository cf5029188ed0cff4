import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineName, Sample, Scenario } from './benchmark.ts'

/** How long one measurement may take, warm-up included. */
const limitMs = 60_000

/** What came of one engine in one case: samples of all rounds, or why there are none. */
export interface Row {
  readonly scenario: Scenario
  readonly caseIndex: number
  readonly engine: EngineName
  readonly samples: readonly Sample[]
  readonly fault: string | undefined
}

/** Measures every case of a scenario; in each round, the engines take turns. Slow and failing ones are not tried again. */
export async function measureScenario(scenario: Scenario, rounds: number, onProgress: () => void): Promise<Row[]> {
  const rows: Row[] = []
  for (const [caseIndex, { engines }] of scenario.cases.entries()) {
    const samples = new Map<EngineName, Sample[]>(engines.map((engine) => [engine, []]))
    const faults = new Map<EngineName, string>()
    for (let round = 0; round < rounds; round += 1) {
      for (const engine of engines) {
        if (faults.has(engine)) continue
        const outcome = await measureOnce(scenario, caseIndex, engine)
        if (typeof outcome === 'string') faults.set(engine, outcome)
        else samples.get(engine)?.push(outcome)
        onProgress()
      }
    }
    for (const engine of engines) {
      rows.push({ scenario, caseIndex, engine, samples: samples.get(engine) ?? [], fault: faults.get(engine) })
    }
  }
  return rows
}

/** A sample, or why there is none. */
function measureOnce(scenario: Scenario, caseIndex: number, engine: EngineName): Promise<Sample | string> {
  const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
  const child = fork(worker, [scenario.name, String(caseIndex), engine], {
    execArgv: ['--import', 'tsx', '--expose-gc', ...(process.env['BENCH_NODE_ARGS']?.split(' ') ?? [])],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  return new Promise((resolve) => {
    let sample: Sample | undefined
    let complaint = ''
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, limitMs)
    // The worker sends nothing else.
    child.on('message', (message) => (sample = message as Sample))
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    child.on('close', () => {
      clearTimeout(timer)
      const [reason] = /^(?:FATAL )?\w*error: .*$/im.exec(complaint) ?? [complaint.slice(0, 200)]
      resolve(sample ?? (isLate ? `over ${limitMs / 1000} s` : `failed: ${reason}`))
    })
  })
}
