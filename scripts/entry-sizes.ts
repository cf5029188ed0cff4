// How much of a page's weight an entry of the built engine is: `node --import tsx scripts/entry-sizes.ts`.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const entries = [
  { entry: 'index', name: 'flowcraft', goalKb: 40 },
  { entry: 'replay', name: 'flowcraft/replay', goalKb: 16 },
] as const

for (const { entry, name, goalKb } of entries) {
  const file = fileURLToPath(new URL(`../packages/flowcraft/dist/${entry}.mjs`, import.meta.url))
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      // Not as a library: of one, white space is kept.
      rollupOptions: { input: file, preserveEntrySignatures: 'strict', output: { format: 'es' } },
    },
  })
  const chunks = (Array.isArray(output) ? output : [output])
    .flatMap((one) => ('output' in one ? one.output : []))
    .flatMap((one) => (one.type === 'chunk' ? [one] : []))
  const bytes = chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)
  console.log(`${name}: ${(bytes / 1024).toFixed(1)} kB minified and gzipped, all exports; goal ${goalKb} kB`)
}
