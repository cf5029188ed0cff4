import { issueOf, shown, type LintIssue } from './issue.ts'
import type { BuiltInKind } from '../blueprint/built-in.ts'
import type { LintEdge, LintSubject } from './subject.ts'

/** Edges that lead from or to nowhere, that are never taken, or whose expressions cannot be read. */
export function findEdgeIssues(subject: LintSubject): LintIssue[] {
  return subject.edges.flatMap((edge) => [
    ...findEndIssues(edge, subject),
    ...findActionIssues(edge, subject),
    ...findExpressionIssues(edge, subject),
  ])
}

function findEndIssues({ name, source, target }: LintEdge, { byId }: LintSubject): LintIssue[] {
  const issues: LintIssue[] = []
  const isNode = (id: unknown): boolean => typeof id === 'string' && byId.has(id)
  const remedy = 'add that node, or correct or remove the edge'
  if (!isNode(source)) {
    const message = `${name} has the source ${shown(source)}, which is no node; ${remedy}`
    issues.push(issueOf('INVALID_EDGE_SOURCE', message, source, target))
  }
  if (!isNode(target)) {
    const message = `${name} has the target ${shown(target)}, which is no node; ${remedy}`
    issues.push(issueOf('INVALID_EDGE_TARGET', message, source, target))
  }
  return issues
}

/** The actions that a built-in gives. A resumed `wait` and a subflow may give any. */
const actionsOf: Partial<Record<BuiltInKind, readonly string[]>> = {
  'batch-gather': [],
  'batch-scatter': [],
  'loop-controller': ['continue', 'break'],
  sleep: [],
}

function findActionIssues({ name, source, target, definition }: LintEdge, { byId }: LintSubject): LintIssue[] {
  const { action } = definition
  if (action === undefined) return []
  if (typeof action !== 'string') {
    const message = `${name} has the action ${shown(action)}; expected a text, or no action for an edge that is always taken`
    return [issueOf('UNREACHABLE_ACTION', message, source, target)]
  }
  const node = typeof source === 'string' ? byId.get(source) : undefined
  if (node?.builtIn === undefined) return []
  // What stands in for a node routes by the node's edges, with any action. The config of a scatter is its workers'.
  if (node.fallback !== undefined && node.builtIn !== 'batch-scatter') return []
  const given = actionsOf[node.builtIn]
  if (given === undefined || given.includes(action)) return []
  const expected = given.length === 0 ? 'remove the action' : `expected ${given.map(shown).join(' or ')}`
  const message = `${name} has the action ${shown(action)}, which a ${node.builtIn} never gives, so it is never taken; ${expected}`
  return [issueOf('UNREACHABLE_ACTION', message, source, target)]
}

function findExpressionIssues({ name, source, target, definition }: LintEdge, subject: LintSubject): LintIssue[] {
  const issues: LintIssue[] = []
  for (const kind of ['condition', 'transform']) {
    const expression = definition[kind]
    if (expression === undefined) continue
    const fault = typeof expression === 'string' ? subject.faultIn(expression) : 'it is no text'
    if (fault === undefined) continue
    const message = `${name} has the ${kind} ${shown(expression)}: ${fault}; expected an expression that can be evaluated`
    issues.push(issueOf('INVALID_EXPRESSION', message, source, target))
  }
  return issues
}
