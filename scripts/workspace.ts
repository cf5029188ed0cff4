import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** A package of this repository that goes to the registry. */
export interface PublishedPackage {
  readonly name: string
  readonly folder: string
  /** The name without its scope, for file names. */
  readonly shortName: string
}

/** Every folder of `packages` whose package.json is not private. */
export function publishedPackages(): PublishedPackage[] {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest: { name } }) => ({ name, folder, shortName: name.replace(/^@[^/]+\//, '') }))
}

/** Prints every problem and makes the process fail, or prints `success`. */
export function report(problems: readonly string[], success: string): void {
  for (const problem of problems) console.error(`✗ ${problem}`)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`✓ ${success}`)
}
