import { issueOf, shown, type LintIssue } from './issue.ts'
import type { LintNode, LintSubject } from './subject.ts'
import { isReservedKey } from '../blueprint/reserved-key.ts'
import { batchIdOf } from '../blueprint/validate-built-ins.ts'

/** Scatter and gather nodes that do not make a batch. */
export function findBatchIssues(subject: LintSubject): LintIssue[] {
  const scatters = subject.nodes.filter(({ builtIn }) => builtIn === 'batch-scatter')
  const countOf = new Map<unknown, number>()
  for (const { params } of scatters) countOf.set(params['gatherNodeId'], (countOf.get(params['gatherNodeId']) ?? 0) + 1)
  const joined = joinedNodes(subject)
  return [
    ...findSharedWorkers(scatters),
    ...scatters.flatMap((node) => findScatterIssues(node, subject)),
    ...subject.nodes.flatMap((node) =>
      node.builtIn === 'batch-gather' ? findGatherIssues(node, countOf.get(node.id) ?? 0, joined) : [],
    ),
    ...findWorkerNames(subject, scatters),
  ]
}

function findScatterIssues(node: LintNode, subject: LintSubject): LintIssue[] {
  const issues: LintIssue[] = []
  const { workerUsesKey: worker, gatherNodeId: gather } = node.params
  const report = (what: string, relatedId: unknown): void => {
    issues.push(issueOf('INVALID_BATCH_WORKER_KEY', `${node.name} has the params.${what}`, node.id, relatedId))
  }
  if (typeof worker !== 'string') {
    report(`workerUsesKey ${shown(worker)}; expected a key of the registry`, worker)
  } else if (!subject.isRegistered(worker)) {
    report(`workerUsesKey ${shown(worker)}, for which there is no implementation; register one, or correct it`, worker)
  }
  const isGather = typeof gather === 'string' && subject.byId.get(gather)?.definition['uses'] === 'batch-gather'
  if (!isGather) {
    report(`gatherNodeId ${shown(gather)}; expected the id of a node that uses 'batch-gather'`, gather)
  } else if (node.id !== undefined && !subject.targetsOf.get(node.id)?.has(gather)) {
    report(`gatherNodeId ${shown(gather)}, but no edge leads there; add an edge from ${shown(node.id)} to it`, gather)
  }
  return [...issues, ...findOptionIssues(node)]
}

function findGatherIssues(node: LintNode, scatters: number, joined: ReadonlySet<string>): LintIssue[] {
  const issues = findOptionIssues(node)
  if (scatters !== 1) {
    const message = `${node.name} is the params.gatherNodeId of ${scatters} batch-scatter nodes; expected it to be that of one`
    issues.unshift(issueOf('INVALID_BATCH_WORKER_KEY', message, node.id))
  }
  if (node.id !== undefined && joined.has(node.id) && joinOf(node) === 'any') {
    const message = `${node.name} has the config.joinStrategy 'any', and could run before its batch has ended; leave it out`
    issues.push(issueOf('INVALID_INPUT', message, node.id))
  }
  return issues
}

/** Nodes to which something leads that is no scatter. */
function joinedNodes({ targetsOf, byId }: LintSubject): ReadonlySet<string> {
  const joined = new Set<string>()
  for (const [id, targets] of targetsOf) {
    if (byId.get(id)?.definition['uses'] === 'batch-scatter') continue
    for (const target of targets) joined.add(target)
  }
  return joined
}

function joinOf({ definition }: LintNode): unknown {
  const { config } = definition
  return typeof config === 'object' && config !== null && 'joinStrategy' in config ? config.joinStrategy : undefined
}

/** Batches whose workers would have the same ids. */
function findSharedWorkers(scatters: readonly LintNode[]): LintIssue[] {
  const first = new Map<string, string>()
  return scatters.flatMap(({ id, name }) => {
    if (id === undefined) return []
    const batchId = batchIdOf({ id, uses: 'batch-scatter' })
    const other = first.get(batchId)
    if (other === undefined) first.set(batchId, id)
    if (other === undefined || other === id) return []
    const message = `${name} has workers of the same ids as ${shown(other)}, '${batchId}[0]' and so on; rename one of them`
    return [issueOf('DUPLICATE_NODE_ID', message, id, other)]
  })
}

/** Nodes whose ids are those that workers get. */
function findWorkerNames({ byId }: LintSubject, scatters: readonly LintNode[]): LintIssue[] {
  const scatterOf = new Map<string | undefined, string>()
  for (const { id } of scatters) if (id !== undefined) scatterOf.set(batchIdOf({ id, uses: 'batch-scatter' }), id)
  return [...byId].flatMap(([id, { name }]) => {
    const scatter = scatterOf.get(/^(.*)\[\d+\]$/s.exec(id)?.[1])
    if (scatter === undefined) return []
    const message = `${name} has the id of a worker of the batch that ${shown(scatter)} scatters; rename it, and its edges with it`
    return [issueOf('DUPLICATE_NODE_ID', message, id, scatter)]
  })
}

function findOptionIssues({ id, name, params }: LintNode): LintIssue[] {
  const issues: LintIssue[] = []
  const report = (key: string, expected: string): void => {
    issues.push(
      issueOf('INVALID_INPUT', `${name} has the params.${key} ${shown(params[key])}; expected ${expected}`, id),
    )
  }
  const { outputKey, onError } = params
  if (outputKey !== undefined && (typeof outputKey !== 'string' || outputKey === ''))
    report('outputKey', 'a key of the context')
  else if (typeof outputKey === 'string' && isReservedKey(outputKey))
    report('outputKey', 'a key that does not belong to the engine')
  for (const key of ['chunkSize', 'concurrency']) {
    const count = params[key]
    const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 1
    if (count !== undefined && !isCount) report(key, 'a whole number of at least 1')
  }
  if (onError !== undefined && onError !== 'fail' && onError !== 'collect') report('onError', `'fail' or 'collect'`)
  return issues
}
