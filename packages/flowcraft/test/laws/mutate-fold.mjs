// Breaks the fold in one event type after the other, and shows that the property of exact replay notices each time.
// node packages/flowcraft/test/laws/mutate-fold.mjs
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const foldFile = fileURLToPath(new URL('../../src/state/fold.ts', import.meta.url))
const original = readFileSync(foldFile, 'utf8')
const all = [...original.matchAll(/\n {4}case '([^']+)':\n([\s\S]*?)(?=\n {4}(?:case '|default:))/g)]
// What does nothing cannot be broken.
const cases = all.filter(([, , body]) => body.replaceAll(/\/\/.*/g, '').trim() !== 'return')

process.env.FLOWCRAFT_SHRINK = '0'
process.env.FLOWCRAFT_RUNS ??= '500'
process.env.FLOWCRAFT_SEED ??= '1'

let missed = 0
if (await notices(original, original)) throw new Error('The property fails for the fold as it is: nothing can be shown')
for (const [text, type] of cases) {
  const isCaught = await notices(text, `\n    case '${type}':\n      return`)
  console.log(`case ${type}: ${isCaught ? 'caught' : 'MISSED'}`)
  if (!isCaught) missed += 1
}
console.log(`${cases.length - missed} of ${cases.length} caught`)
process.exit(cases.length > 0 && missed === 0 ? 0 : 1)

/** Whether the property fails when `text` of the fold is replaced on its way into the test; the file stays as it is. */
async function notices(text, replacement) {
  const breakFold = {
    name: 'break-fold',
    enforce: 'pre',
    transform: (code, id) => (id.split('?')[0] === foldFile ? code.replace(text, () => replacement) : undefined),
  }
  const vitest = await startVitest(
    'test',
    ['test/laws/exact-replay.property.test.ts'],
    {
      root: `${root}packages/flowcraft`,
      config: `${root}packages/flowcraft/vitest.config.ts`,
      watch: false,
      reporters: [{}],
      silent: true,
    },
    { plugins: [breakFold] },
  )
  const files = vitest.state.getFiles()
  const failed = files.some((file) => file.result?.state === 'fail')
  if (files.length === 0 || files.some((file) => file.tasks.length === 0)) throw new Error('The property did not run')
  await vitest.close()
  process.exitCode = 0
  return failed
}
