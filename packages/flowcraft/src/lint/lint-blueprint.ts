import { findBatchIssues } from './batches.ts'
import { findEdgeIssues } from './edges.ts'
import { findFallbackIssues } from './fallbacks.ts'
import { graphOf } from './graph.ts'
import type { LintIssue } from './issue.ts'
import { findNodeIssues } from './nodes.ts'
import { findOrphans } from './orphans.ts'
import { findPatternIssues } from './patterns.ts'
import { findShapeIssues } from './shape.ts'
import { readSubject, type BlueprintsById, type ExpressionCheck } from './subject.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'

/** What the linter has found. */
export interface LintResult {
  /** Whether there are no issues. */
  readonly isValid: boolean
  /** All of them: of the shape, of nodes, of edges, and of the whole, each in blueprint order. */
  readonly issues: readonly LintIssue[]
}

/** What the linter may be given besides. */
export interface LintOptions {
  /** What checks the expressions; one without a `check` lets every text pass. Default an `ExpressionEvaluator`. */
  readonly evaluator?: ExpressionCheck | undefined
}

/**
 * Everything that can be seen to be wrong with a blueprint before it runs. Nothing is executed, and nothing is thrown:
 * any JSON can be given. O(V + E).
 *
 * Built-in `uses` keys need no registration; one that the registry has is an ordinary function here as well. Without
 * `blueprints`, a subflow may name any blueprint; it may always name its own.
 *
 * - `MISSING_NODE_IMPLEMENTATION`, `INVALID_EDGE_SOURCE`, `INVALID_EDGE_TARGET`, `INVALID_SUBFLOW_BLUEPRINT_ID`: what
 *   they say.
 * - `DUPLICATE_NODE_ID`: also the id of a node that a worker of a batch will have.
 * - `ORPHAN_NODE`: a node that no run can come to, or, where others have edges, one without edges, fallback or `inputs`.
 * - `INVALID_BATCH_WORKER_KEY`: a batch that does not hold together: its worker, its gather node, the edge between.
 * - `INVALID_EXPRESSION`: a condition or transform that can never be evaluated; a loop without a condition.
 * - `INVALID_FALLBACK`: one that is neither a node nor a registry key, or that comes before the node itself.
 * - `UNREACHABLE_ACTION`: an edge whose action its source never gives; a loop without exactly one edge to `'continue'`.
 * - `INVALID_INPUT`: `inputs` that name the output or input of what is no node (nodes that are added at run time are
 *   named without the `_outputs.`); and, having no code of its own, any value of the wrong type or range: of the
 *   blueprint, its metadata, a node's `config`, the `params` of a built-in.
 */
export function lintBlueprint(
  blueprint: unknown,
  registry: NodeRegistry,
  blueprints?: BlueprintsById,
  { evaluator = expressions }: LintOptions = {},
): LintResult {
  const subject = readSubject(blueprint, registry, blueprints, evaluator)
  const graph = graphOf(subject)
  const issues = [
    ...findShapeIssues(blueprint, subject),
    ...findNodeIssues(subject),
    ...findBatchIssues(subject),
    ...findPatternIssues(subject),
    ...findEdgeIssues(subject),
    ...findFallbackIssues(subject, graph),
    ...findOrphans(subject, graph),
  ]
  return { isValid: issues.length === 0, issues }
}

const expressions = new ExpressionEvaluator()
