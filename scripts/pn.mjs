// Runs the pnpm that package.json pins, on a machine that has only Node and npm: `node scripts/pn.mjs <arguments>`.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const { status, error } = spawnSync('npx', ['--yes', packageManager, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...quiet(), ...ownHeaders(), ...process.env, ...writableHome() },
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (error) throw error
process.exit(status ?? 1)

function quiet() {
  return { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', npm_config_update_notifier: 'false' }
}

/** Native modules compile against the headers that came with this Node, where they are on disk: nothing to download. */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {}
}

/** System users often have no home that they may write to: npm's cache and pnpm's store then stay in the checkout. */
function writableHome() {
  try {
    accessSync(homedir(), constants.W_OK)
    return {}
  } catch {
    const home = join(root, '.home')
    mkdirSync(home, { recursive: true })
    return { HOME: home, npm_config_cache: join(home, '.npm') }
  }
}
