// Runs a campaign that a drawing tool has saved as JSON, and shows what the linter says of a broken one.
import { readFile } from 'node:fs/promises'
import { ExpressionEvaluator, FlowRuntime, lintBlueprint, sanitizeBlueprint, type WorkflowBlueprint } from 'flowcraft'
import { registry } from './registry.ts'

const campaign = await load('campaign')
const blueprints = { archive: await load('archive') }
const evaluator = new ExpressionEvaluator()
const runtime = new FlowRuntime({ registry, blueprints, evaluator })

await send(['ada', 'bob', 'cyd'])
await send(['ada', 'eve'])

console.log('What is wrong with broken.json')
const { issues } = lintBlueprint(await load('broken'), registry, blueprints)
for (const { code, message } of issues) console.log(`  ${code}\n    ${message}`)

console.log('\nWhat an expression can do, and what it cannot')
for (const expression of [
  "names[0] ?? 'nobody'",
  'names.length > 1 && !isLate',
  'names.constructor',
  'process.exit()',
]) {
  console.log(`  ${expression}: ${evaluator.check(expression) ?? evaluate(expression)}`)
}

async function send(names: readonly string[]): Promise<void> {
  console.log(`To ${names.join(', ')}`)
  const { status, context } = await runtime.run(campaign, { names, limits: { rounds: 3 } })
  console.log(`  ${String(context['_outputs.celebrate'] ?? context['_outputs.complain'])}`)
  console.log(`  ${String(context['_outputs.archive'])}`)
  console.log(`  the run is ${status}\n`)
}

function evaluate(expression: string): string {
  return JSON.stringify(evaluator.evaluate(expression, { names: ['ada', 'bob'], isLate: false }))
}

/** A drawing tool saves more than the engine knows: `sanitizeBlueprint` takes what it knows, and refuses what is wrong. */
async function load(name: string): Promise<WorkflowBlueprint> {
  const file = new URL(`blueprints/${name}.json`, import.meta.url)
  return sanitizeBlueprint(JSON.parse(await readFile(file, 'utf8')))
}
