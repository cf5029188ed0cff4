import type { NodeDefinition } from '../blueprint/blueprint.ts'
import { issueOf, shown, type LintIssue } from './issue.ts'
import { isRecord, type LintNode, type LintSubject } from './subject.ts'
import { findFaults, findShapeFaults } from '../blueprint/validate.ts'

/** Where the JSON is not what a blueprint is made of: `INVALID_INPUT`, for want of a code of its own. */
export function findShapeIssues(blueprint: unknown, subject: LintSubject): LintIssue[] {
  const name = `Blueprint ${shown(subject.blueprint['id'])}`
  return [
    ...findShapeFaults(blueprint).map((fault) => issueOf('INVALID_INPUT', `${name} cannot be read: ${fault}`)),
    ...findMetadataIssues(name, subject),
    ...subject.nodes.flatMap(findNodeShapeIssues),
  ]
}

function findMetadataIssues(name: string, { blueprint, byId }: LintSubject): LintIssue[] {
  const metadata = blueprint['metadata'] ?? {}
  if (!isRecord(metadata)) {
    return [issueOf('INVALID_INPUT', `${name} has metadata that are ${shown(metadata)}; expected an object`)]
  }
  const issues: LintIssue[] = []
  const { version, cycleEntryPoints = [] } = metadata
  if (version !== undefined && typeof version !== 'string') {
    issues.push(issueOf('INVALID_INPUT', `${name} has the metadata.version ${shown(version)}; expected a text`))
  }
  if (!Array.isArray(cycleEntryPoints)) {
    const message = `${name} has metadata.cycleEntryPoints that are ${shown(cycleEntryPoints)}; expected an array of node ids`
    return [...issues, issueOf('INVALID_INPUT', message)]
  }
  for (const id of cycleEntryPoints as readonly unknown[]) {
    if (typeof id === 'string' && byId.has(id)) continue
    const message = `${name} has ${shown(id)} among its metadata.cycleEntryPoints, which is no node; name a node, or remove it`
    issues.push(issueOf('INVALID_INPUT', message, undefined, id))
  }
  return issues
}

function findNodeShapeIssues(node: LintNode): LintIssue[] {
  const { id, name, definition } = node
  const issues: LintIssue[] = []
  if (id === undefined) {
    const found = shown(definition['id'])
    issues.push(
      issueOf('INVALID_INPUT', `${name} has the id ${found}; expected a text that no other node has as its id`),
    )
  }
  for (const fault of findOwnFaults(node)) {
    issues.push(issueOf('INVALID_INPUT', `${fault.slice(0, 1).toUpperCase()}${fault.slice(1)}`, id))
  }
  return issues
}

/** What the engine refuses in this node alone. Its `uses` and its fallback depend on others: they have their own codes. */
function findOwnFaults({ id = '(without id)', definition }: LintNode): string[] {
  const { config } = definition
  const alone = { ...definition, id, uses: 'a function', config: isRecord(config) ? toOwnConfig(config) : config }
  // Whether it is a definition is what the callee finds out.
  return findFaults({ id: '', nodes: [alone as unknown as NodeDefinition], edges: [] })
}

/** No part of a config is an object; in the text of a fault, one could throw. */
function toOwnConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key !== 'fallback')
  return Object.fromEntries(own.map(([key, value]) => [key, typeof value === 'object' ? shown(value) : value]))
}
