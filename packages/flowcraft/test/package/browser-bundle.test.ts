import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'
import { describe, expect, it } from 'vitest'

// A free `Buffer` is replaced by its marker; `globalThis.Buffer`, a property or a local of that name is not.
const forbidden = ['Buffer', 'process', 'require', 'setImmediate', '__dirname', '__filename']
const engine = `export * from '${fileURLToPath(new URL('../../src/index.ts', import.meta.url))}'`
const markerOf = (name: string): string => `__node_global_${name}__`

describe('the engine in a browser bundle', () => {
  it('imports no module of Node', async () => {
    const { builtins } = await bundle(engine)
    expect(builtins).toEqual([])
  })

  it('uses no global that only Node has', async () => {
    const { code } = await bundle(engine)
    expect(forbidden.filter((name) => code.includes(markerOf(name)))).toEqual([])
  })

  it('would notice both', async () => {
    const { code, builtins } = await bundle(
      `import fs from 'fs'; import { join } from 'node:path'; export default [fs, join, Buffer.from('a')]`,
    )
    expect(builtins).toEqual(['fs', 'node:path'])
    expect(code).toContain(markerOf('Buffer'))
  })
})

/** Bundles a module with the text `source` for browsers; gives the code and the modules of Node that it imports. */
async function bundle(source: string): Promise<{ code: string; builtins: string[] }> {
  const builtins: string[] = []
  const watch: Plugin = {
    name: 'watch-imports',
    enforce: 'pre',
    resolveId(id) {
      if (isBuiltin(id)) builtins.push(id)
      if (isBuiltin(id)) return { id, external: true }
      return id.endsWith('virtual-entry') ? '\0entry' : undefined
    },
    load: (id) => (id === '\0entry' ? source : undefined),
  }
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [watch],
    define: Object.fromEntries(forbidden.map((name) => [name, markerOf(name)])),
    build: { write: false, minify: false, target: 'es2022', lib: { entry: 'virtual-entry', formats: ['es'] } },
  })
  const outputs = Array.isArray(output) ? output : [output]
  const chunks = outputs.flatMap((one) => ('output' in one ? one.output : []))
  return {
    code: chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n'),
    builtins: builtins.sort(),
  }
}
