/** What the linter can find. */
export type LintCode =
  | 'DUPLICATE_NODE_ID'
  | 'INVALID_BATCH_WORKER_KEY'
  | 'INVALID_EDGE_SOURCE'
  | 'INVALID_EDGE_TARGET'
  | 'INVALID_EXPRESSION'
  | 'INVALID_FALLBACK'
  | 'INVALID_INPUT'
  | 'INVALID_SUBFLOW_BLUEPRINT_ID'
  | 'MISSING_NODE_IMPLEMENTATION'
  | 'ORPHAN_NODE'
  | 'UNREACHABLE_ACTION'

/** One thing that is wrong with a blueprint. Branch on the `code`, never on the message. */
export interface LintIssue {
  readonly code: LintCode
  readonly message: string
  /** The node that it is about; of an edge, what the edge names as its source. */
  readonly nodeId?: string
  /** What the node names: a target, a `uses` key, a fallback, a gather node, a blueprint or a key of the context. */
  readonly relatedId?: string
}

/** An issue; ids that are no texts are left out. */
export function issueOf(code: LintCode, message: string, nodeId?: unknown, relatedId?: unknown): LintIssue {
  return {
    code,
    message,
    ...(typeof nodeId === 'string' && { nodeId }),
    ...(typeof relatedId === 'string' && { relatedId }),
  }
}

/** A value of unknown shape, in few words. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
