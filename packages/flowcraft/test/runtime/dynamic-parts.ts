import type {
  EdgeDefinition,
  NodeContext,
  NodeDefinition,
  NodeFunction,
  NodeResult,
  RunCallOptions,
  WorkflowBlueprint,
} from 'flowcraft'
import { runRecorded, type RecordedRun } from './run-recorded.ts'

/** Nodes to be created: `pass` gives its input, `named` a text that tells which node (`#` its turn) got what, `fail` fails. */
export const registry: Readonly<Record<'pass' | 'named' | 'fail', NodeFunction>> = {
  pass: ({ input }) => ({ output: input }),
  named: ({ input, nodeId, iteration }) => ({
    output: `${nodeId}${iteration === 0 ? '' : `#${iteration}`}(${String(input)})`,
  }),
  fail: () => {
    throw new Error('broken')
  },
}

/** A node to be created; `named` unless `more` says otherwise. */
export function node(id: string, more: Partial<NodeDefinition> = {}): NodeDefinition {
  return { id, uses: 'named', ...more }
}

/** An edge to be created. */
export function edge(source: string, target: string, more: Partial<EdgeDefinition> = {}): EdgeDefinition {
  return { source, target, ...more }
}

/** A node that finishes with `'out'` and creates something. */
export function creating(
  dynamicNodes: readonly NodeDefinition[],
  dynamicEdges?: readonly EdgeDefinition[],
): (context: NodeContext) => NodeResult {
  return () => ({ output: 'out', dynamicNodes, ...(dynamicEdges && { dynamicEdges }) })
}

/** A node that finishes with the number of its turn, and creates what `made` says. */
export function creatingInTurn(
  made: (turn: number) => Pick<NodeResult, 'dynamicNodes' | 'dynamicEdges'>,
): (context: NodeContext) => NodeResult {
  return ({ iteration }) => ({ output: iteration, ...made(iteration) })
}

/** Runs a blueprint with {@link registry} and more, recorded; a run that does not end is ended. */
export async function runWith(
  blueprint: WorkflowBlueprint,
  functions: Readonly<Record<string, NodeFunction>>,
  options: RunCallOptions = {},
): Promise<RecordedRun> {
  return await runRecorded(blueprint, { ...registry, ...functions }, {}, { maxIterations: 100_000, ...options })
}
