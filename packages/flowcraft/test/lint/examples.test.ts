import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RegisteredFlow } from 'flowcraft'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { NodeRegistry } from '../../src/blueprint/node.ts'
import { sanitizeBlueprint } from '../../src/blueprint/sanitize.ts'
import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'

interface Exemplar {
  readonly blueprint: WorkflowBlueprint
  readonly registry: NodeRegistry
}

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url))
const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'main.ts')))

describe('the linter', () => {
  it.each(names)('finds nothing in the blueprints of the example %s', async (name) => {
    const exemplars = [...(await flowsOf(name)), ...(await jsonOf(name))]
    expect(exemplars).not.toEqual([])
    const blueprints = Object.fromEntries(exemplars.map(({ blueprint }) => [blueprint.id, blueprint]))
    const issues = exemplars.flatMap(({ blueprint, registry }) =>
      lintBlueprint(blueprint, registry, blueprints).issues.map(({ message }) => `${blueprint.id}: ${message}`),
    )
    expect(issues).toEqual([])
  })
})

/** The flows that an example exports from `flow.ts` or `flows.ts`. */
async function flowsOf(name: string): Promise<Exemplar[]> {
  const files = ['flow.ts', 'flows.ts'].map((file) => join(examples, name, file)).filter((file) => existsSync(file))
  const modules: readonly object[] = await Promise.all(files.map((file) => import(pathToFileURL(file).href)))
  return modules
    .flatMap((module) => Object.values(module))
    .filter(isFlow)
    .map((flow) => ({ blueprint: flow.toBlueprint(), registry: flow.getFunctionRegistry() }))
}

/** The blueprints that an example has as JSON, for the implementations in its `registry.ts`; a broken one is so on purpose. */
async function jsonOf(name: string): Promise<Exemplar[]> {
  const folder = join(examples, name, 'blueprints')
  if (!existsSync(folder)) return []
  const { registry } = await import(pathToFileURL(join(examples, name, 'registry.ts')).href)
  return readdirSync(folder)
    .filter((file) => file !== 'broken.json')
    .map((file) => ({ blueprint: sanitizeBlueprint(JSON.parse(readFileSync(join(folder, file), 'utf8'))), registry }))
}

function isFlow(value: unknown): value is RegisteredFlow {
  return typeof value === 'object' && value !== null && 'toBlueprint' in value && 'getFunctionRegistry' in value
}
