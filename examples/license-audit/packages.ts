import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A package that the lockfile names. */
export interface LockedPackage {
  readonly name: string
  readonly version: string
}

/** A package with the licence that its manifest states. */
export interface LicensedPackage extends LockedPackage {
  /** `undefined` where the manifest states none. */
  readonly license: string | undefined
}

/** What the lockfile names: what must be there, and what is installed on some platforms only. */
export interface Lockfile {
  readonly required: readonly LockedPackage[]
  readonly optional: readonly LockedPackage[]
}

/** Reads the manifest of a package; `undefined` when it is not installed. */
export type ManifestReader = (locked: LockedPackage) => Promise<LicensedPackage | undefined>

/** The packages of a `pnpm-lock.yaml` (lockfile version 9), sorted by name. */
export async function readLockfile(file: string): Promise<Lockfile> {
  const { snapshots } = parse(await readFile(file, 'utf8')) as PnpmLockfile
  const isRequired = new Map<string, boolean>()
  for (const [key, { optional = false }] of Object.entries(snapshots)) {
    // A package appears once for each set of peers: `name@1.0.0(peer@2.0.0)`.
    const id = key.replace(/\(.*$/, '')
    isRequired.set(id, isRequired.get(id) === true || !optional)
  }
  const ids = [...isRequired.keys()].sort()
  return {
    required: ids.filter((id) => isRequired.get(id)).map(toPackage),
    optional: ids.filter((id) => !isRequired.get(id)).map(toPackage),
  }
}

interface PnpmLockfile {
  readonly snapshots: Readonly<Record<string, { readonly optional?: boolean }>>
}

function toPackage(id: string): LockedPackage {
  const at = id.lastIndexOf('@')
  return { name: id.slice(0, at), version: id.slice(at + 1) }
}

/** A reader for the packages that pnpm has put into `<root>/node_modules/.pnpm`. */
export function manifestReader(root: string): ManifestReader {
  const store = join(root, 'node_modules/.pnpm')
  let folders: Promise<Map<string, string>> | undefined
  return async ({ name, version }) => {
    folders ??= foldersById(store)
    const folder = (await folders).get(`${name}@${version}`.replace('/', '+'))
    if (folder === undefined) return undefined
    const manifest: Manifest = JSON.parse(
      await readFile(join(store, folder, 'node_modules', name, 'package.json'), 'utf8'),
    )
    return { name, version, license: licenseOf(manifest) }
  }
}

/** The folder of each package: several differ by the peers that follow `_`, and hold the same package. */
async function foldersById(store: string): Promise<Map<string, string>> {
  const names = await readdir(store)
  return new Map(names.map((name) => [/^@?[^@]+@[^_]+/.exec(name)?.[0] ?? name, name]))
}

interface Manifest {
  readonly license?: string | { readonly type: string }
  /** The form before SPDX expressions: any of them applies. */
  readonly licenses?: readonly { readonly type: string }[]
}

function licenseOf({ license, licenses }: Manifest): string | undefined {
  if (typeof license === 'string') return license
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ')
}

/**
 * Whether a read fails although nothing is wrong, as on a busy network drive. The seed decides: about every 85th first
 * attempt, and every second one after it.
 */
export function isDiskBusy(seed: number, packageName: string, attempt: number): boolean {
  const [first = 0, second = 0] = createHash('sha256').update(`${seed}/${packageName}`).digest()
  return (attempt === 1 && first < 3) || (attempt === 2 && first < 3 && second < 128)
}
