// The public types of each package, as built, are committed in etc/: a change of the API shows in the review.
// `pnpm api:check` compares, `pnpm api:update` writes.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages, report, root, type PublishedPackage } from './workspace.ts'

const isUpdate = process.argv.includes('--update')
const problems: string[] = []
mkdirSync(join(root, 'etc'), { recursive: true })

for (const published of publishedPackages()) {
  const file = `etc/${published.shortName}.d.ts`
  const committed = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
  const built = builtTypes(published)
  if (isUpdate) writeFileSync(join(root, file), built)
  else if (committed !== built)
    problems.push(`${file}: ${firstDifference(committed, built)}\n  If that is meant: pnpm api:update`)
}
report(problems, isUpdate ? 'etc/ is up to date' : 'the public types are those in etc/')

function builtTypes({ folder, name }: PublishedPackage): string {
  const files = readdirSync(join(folder, 'dist')).filter((file) => file.endsWith('.d.mts'))
  const parts = files.sort().map((file) => `// ${name}: ${file}\n${readFileSync(join(folder, 'dist', file), 'utf8')}`)
  return parts
    .join('\n')
    .replaceAll(/-[\w-]{8}(?=\.d\.mts|\.mjs)/g, '')
    .replaceAll(/^\/\/# sourceMappingURL.*\n?/gm, '')
}

function firstDifference(committed: string, built: string): string {
  const [before, after] = [committed.split('\n'), built.split('\n')]
  const at = after.findIndex((line, index) => line !== before[index])
  const line = at < 0 ? after.length : at
  return `line ${line + 1} was\n  - ${before[line] ?? '(end)'}\n  + ${after[line] ?? '(end)'}`
}
