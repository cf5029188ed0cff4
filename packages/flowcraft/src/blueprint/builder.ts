import { FlowcraftError } from '../errors.ts'
import type { EdgeDefinition, NodeDefinition, TypedBlueprint } from './blueprint.ts'
import type { FlowRunner, ResumeData, ResumeOptions, RunCallOptions, WorkflowResult } from './flow-runner.ts'
import type {
  BatchEntry,
  BatchErrorMode,
  BatchOptions,
  EdgeOptions,
  FlowContext,
  Ids,
  Implementation,
  Inputs,
  LoopOptions,
  Needed,
  NodeEntry,
  NodeOptions,
  SingleEntry,
  SleepOptions,
  SubflowOptions,
  WaitOptions,
} from './flow-types.ts'
import { isBuiltInKind } from './built-in.ts'
import { isNodeClass, type NodeImplementation } from './node.ts'
import {
  batchPattern,
  defined,
  gatherOf,
  loopPattern,
  nodePattern,
  scatterOf,
  sleepPattern,
  subflowPattern,
  waitPattern,
  wire,
  type Pattern,
  type PatternPlace,
} from './patterns.ts'
import { entriesOf } from './registry.ts'
import { toGraphRepresentation, type UIGraph } from './ui-graph.ts'

/** A flow with no nodes yet. `TContext` are the keys that its nodes share, `TDependencies` what the runtime gives them. */
export function createFlow<
  TContext extends object = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
>(id: string): FlowBuilder<TContext, TDependencies> {
  return new FlowBuilder(id)
}

/** Builds a blueprint and the registry that belongs to it. Every method that adds something returns the builder. */
export class FlowBuilder<
  TContext extends object = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
  TNodes extends NodeEntry = never,
> {
  readonly id: string
  readonly #ids = new Set<string>()
  readonly #nodes: NodeDefinition[] = []
  readonly #edges: EdgeDefinition[] = []
  readonly #registry = new Map<string, NodeImplementation>()
  readonly #batches = new Set<string>()
  readonly #loops = new Map<string, LoopOptions>()
  readonly #cycleEntryPoints = new Set<string>()
  #blueprint: TypedBlueprint<FlowContext<TContext, TNodes>> | undefined

  constructor(id: string) {
    this.id = id
  }

  /**
   * Adds a node.
   * @throws INPUT_INVALID for an id that the flow has already.
   */
  node<const TId extends string, TInput = unknown, TOutput = unknown>(
    id: TId,
    implementation: Implementation<TContext, TDependencies, TInput, TOutput>,
    options: NodeOptions<Inputs<TContext, TNodes>> = {},
  ): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId, TOutput>> {
    this.#claim([id])
    return this.#add(nodePattern(id, this.#register(id, implementation), options))
  }

  /**
   * Adds a worker that runs once for each item of a list, as two nodes: `<id>_scatter` reads the list, `<id>_gather` has
   * the results. Edges may name `<id>` for both.
   * @throws INPUT_INVALID for an id that the flow has already, a `chunkSize` or a `concurrency` that is no whole number
   * of at least 1.
   */
  batch<
    const TId extends string,
    TInput = unknown,
    TOutput = unknown,
    TOutputKey extends string = `${TId}_gather`,
    TOnError extends BatchErrorMode = 'fail',
  >(
    id: TId,
    worker: Implementation<TContext, TDependencies, TInput, TOutput>,
    options: BatchOptions<Inputs<TContext, TNodes>, TOutputKey, TOnError>,
  ): FlowBuilder<TContext, TDependencies, TNodes | BatchEntry<TId, TOutput, TOutputKey, TOnError>> {
    const pattern = batchPattern(this.#place(id), this.#keyOf(id, worker), options)
    this.#claim([id, scatterOf(id), gatherOf(id)])
    this.#register(id, worker)
    this.#batches.add(id)
    return this.#add(pattern)
  }

  /**
   * Repeats what lies between two nodes while the condition is true: adds the node `<id>`, which decides it, behind the
   * end, and the way back to the start. Enter the loop at its start or at `<id>`, leave it from `<id>`.
   * @throws INPUT_INVALID for an id that the flow has already, an empty condition, or a loop that starts or ends with
   * itself.
   */
  loop<const TId extends string>(
    id: TId,
    options: LoopOptions<TNodes['id']>,
  ): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>> {
    const pattern = loopPattern(this.#place(id), options)
    this.#claim([id])
    this.#loops.set(id, { ...options })
    return this.#add(pattern)
  }

  /**
   * Adds a node that gives its input after some time. The run may be parked meanwhile.
   * @throws INPUT_INVALID for an id that the flow has already, or a bad duration.
   */
  sleep<const TId extends string>(
    id: TId,
    options: SleepOptions<Inputs<TContext, TNodes>>,
  ): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>> {
    const pattern = sleepPattern(this.#place(id), options)
    this.#claim([id])
    return this.#add(pattern)
  }

  /**
   * Adds a node that waits until the run is resumed with its output, or its timeout is over.
   * @throws INPUT_INVALID for an id that the flow has already, or a bad timeout.
   */
  wait<const TId extends string>(
    id: TId,
    options: WaitOptions<Inputs<TContext, TNodes>> = {},
  ): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>> {
    const pattern = waitPattern(this.#place(id), options)
    this.#claim([id])
    return this.#add(pattern)
  }

  /**
   * Adds a node that runs another blueprint, which the runtime knows, in a run of its own.
   * @throws INPUT_INVALID for an id that the flow has already.
   */
  subflow<const TId extends string>(
    id: TId,
    options: SubflowOptions<Inputs<TContext, TNodes>>,
  ): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>> {
    this.#claim([id])
    return this.#add(subflowPattern(id, options))
  }

  /** Adds an edge between two nodes that the flow has. */
  edge(source: Ids<TNodes>, target: Ids<TNodes>, options: EdgeOptions = {}): this {
    const { action, condition, transform } = options
    this.#edges.push(defined({ source, target, action, condition, transform }))
    this.#blueprint = undefined
    return this
  }

  /** Names a node at which a flow without start nodes begins. Several calls name several. */
  setCycleEntryPoint(id: Ids<TNodes>): this {
    this.#cycleEntryPoints.add(id)
    this.#blueprint = undefined
    return this
  }

  /**
   * The flow as plain data. The same object until the flow is changed.
   * @throws INPUT_INVALID for a flow without nodes.
   */
  toBlueprint(): TypedBlueprint<FlowContext<TContext, TNodes>> {
    if (this.#nodes.length === 0) {
      throw new FlowcraftError(`Flow '${this.id}' has no nodes; add one with .node()`, {
        code: 'INPUT_INVALID',
        blueprintId: this.id,
      })
    }
    this.#blueprint ??= this.#toBlueprint()
    return this.#blueprint
  }

  /** The implementations of the flow's nodes by their `uses` keys, for `functionRegistry`. */
  getFunctionRegistry(): Map<string, NodeImplementation> {
    return new Map(this.#registry)
  }

  /**
   * The flow for a drawing: a loop is one edge back, a batch is one node.
   * @throws INPUT_INVALID for a flow without nodes.
   */
  toGraphRepresentation(): UIGraph {
    return toGraphRepresentation(this.toBlueprint(), { batches: this.#batches, loops: this.#loops })
  }

  /** Runs the flow: `runtime.run` with its blueprint and its registry. */
  run(
    runtime: FlowRunner<Needed<TDependencies>>,
    initialState: Partial<TContext> | string = {},
    options: RunCallOptions = {},
  ): Promise<WorkflowResult<FlowContext<TContext, TNodes>>> {
    return runtime.run(this.toBlueprint(), initialState, this.#withRegistry(options))
  }

  /**
   * Lets a parked run of the flow go on: `runtime.resume` with its blueprint and its registry.
   * @param run The `serializedContext` of its last result, or its execution id.
   * @param data The output of the node that waits, and the action by which its edges are chosen.
   * @param nodeId Which node goes on; `subflow/node` for one in a subflow. Default the first that waits.
   */
  resume(
    runtime: FlowRunner<Needed<TDependencies>>,
    run: string,
    data: ResumeData = {},
    nodeId?: string,
    options: ResumeOptions = {},
  ): Promise<WorkflowResult<FlowContext<TContext, TNodes>>> {
    return runtime.resume(this.toBlueprint(), run, data, nodeId, this.#withRegistry(options))
  }

  #place(id: string): PatternPlace {
    return { flowId: this.id, id }
  }

  #claim(ids: readonly string[]): void {
    const taken = ids.find((id) => this.#ids.has(id))
    if (taken !== undefined) {
      const message = `Flow '${this.id}' has '${taken}' already; ids are unique, and a batch 'x' takes 'x', 'x_scatter' and 'x_gather'`
      throw new FlowcraftError(message, { code: 'INPUT_INVALID', blueprintId: this.id, nodeId: taken })
    }
    for (const id of ids) this.#ids.add(id)
  }

  /** It is the same builder: what it has learned is in the type that the caller's signature gives it. */
  #add<TMore extends NodeEntry>({ nodes, edges }: Pattern): FlowBuilder<TContext, TDependencies, TNodes | TMore> {
    this.#nodes.push(...nodes)
    this.#edges.push(...edges)
    this.#blueprint = undefined
    // True by what the public methods promise of `TMore`; nothing of it exists at run time.
    return this as unknown as FlowBuilder<TContext, TDependencies, TNodes | TMore>
  }

  #toBlueprint(): TypedBlueprint<FlowContext<TContext, TNodes>> {
    const entryPoints = [...this.#cycleEntryPoints].map((id) => (this.#batches.has(id) ? scatterOf(id) : id))
    return {
      id: this.id,
      nodes: [...this.#nodes],
      edges: wire(this.#edges, { batches: this.#batches, loops: this.#loops }),
      ...(entryPoints.length > 0 && { metadata: { cycleEntryPoints: entryPoints } }),
    }
  }

  #withRegistry<TOptions extends ResumeOptions>(options: TOptions): TOptions {
    const { functionRegistry: given } = options
    const own = this.#registry
    return { ...options, functionRegistry: given === undefined ? own : new Map([...own, ...entriesOf(given)]) }
  }

  /** A key that is the same in every process: from the names, never from a counter or the source text. */
  #keyOf(id: string, implementation: NodeImplementation): string {
    const byName = isNodeClass(implementation) ? implementation.name : ''
    const isFree = (this.#registry.get(byName) ?? implementation) === implementation && !isBuiltInKind(byName)
    return byName !== '' && isFree ? byName : `${encodeURIComponent(this.id)}/${encodeURIComponent(id)}`
  }

  #register(id: string, implementation: NodeImplementation): string {
    const key = this.#keyOf(id, implementation)
    this.#registry.set(key, implementation)
    return key
  }
}
