/** A workflow as plain data: nodes, and edges between them. JSON in, JSON out. */
export interface WorkflowBlueprint {
  id: string
  nodes: NodeDefinition[]
  edges: EdgeDefinition[]
  metadata?: WorkflowBlueprintMetadata | undefined
}

/** Free-form facts about a blueprint; the two named ones have a meaning to the engine. */
export interface WorkflowBlueprintMetadata {
  /** Recorded with every run as `blueprintVersion`. */
  version?: string | undefined
  /** Node ids at which a graph without start nodes begins. */
  cycleEntryPoints?: string[] | undefined
  [key: string]: unknown
}

/** One node of a blueprint. */
export interface NodeDefinition {
  id: string
  /** The key of the implementation: a built-in, or an entry of a registry. */
  uses: string
  params?: Record<string, unknown> | undefined
  /** Where the input comes from; without it, from what the incoming edges deliver. */
  inputs?: string | Record<string, string> | undefined
  config?: NodeConfig | undefined
}

/** One edge of a blueprint. */
export interface EdgeDefinition {
  source: string
  target: string
  /** Taken only when the source finished with this action. */
  action?: string | undefined
  /** An expression; the edge is taken only when it is truthy. */
  condition?: string | undefined
  /** An expression; its value is delivered in place of the source's output. */
  transform?: string | undefined
}

/** How a node is run. */
export interface NodeConfig {
  /** The number of attempts in all, at least 1. Default 1; 0 means 1 as well. */
  maxRetries?: number | undefined
  /** Milliseconds between two attempts. Default 0. */
  retryDelay?: number | undefined
  /** `'exponential'` doubles the delay after each failed attempt. Default `'fixed'`. */
  retryBackoff?: 'fixed' | 'exponential' | undefined
  /** The longest delay between two attempts, in milliseconds. Default none. */
  retryMaxDelay?: number | undefined
  /** Milliseconds that one attempt may take. Default no limit. */
  timeout?: number | undefined
  /** The id of a node, or a registry key, that runs in place of this node when its last attempt has failed. */
  fallback?: string | undefined
  /** `'all'` (default) waits for every incoming edge, `'any'` starts at the first taken one. */
  joinStrategy?: 'all' | 'any' | undefined
}

declare const contextOfRuns: unique symbol

/** A blueprint that knows, at compile time only, the type of the context that its runs end with. */
export interface TypedBlueprint<TContext> extends WorkflowBlueprint {
  readonly [contextOfRuns]?: TContext
}
