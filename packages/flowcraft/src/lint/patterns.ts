import { durationMs } from '../blueprint/duration.ts'
import { issueOf, shown, type LintIssue } from './issue.ts'
import { findInputIssues, keysOf } from './nodes.ts'
import { isRecord, type LintNode, type LintSubject } from './subject.ts'

/** Loop controllers, subflows, sleeps and waits that cannot do what they are there for. */
export function findPatternIssues(subject: LintSubject): LintIssue[] {
  const continues = new Map<unknown, number>()
  for (const { source, definition } of subject.edges) {
    if (definition['action'] === 'continue') continues.set(source, (continues.get(source) ?? 0) + 1)
  }
  return subject.nodes.flatMap((node) => {
    switch (node.builtIn) {
      case 'loop-controller':
        return findLoopIssues(node, continues.get(node.id) ?? 0, subject)
      case 'subflow':
        return findSubflowIssues(node, subject)
      case 'sleep':
        return durationMs(node.params['duration']) !== undefined ? [] : [notADuration(node, 'duration')]
      case 'wait':
        return findWaitIssues(node)
      default:
        return []
    }
  })
}

function findLoopIssues({ id, name, params }: LintNode, continues: number, subject: LintSubject): LintIssue[] {
  const issues: LintIssue[] = []
  const { condition } = params
  const fault = typeof condition === 'string' && condition !== '' ? subject.faultIn(condition) : 'it is missing'
  if (fault !== undefined) {
    const message = `${name} has the params.condition ${shown(condition)}: ${fault}; expected an expression that says whether to repeat`
    issues.push(issueOf('INVALID_EXPRESSION', message, id))
  }
  if (continues !== 1) {
    const message = `${name} is a loop-controller with ${continues} edges for its action 'continue'; expected one, to the first node of the loop`
    issues.push(issueOf('UNREACHABLE_ACTION', message, id))
  }
  return issues
}

function findSubflowIssues(node: LintNode, subject: LintSubject): LintIssue[] {
  const issues: LintIssue[] = []
  const { blueprintId, inputs } = node.params
  if (typeof blueprintId !== 'string' || blueprintId === '') {
    const message = `${node.name} has the params.blueprintId ${shown(blueprintId)}; expected the id of a blueprint`
    issues.push(issueOf('INVALID_SUBFLOW_BLUEPRINT_ID', message, node.id))
  } else if (!subject.hasBlueprint(blueprintId)) {
    const message = `${node.name} has the params.blueprintId ${shown(blueprintId)}, which is none of the blueprints; add it to them, or correct the id`
    issues.push(issueOf('INVALID_SUBFLOW_BLUEPRINT_ID', message, node.id, blueprintId))
  }
  for (const key of ['inputs', 'outputs']) {
    const mapping = node.params[key]
    if (mapping === undefined || (isRecord(mapping) && Object.values(mapping).every(isText))) continue
    const expected = `an object with a key of the context for each key`
    issues.push(
      issueOf('INVALID_INPUT', `${node.name} has the params.${key} ${shown(mapping)}; expected ${expected}`, node.id),
    )
  }
  return isRecord(inputs) ? [...issues, ...findInputIssues(node, keysOf(inputs), subject)] : issues
}

function findWaitIssues(node: LintNode): LintIssue[] {
  const issues: LintIssue[] = []
  const { event, timeout } = node.params
  if (event !== undefined && (!isText(event) || event === '')) {
    const message = `${node.name} has the params.event ${shown(event)}; expected a text that names what is awaited`
    issues.push(issueOf('INVALID_INPUT', message, node.id))
  }
  if (timeout !== undefined && durationMs(timeout) === undefined) issues.push(notADuration(node, 'timeout'))
  return issues
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function notADuration({ id, name, params }: LintNode, key: string): LintIssue {
  const expected = `milliseconds, or a text such as '5s', '10m', '2h' or '1d'`
  return issueOf('INVALID_INPUT', `${name} has the params.${key} ${shown(params[key])}; expected ${expected}`, id)
}
