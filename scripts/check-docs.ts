// Keeps the documentation true: its code compiles against the built packages and runs, its links lead somewhere,
// docs/errors.md has a section for every error code and no other, and docs/api describes every export as it is built.
//
//   ```ts            is compiled and run
//   ```ts continue   goes on where the block before it ended
//   ```ts no-run     is compiled only
//
// The comment behind a `console.log(…)` begins with what this line prints first, or with the beginning of it and `…`;
// white space does not count.
// With `--update`, it writes what docs/api says of each export.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { errorCodes } from '../packages/flowcraft/src/errors.ts'
import { apiReferenceProblems } from './api-reference.ts'
import { anchorsOf, codeBlocksOf, headingsOf, relativeLinksOf } from './markdown.ts'
import { report, root } from './workspace.ts'

interface Snippet {
  readonly file: string
  readonly place: string
  readonly isRun: boolean
}

// Inside examples/, so that the snippets find the packages as a user's code does.
const snippetFolder = join(root, 'examples/from-docs')
const printWithLine = join(root, 'scripts/print-with-line.mjs')
const bin = (tool: string): string => join(root, 'node_modules/.bin', tool)

const pages = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && !/(^|\/)(node_modules|dist|coverage|\.[^/]+)\//.test(path))
  .sort()
rmSync(snippetFolder, { recursive: true, force: true })
const apiProblems = apiReferenceProblems(process.argv.includes('--update'))
const snippets = pages.flatMap(writeSnippets)
report(
  [
    ...apiProblems,
    ...pages.flatMap(brokenLinks),
    ...codesWithoutSection(),
    ...typeErrors(),
    ...snippets.flatMap(failures),
  ],
  `${pages.length} pages, ${snippets.length} pieces of code, ${errorCodes.length} error codes`,
)

/** A snippet stands on the lines where it stands in its page, so that errors name the right line. */
function writeSnippets(page: string): Snippet[] {
  const found: { text: string; line: number; isRun: boolean }[] = []
  for (const { line, code, words } of codeBlocksOf(readFileSync(join(root, page), 'utf8'))) {
    const before = words.includes('continue') ? found.pop() : undefined
    const text = before?.text ?? ''
    const gap = '\n'.repeat(line - 1 - (text.match(/\n/g)?.length ?? 0))
    found.push({ text: text + gap + code, line: before?.line ?? line, isRun: !words.includes('no-run') })
  }
  mkdirSync(snippetFolder, { recursive: true })
  return found.map(({ text, line, isRun }) => {
    const file = join(snippetFolder, `${page.replaceAll(/[/.]/g, '-')}-${line}.ts`)
    writeFileSync(file, `${text}\nexport {}\n`)
    return { file, place: `${page}:${line}`, isRun }
  })
}

function typeErrors(): string[] {
  if (snippets.length === 0) return []
  const { status, stdout } = spawnSync(bin('tsc'), ['-p', 'tsconfig.docs.json'], { cwd: root, encoding: 'utf8' })
  return status === 0 ? [] : [`code in the docs does not compile:\n${stdout}`]
}

function failures({ file, place, isRun }: Snippet): string[] {
  if (!isRun) return []
  const cwd = mkdtempSync(join(tmpdir(), 'flowcraft-docs-'))
  const options = { cwd, encoding: 'utf8', timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(bin('tsx'), ['--import', printWithLine, file], options)
  rmSync(cwd, { recursive: true })
  return status === 0 ? wrongComments(file, place, stdout) : [`${place}: the code fails:\n${stderr}`]
}

/** Comments that promise something else than what is printed. */
function wrongComments(file: string, place: string, stdout: string): string[] {
  const printed = new Map<number, string>()
  for (const output of stdout.split('\n').filter((text) => text.startsWith('{"line":'))) {
    // Written by print-with-line.mjs.
    const { line, text } = JSON.parse(output) as { readonly line: number; readonly text: string }
    if (!printed.has(line)) printed.set(line, text)
  }
  const page = place.slice(0, place.lastIndexOf(':'))
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((code, index) => {
      const promised = /\bconsole\.log\(.*\) \/\/ (.+)$/.exec(code)?.[1]
      const text = printed.get(index + 1)
      return promised === undefined || text === undefined || isKept(promised, text)
        ? []
        : [`${page}:${index + 1}: the comment says '${promised}', but the line prints '${text}'`]
    })
}

function isKept(promised: string, text: string): boolean {
  const [beginning = '', rest] = promised.split('…', 2)
  if (rest !== undefined && bare(text).startsWith(bare(beginning))) return true
  return bare(promised).startsWith(bare(text))
}

function bare(text: string): string {
  return text.replaceAll(/\s/g, '')
}

function brokenLinks(page: string): string[] {
  return relativeLinksOf(readFileSync(join(root, page), 'utf8')).flatMap((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? join(root, page) : resolve(root, dirname(page), path)
    if (!existsSync(target)) return [`${page}: the link to ${link} leads nowhere`]
    if (anchor === undefined || !target.endsWith('.md')) return []
    return anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
      ? []
      : [`${page}: no heading for the link to ${link}`]
  })
}

function codesWithoutSection(): string[] {
  const sections = headingsOf(readFileSync(join(root, 'docs/errors.md'), 'utf8'), 2)
  return [
    ...errorCodes.filter((code) => !sections.includes(code)).map((code) => `docs/errors.md: no section for ${code}`),
    ...sections
      .filter((section) => /^[A-Z_]+$/.test(section) && !errorCodes.some((code) => code === section))
      .map((section) => `docs/errors.md: there is no error code ${section}`),
  ]
}
