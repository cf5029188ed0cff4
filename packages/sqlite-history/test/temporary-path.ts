import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []

/** The path of a file that is not there, in a new folder. */
export function temporaryPath(name = 'history.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowcraft-sqlite-'))
  folders.push(folder)
  return join(folder, name)
}

/** Removes every folder that `temporaryPath` has made. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}
