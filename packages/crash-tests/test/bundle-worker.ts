import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, defaultServerConditions, type Plugin } from 'vite'
import type {} from 'vitest'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The file that a worker process runs. */
    workerScript: string
    /** The URL of the server that the tests share. */
    postgresUrl: string
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Puts the workers' code into one file of JavaScript: a process that reads the sources themselves takes six times as
 * long to start, and hundreds are started.
 */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  // Not in the package: somebody else may be running the same tests.
  const outDir = mkdtempSync(join(tmpdir(), 'flowcraft-crash-worker-'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [nativeModules],
    resolve: { conditions: ['flowcraft-src', ...defaultServerConditions] },
    ssr: { noExternal: true, resolve: { conditions: ['flowcraft-src', ...defaultServerConditions] } },
    build: {
      ssr: 'test/worker/main.ts',
      outDir,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  })
  provide('workerScript', join(outDir, 'worker.mjs'))
  return () => rmSync(outDir, { recursive: true, force: true })
}

/** A native module stays where it is installed. */
const nativeModules: Plugin = {
  name: 'native-modules',
  enforce: 'pre',
  resolveId(id, importer) {
    if (id !== 'better-sqlite3' || importer === undefined) return null
    return { id: pathToFileURL(createRequire(importer).resolve(id)).href, external: true }
  },
}
