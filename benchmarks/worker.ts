// One measurement in a process of its own: `worker.ts <scenario> <case index> <engine>`, forked by measure.ts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Case, EngineName, Graph, Load, OpenSession, Sample, Session } from './benchmark.ts'
import { chain } from './graphs.ts'
import { scenarios } from './scenarios/index.ts'

const engines: Record<EngineName, () => Promise<{ readonly open: OpenSession }>> = {
  ours: () => import('./engines/ours.ts'),
  'flowcraft-peer': () => import('./engines/flowcraft-peer.ts'),
  raw: () => import('./engines/raw.ts'),
}

const [name, index, engine] = process.argv.slice(2)
const scenario = scenarios.find((candidate) => candidate.name === name)
const entry = scenario?.cases[Number(index)]
if (scenario === undefined || entry === undefined || !Object.hasOwn(engines, engine ?? '')) {
  throw new Error(`There is no case ${name} ${index} ${engine}`)
}
// Looked up just before.
const { open } = await engines[engine as EngineName]()
const folder = await mkdtemp(join(tmpdir(), 'flowcraft-bench-'))
try {
  const session = await open(entry.storage, folder)
  const { units, ...sample } = await measure(session, entry)
  const sent: Sample = { ...sample, units: units ?? unitsOf(entry, scenario.unit) }
  process.send?.(sent)
  await session.close()
} finally {
  await rm(folder, { recursive: true })
}

/** `units` only where the engine decides how many there are. */
async function measure(
  session: Session,
  { kind, graph, load }: Case,
): Promise<Omit<Sample, 'units'> & { units?: number }> {
  await warmUp(session, graph, load)
  if (kind === 'run') {
    const run = session.prepare(graph)
    return await timed(() => run(load))
  }
  const small = await session.recording?.(chain(1000))
  const replay = await session.recording?.(graph)
  if (small === undefined || replay === undefined) throw new Error('This engine replays nothing')
  for (let round = 0; round < 5; round += 1) await small()
  let units = 0
  const sample = await timed(async () => {
    for (let run = 0; run < load.runs; run += 1) units += await replay()
  })
  return { ...sample, units }
}

/** The same work, less of it; what is too large for that is done on a smaller scale. */
async function warmUp(session: Session, graph: Graph, { runs, concurrency }: Load): Promise<void> {
  if (graph.nodes.length > 2000) await session.prepare(chain(1000))({ runs: 10, concurrency })
  else await session.prepare(graph)({ runs: Math.ceil(runs / 4), concurrency })
}

async function timed(work: () => Promise<void>): Promise<Omit<Sample, 'units'>> {
  globalThis.gc?.()
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const wallMs = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs, cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 }
}

function unitsOf({ graph, load }: Case, unit: 'node' | 'event' | 'run'): number {
  return unit === 'run' ? load.runs : load.runs * graph.nodes.length
}
