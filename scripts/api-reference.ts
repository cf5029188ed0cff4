import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { publishedPackages, root } from './workspace.ts'

/**
 * What is wrong with the pages of `docs/api`, one sentence each. A page has an entry for an export where it says
 * `<!-- api: <package>#<export> -->`, up to `<!-- end -->`: heading, doc comment and declaration, as built. Every export of
 * every package has one entry, and every entry is that of an export. With `isUpdate`, entries are written and not compared.
 */
export function apiReferenceProblems(isUpdate: boolean): string[] {
  const entries = new Map(publishedPackages().flatMap(({ name, folder }) => [...entriesOf(name, folder)]))
  const problems: string[] = []
  const placeOf = new Map<string, string>()
  for (const page of readdirSync(join(root, 'docs/api')).sort()) {
    const path = `docs/api/${page}`
    const text = readFileSync(join(root, path), 'utf8')
    const written = text.replaceAll(marked, (before, key: string) => {
      const entry = entries.get(key)
      const other = placeOf.get(key)
      placeOf.set(key, path)
      if (other !== undefined) problems.push(`${path}: ${key} has an entry in ${other} already`)
      if (entry === undefined) problems.push(`${path}: there is no export ${key}`)
      const after = entry === undefined ? before : `<!-- api: ${key} -->\n${entry}\n<!-- end -->`
      if (!isUpdate && after !== before)
        problems.push(
          `${path}: ${key} is not described as it is built. If that is meant: tsx scripts/check-docs.ts --update`,
        )
      return after
    })
    if (isUpdate && written !== text) writeFileSync(join(root, path), written)
  }
  for (const key of entries.keys()) if (!placeOf.has(key)) problems.push(`docs/api: no entry for ${key}`)
  return problems
}

const marked = /^<!-- api: (\S+) -->\n.*?^<!-- end -->/gms

/** What the pages say of each export of a package, by `<package>#<export>`. */
function entriesOf(name: string, folder: string): Map<string, string> {
  const source = builtTypes(folder)
  const declarations = new Map<string, ts.Statement[]>()
  const exported: { readonly name: string; readonly local: string }[] = []
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue
      for (const { name: as, propertyName } of statement.exportClause.elements)
        exported.push({ name: as.text, local: (propertyName ?? as).text })
    }
    for (const local of namesOf(statement)) declarations.set(local, [...(declarations.get(local) ?? []), statement])
  }
  return new Map(
    exported.map((each) => {
      const declared = declarations.get(each.local)
      if (declared === undefined)
        throw new Error(`${name} exports ${each.name}, of which its types have no declaration`)
      return [`${name}#${each.name}`, toEntry(each.name, declared, source)]
    }),
  )
}

/** The types of a package's main entry, with the layout of our own code. */
function builtTypes(folder: string): ts.SourceFile {
  const scratch = mkdtempSync(join(tmpdir(), 'flowcraft-api-'))
  const file = join(scratch, 'index.d.ts')
  const built = withSharedTypes(folder, 'index.d.mts')
  writeFileSync(file, built.replaceAll(/^ *#private;\n/gm, ''))
  const config = join(root, '.oxfmtrc.json')
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/oxfmt'), ['-c', config, file], {
    encoding: 'utf8',
  })
  const text = readFileSync(file, 'utf8')
  rmSync(scratch, { recursive: true })
  if (status !== 0) throw new Error(`the types of ${folder} cannot be laid out: ${stderr}`)
  return ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.Latest, true)
}

/** The types of a built file, and of the files that it shares with other entries, whose exports are left out. */
function withSharedTypes(folder: string, file: string): string {
  const text = readFileSync(join(folder, 'dist', file), 'utf8')
  const shared = [...text.matchAll(/^import .* from "\.\/([\w-]+)\.mjs"/gm)].map(([, name]) => `${name}.d.mts`)
  const parts = shared.map((name) => withSharedTypes(folder, name).replaceAll(/^export \{.*$/gm, ''))
  return [text, ...parts].join('\n')
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText())
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isNamed && statement.name !== undefined ? [statement.name.text] : []
}

function toEntry(name: string, statements: readonly ts.Statement[], source: ts.SourceFile): string {
  const comments = statements.flatMap((statement) => commentOf(statement, source) ?? [])
  const code = statements.map((statement) => withIndentedComments(statement.getText(source).replace(/^declare /, '')))
  return [`### \`${name}\``, ...comments, `\`\`\`typescript\n${code.join('\n')}\n\`\`\``].join('\n\n')
}

/** A doc comment as Markdown. */
function commentOf(statement: ts.Statement, source: ts.SourceFile): string | undefined {
  const range = ts.getLeadingCommentRanges(source.text, statement.pos)?.at(-1)
  const comment = range && source.text.slice(range.pos, range.end)
  if (!comment?.startsWith('/**')) return undefined
  return comment
    .replaceAll(/^\/\*\*\s?|\s*\*\/$/g, '')
    .replaceAll(/^ *\* ?/gm, '')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/^@param (\w+) /gm, '\n`$1`: ')
    .replaceAll(/^@throws /gm, '\nThrows ')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

function withIndentedComments(code: string): string {
  return code.replaceAll(/^( *)\*/gm, (line, indent: string) => (indent.length % 2 === 0 ? ` ${line}` : line))
}
