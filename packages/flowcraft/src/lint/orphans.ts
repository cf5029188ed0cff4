import { reach } from '../blueprint/graph.ts'
import type { LintGraph } from './graph.ts'
import { issueOf, type LintIssue } from './issue.ts'
import type { LintSubject } from './subject.ts'

/** Nodes that no run can come to, and nodes that nothing connects with the others. */
export function findOrphans(subject: LintSubject, { nodes, next, starts }: LintGraph): LintIssue[] {
  const reached = reach(starts, next)
  const connected = new Set<unknown>()
  // An edge whose other end is misspelt connects as well: it has an issue of its own.
  for (const { source, target } of subject.edges) connected.add(source).add(target)
  for (const [number, targets] of next.entries()) {
    if (targets.length > 0) connected.add(nodes[number]?.id)
    for (const target of targets) connected.add(nodes[target]?.id)
  }
  return nodes.flatMap(({ id, name, definition }, number) => {
    if (!reached.has(number)) {
      const message = `${name} can never run: no start node leads to it; connect it with a node that runs, or remove it`
      return [issueOf('ORPHAN_NODE', message, id)]
    }
    if (subject.edges.length === 0 || connected.has(id) || definition['inputs'] !== undefined) return []
    const message = `${name} has no edges, while others have; connect it, or give it 'inputs' if it is to run on its own`
    return [issueOf('ORPHAN_NODE', message, id)]
  })
}
