// Packs every package as it would be published, and checks the tarballs: manifest, file list, types.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishedPackages, report, root, type PublishedPackage } from './workspace.ts'

const packed = mkdtempSync(join(tmpdir(), 'flowcraft-pack-'))
const problems: string[] = []
try {
  for (const published of publishedPackages()) problems.push(...problemsOf(published))
} finally {
  rmSync(packed, { recursive: true })
}
report(problems, 'the packages can be published')

function problemsOf({ name, folder, shortName }: PublishedPackage): string[] {
  const into = join(packed, shortName)
  execFileSync('pnpm', ['pack', '--pack-destination', into], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const tarball = join(into, readdirSync(into)[0] ?? '')
  const manifest = execFileSync('tar', ['-xOf', tarball, 'package/package.json'], { encoding: 'utf8' })
  const files = execFileSync('tar', ['-tf', tarball], { encoding: 'utf8' }).split('\n')
  return [
    ...(manifest.includes('flowcraft-src') ? ['the source condition is in the published exports'] : []),
    ...(manifest.includes('workspace:') ? ['a workspace: range is in the published dependencies'] : []),
    ...(files.includes('package/LICENSE') ? [] : ['no LICENSE in the package']),
    ...(files.some((file) => file.startsWith('package/src/')) ? ['sources are in the package'] : []),
    ...outputIfFailed('publint', ['run', tarball, '--strict']),
    ...outputIfFailed('attw', [tarball, '--profile', 'esm-only', '--no-emoji']),
  ].map((problem) => `${name}: ${problem}`)
}

function outputIfFailed(tool: string, given: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', tool), given, { encoding: 'utf8' })
  return status === 0 ? [] : [`${tool}:\n${stdout}${stderr}`]
}
