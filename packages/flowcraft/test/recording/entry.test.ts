import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, it } from 'vitest'
import * as whole from 'flowcraft'
import * as replay from 'flowcraft/replay'

const src = fileURLToPath(new URL('../../src', import.meta.url))

it('flowcraft/replay gives what flowcraft gives, the very same', () => {
  expect(replay.openRecording).toBe(whole.openRecording)
  for (const [name, value] of Object.entries(replay)) expect(Reflect.get(whole, name)).toBe(value)
})

it('flowcraft/replay brings neither the runtime nor a clock nor anything of Node', async () => {
  const { folders, imports } = await bundled('replay.ts')
  expect(folders).toContain('recording')
  for (const none of ['runtime', 'history', 'nodes', 'extensions', 'render', 'lint', 'ports.ts']) {
    expect(folders).not.toContain(none)
  }
  expect(imports).toEqual([])
})

it('the whole package would be noticed', async () => {
  const { folders } = await bundled('index.ts')
  expect(folders).toEqual(expect.arrayContaining(['runtime', 'history', 'ports.ts']))
})

/** The folders and files of the engine that are in the bundle of an entry, and what the bundle imports. */
async function bundled(entry: string): Promise<{ folders: string[]; imports: string[] }> {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, target: 'es2022', lib: { entry: `${src}/${entry}`, formats: ['es'] } },
  })
  const chunks = (Array.isArray(output) ? output : [output])
    .flatMap((one) => ('output' in one ? one.output : []))
    .flatMap((one) => (one.type === 'chunk' ? [one] : []))
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(src, id).split('/')[0]!))
  return { folders: [...new Set(modules)], imports: chunks.flatMap(({ imports }) => imports) }
}
