import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeContext, NodeResult } from 'flowcraft'
import { categories, categoryOf, type Category } from './licenses.ts'
import { isDiskBusy, readLockfile, type LicensedPackage, type LockedPackage, type ManifestReader } from './packages.ts'
import { reportText } from './report.ts'
import type { Branches, Classified, Finding, Reading, Summary } from './results.ts'

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

/** Reads the lockfile: what must be there, and what is made for some platforms only. */
export async function lockfile({ context }: Call<unknown>) {
  return { output: await readLockfile((await context.get('lockfile')) ?? 'pnpm-lock.yaml') }
}

/** Reads one manifest; the batch calls it once for each package. */
export async function readManifest({ input, context, dependencies, attempt }: Call<LockedPackage>) {
  if (isDiskBusy((await context.get('seed')) ?? 0, input.name, attempt)) throw new Error('EBUSY: the disk is busy')
  const read = await dependencies.readManifest(input)
  if (read === undefined) throw new Error(`${input.name}@${input.version} is not installed`)
  return { output: read }
}

/** Reads every manifest; a package that is not installed fails the node. */
export async function readAll({ input, dependencies }: Call<readonly LockedPackage[]>) {
  const packages = await Promise.all(
    input.map(async (locked) => {
      const read = await dependencies.readManifest(locked)
      if (read === undefined) throw new Error(`${locked.name}@${locked.version} is not installed`)
      return read
    }),
  )
  return { output: { packages, absent: [] } satisfies Reading }
}

/** Reads the manifests that are there, and names the packages that are not: they are made for another platform. */
export async function readInstalled({ input, dependencies }: Call<readonly LockedPackage[]>) {
  const found = await Promise.all(input.map((locked) => dependencies.readManifest(locked)))
  const packages = found.filter((read) => read !== undefined)
  return { output: { packages, absent: input.filter((_, index) => found[index] === undefined) } satisfies Reading }
}

/** Puts each package into its category. */
export function classify({ input }: Call<readonly LicensedPackage[]>) {
  const judged = input.map((read) => ({ ...read, category: categoryOf(read.license) }))
  const findings: readonly Finding[] = judged.filter(({ category }) => category !== 'permissive')
  const counts = new Map(categories.map((name) => [name, judged.filter(({ category }) => category === name).length]))
  return { output: { counts, findings } satisfies Classified }
}

/** Adds up what the two branches found. */
export function summary({ input: { required, optional, absent } }: Call<Branches>) {
  const counts = new Map(
    categories.map((name) => [name, (required.counts.get(name) ?? 0) + (optional.counts.get(name) ?? 0)]),
  )
  return {
    output: {
      counts,
      total: [...counts.values()].reduce((sum, count) => sum + count),
      findings: [...required.findings, ...optional.findings],
      absent,
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
