import { categories } from './licenses.ts'
import type { Finding, Summary } from './results.ts'

/** The report of an audit, in Markdown. */
export function reportText(verdict: string, { counts, total, findings, absent, auditedAt }: Summary): string {
  return `# Licences of what this repository installs

**${verdict}** ${total} packages were read on ${auditedAt.toISOString().slice(0, 10)}; ${absent.length} more that the
lockfile names are for other platforms and not installed here.

| category | packages |
|---|---|
${categories.map((name) => `| ${name} | ${counts.get(name) ?? 0} |`).join('\n')}

## What needs a look

| package | version | licence | category |
|---|---|---|---|
${findings.map(toRow).join('\n')}
`
}

function toRow({ name, version, license, category }: Finding): string {
  return `| ${name} | ${version} | ${license ?? 'none stated'} | ${category} |`
}
