import type { Load } from '../benchmark.ts'

/** Makes `load.runs` runs, `load.concurrency` at a time. */
export async function runPool({ runs, concurrency }: Load, run: () => Promise<void>): Promise<void> {
  let started = 0
  const lane = async (): Promise<void> => {
    while (started < runs) {
      started += 1
      await run()
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, runs) }, lane))
}
