// How much of a page's weight an entry of the built engine is: `node --import tsx scripts/entry-sizes.ts`.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

for (const [entry, goalKb] of [
  ['index', 40],
  ['replay', 16],
] as const) {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      lib: {
        entry: fileURLToPath(new URL(`../packages/flowcraft/dist/${entry}.mjs`, import.meta.url)),
        formats: ['es'],
      },
    },
  })
  const chunks = (Array.isArray(output) ? output : [output])
    .flatMap((one) => ('output' in one ? one.output : []))
    .flatMap((one) => (one.type === 'chunk' ? [one] : []))
  const first = chunks.filter(({ isEntry }) => isEntry).reduce((sum, { code }) => sum + gzipSync(code).length, 0)
  const all = chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0)
  console.log(
    `flowcraft/${entry}: ${(first / 1024).toFixed(1)} kB min+gzip, ${(all / 1024).toFixed(1)} kB with what it loads later; goal ${goalKb} kB`,
  )
}
