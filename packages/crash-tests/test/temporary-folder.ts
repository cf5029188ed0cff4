import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []

/** Makes a folder of its own. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowcraft-crash-'))
  folders.push(folder)
  return folder
}

/** Removes the folders. Stores in them must be closed before. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
