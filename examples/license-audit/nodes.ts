import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeContext, NodeResult } from 'flowcraft'
import { categories, categoryOf, type Category } from './licenses.ts'
import { isDiskBusy, readLockfile, type LockedPackage, type ManifestReader } from './packages.ts'
import { reportText } from './report.ts'
import type { Classified, Finding, Shard, Summary } from './results.ts'

/** The keys of the context that the nodes share. */
export interface AuditContext {
  readonly lockfile: string
  /** Decides which reads fail. */
  readonly seed: number
  /** The categories that may not be shipped. */
  readonly forbidden: readonly Category[]
  readonly verdict: string
}

/** What the runtime gives the nodes: the outside world. */
export interface AuditDependencies {
  readonly readManifest: ManifestReader
  readonly outputFolder: string
}

type Call<TInput> = NodeContext<AuditContext, AuditDependencies, TInput>

const shards = 3

/** Reads the lockfile and deals the required packages out to the readers. */
export async function lockfile({ context }: Call<unknown>) {
  const { required, optional } = await readLockfile((await context.get('lockfile')) ?? 'pnpm-lock.yaml')
  const size = Math.ceil(required.length / shards)
  const parts = Array.from({ length: shards }, (_, part) => required.slice(part * size, (part + 1) * size))
  return { output: { parts, optional } }
}

/** Reads every manifest; a package that is not installed fails the node. */
export async function readAll({ input, context, dependencies, nodeId, attempt }: Call<readonly LockedPackage[]>) {
  if (isDiskBusy((await context.get('seed')) ?? 0, nodeId, attempt)) throw new Error('EBUSY: the disk is busy')
  const packages = await Promise.all(
    input.map(async (locked) => {
      const read = await dependencies.readManifest(locked)
      if (read === undefined) throw new Error(`${locked.name}@${locked.version} is not installed`)
      return read
    }),
  )
  return { output: { packages, absent: [] } satisfies Shard }
}

/** Reads the manifests that are there, and names the packages that are not: they are made for another platform. */
export async function readInstalled({ input, dependencies }: Call<readonly LockedPackage[]>) {
  const found = await Promise.all(input.map((locked) => dependencies.readManifest(locked)))
  const packages = found.filter((read) => read !== undefined)
  return { output: { packages, absent: input.filter((_, index) => found[index] === undefined) } satisfies Shard }
}

/** Puts each package of a part into its category. */
export function classify({ input }: Call<Shard>) {
  const judged = input.packages.map((read) => ({ ...read, category: categoryOf(read.license) }))
  const findings: readonly Finding[] = judged.filter(({ category }) => category !== 'permissive')
  const counts = new Map(categories.map((name) => [name, judged.filter(({ category }) => category === name).length]))
  return { output: { counts, findings, absent: input.absent } satisfies Classified }
}

/** Adds up what the branches found. The input of a join has one key for each branch. */
export function summary({ input }: Call<Readonly<Record<string, Classified>>>) {
  const parts = Object.values(input)
  const counts = new Map(
    categories.map((name) => [name, parts.reduce((sum, part) => sum + (part.counts.get(name) ?? 0), 0)]),
  )
  return {
    output: {
      counts,
      total: [...counts.values()].reduce((sum, count) => sum + count),
      findings: parts.flatMap(({ findings }) => findings),
      absent: parts.flatMap(({ absent }) => absent),
      auditedAt: new Date(),
    } satisfies Summary,
  }
}

/** Holds the findings against the policy. The action chooses the edge on which the run goes on. */
export async function review({ input, context }: Call<readonly Finding[]>): Promise<NodeResult<readonly Finding[]>> {
  const forbidden = (await context.get('forbidden')) ?? []
  const offending = input.filter(({ category }) => forbidden.includes(category))
  return { output: offending, action: offending.length > 0 ? 'forbidden' : 'tolerable' }
}

/** Writes the verdict that is set in its `params`. */
export async function decide({ context, params }: Call<unknown>) {
  await context.set('verdict', String(params['verdict']))
}

/** Writes the report for people. */
export async function report({ input, dependencies }: Call<{ readonly verdict: string; readonly summary: Summary }>) {
  await mkdir(dependencies.outputFolder, { recursive: true })
  await writeFile(join(dependencies.outputFolder, 'report.md'), reportText(input.verdict, input.summary))
  return { output: 'report.md' }
}
