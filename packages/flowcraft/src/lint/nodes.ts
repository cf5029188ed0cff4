import { issueOf, shown, type LintIssue } from './issue.ts'
import { isRecord, type LintNode, type LintSubject } from './subject.ts'

/** Ids that are there twice, `uses` keys that stand for nothing, and inputs that can never be there. */
export function findNodeIssues(subject: LintSubject): LintIssue[] {
  return subject.nodes.flatMap((node) => [
    ...findDuplicate(node, subject),
    ...findMissingImplementation(node, subject),
    ...findInputIssues(node, keysOf(node.definition['inputs']), subject),
  ])
}

/**
 * The keys among `keys` that name the output or input of what is no node. Any other key may be one of the initial state,
 * which is not known here.
 */
export function findInputIssues(node: LintNode, keys: readonly unknown[], { byId }: LintSubject): LintIssue[] {
  const issues: LintIssue[] = []
  for (const key of keys) {
    if (typeof key !== 'string') continue
    const [, owner] = /^_(?:outputs|inputs)\.(.*)$/s.exec(key) ?? []
    if (owner === undefined || byId.has(owner)) continue
    const [root = ''] = owner.split('.', 1)
    const remedy =
      root !== owner && byId.has(root) && key.startsWith('_outputs.')
        ? `for a part of the output of ${shown(root)}, write ${shown(owner)}`
        : `name a node of this blueprint`
    const message = `${node.name} has ${shown(key)} in its inputs, but there is no node ${shown(owner)}; ${remedy}`
    issues.push(issueOf('INVALID_INPUT', message, node.id, key))
  }
  return issues
}

/** The context keys that `inputs` name: a text, or the values of an object. */
export function keysOf(inputs: unknown): readonly unknown[] {
  return isRecord(inputs) ? Object.values(inputs) : [inputs]
}

function findDuplicate(node: LintNode, { byId }: LintSubject): LintIssue[] {
  const { id } = node
  if (id === undefined || byId.get(id) === node) return []
  const message = `${node.name} is there more than once; ids are unique, so rename all but one, and their edges with them`
  return [issueOf('DUPLICATE_NODE_ID', message, id)]
}

function findMissingImplementation({ id, name, definition }: LintNode, subject: LintSubject): LintIssue[] {
  const { uses } = definition
  if (typeof uses !== 'string') {
    const message = `${name} has the uses ${shown(uses)}; expected the key of a built-in or of the registry`
    return [issueOf('MISSING_NODE_IMPLEMENTATION', message, id)]
  }
  if (subject.hasImplementation(uses)) return []
  const message = `${name} uses ${shown(uses)}, for which there is no implementation; register one, or correct the key`
  return [issueOf('MISSING_NODE_IMPLEMENTATION', message, id, uses)]
}
