import { closingLinks } from '../blueprint/graph.ts'
import type { LintGraph } from './graph.ts'
import { issueOf, shown, type LintIssue } from './issue.ts'
import type { LintNode, LintSubject } from './subject.ts'

/** Fallbacks that stand for nothing, or that cannot stand where they are to stand. */
export function findFallbackIssues(subject: LintSubject, graph: LintGraph): LintIssue[] {
  return [...subject.nodes.flatMap((node) => findFallbackIssue(node, subject)), ...findMisplaced(graph)]
}

function findFallbackIssue({ id, name, fallback }: LintNode, subject: LintSubject): LintIssue[] {
  if (fallback === undefined) return []
  const report = (fault: string): LintIssue[] => {
    const message = `${name} has the config.fallback ${shown(fallback)}, which is ${fault}; ${remedy}`
    return [issueOf('INVALID_FALLBACK', message, id, fallback)]
  }
  if (typeof fallback !== 'string') return report('no text')
  if (fallback === id) return report('the node itself')
  if (subject.byId.has(fallback) || subject.isRegistered(fallback)) return []
  return report('neither a node nor a key of the registry')
}

const remedy = 'name another node or a key of the registry, or remove it'

/**
 * A fallback stands where its node stands, so that it can be nothing that the node itself waits for, nor stand in for
 * itself in the end. What a loop-controller leads back to waits in another turn: where there is one, edges do not count.
 */
function findMisplaced({ nodes, edges, standIns, starts }: LintGraph): LintIssue[] {
  const hasController = nodes.some(({ builtIn }) => builtIn === 'loop-controller')
  const links = hasController ? standIns : [...edges, ...standIns]
  return closingLinks(nodes.length, links, [...starts, ...nodes.keys()]).flatMap((index) => {
    if (index < links.length - standIns.length) return []
    const { id, name, fallback } = nodes[links[index]!.source]!
    const message = `${name} has the config.fallback ${shown(fallback)}, which comes before it by edges or fallbacks; ${remedy}`
    return [issueOf('INVALID_FALLBACK', message, id, fallback)]
  })
}
