// Makes docs/pictures/<name>.png of every docs/pictures/<name>.mmd, with the Mermaid that the tests use and the Chromium
// at CHROMIUM (default /usr/bin/chromium; Debian has it as the package chromium). Other folders and `dark` may be named:
// `tsx scripts/draw-pictures.ts [folder] [dark]`.
// The texts are those of the runs in packages/flowcraft/test/render/typical-runs.ts: `vitest -u` writes them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { report, root } from './workspace.ts'

const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const mermaid = pathToFileURL(join(root, 'packages/flowcraft/node_modules/mermaid/dist/mermaid.min.js')).href
const [folder = join(root, 'docs/pictures'), theme = 'default'] = process.argv.slice(2).map((word) => word)
const pixelsPerPoint = 1.5
const scratch = mkdtempSync(join(tmpdir(), 'flowcraft-pictures-'))
try {
  const names = readdirSync(folder).filter((name) => name.endsWith('.mmd'))
  report(names.flatMap(problemsOf), `${names.length} pictures drawn: ${names.join(', ')}`)
} finally {
  rmSync(scratch, { recursive: true })
}

function problemsOf(name: string): string[] {
  const page = join(scratch, `${name}.html`)
  writeFileSync(page, pageOf(readFileSync(join(folder, name), 'utf8')))
  const size = /data-size="(\d+,\d+)"/.exec(browse('--window-size=1200,800', '--dump-dom', page))?.[1]
  if (size === undefined) return [`Mermaid drew nothing of ${join(folder, name)}`]
  const picture = join(resolve(folder), `${basename(name, '.mmd')}.png`)
  browse(`--window-size=${size}`, `--screenshot=${picture}`, page)
  return []
}

/** What Chromium prints. */
function browse(...words: readonly string[]): string {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  const own = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${scratch}/profile`]
  const options = ['--virtual-time-budget=20000', `--force-device-scale-factor=${pixelsPerPoint}`]
  return execFileSync(chromium, [...quiet, ...own, ...options, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  })
}

/** A page with nothing but the drawing, and its size in an attribute of the body. */
function pageOf(text: string): string {
  const config = { startOnLoad: false, theme, flowchart: { useMaxWidth: false }, sequence: { useMaxWidth: false } }
  const background = theme === 'dark' ? '#0d1117' : '#ffffff'
  // A `<` could end the script.
  const source = JSON.stringify(text).replaceAll('<', '\\u003c')
  return `<!doctype html><meta charset="utf-8"><style>html{background:${background}}body{margin:8px;width:1000px}</style>
<body><script src="${mermaid}"></script><script>
  mermaid.initialize(${JSON.stringify(config)})
  mermaid.render('drawing', ${source}).then(({ svg }) => {
    document.body.innerHTML = svg
    const { width, height } = document.querySelector('svg').getBoundingClientRect()
    document.body.dataset.size = Math.ceil(width) + 16 + ',' + (Math.ceil(height) + 16)
  })
</script>`
}
