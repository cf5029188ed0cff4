import { FlowcraftError } from '../errors.ts'
import type { EdgeDefinition, NodeConfig, NodeDefinition, TypedBlueprint } from './blueprint.ts'
import type { FlowRunner, RunCallOptions, WorkflowResult } from './flow-runner.ts'
import { isNodeClass, type BaseNode, type NodeFunction, type NodeImplementation } from './node.ts'
import { entriesOf } from './registry.ts'

/** A flow with no nodes yet. `TContext` are the keys that its nodes share, `TDependencies` what the runtime gives them. */
export function createFlow<
  TContext extends object = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
>(id: string): FlowBuilder<TContext, TDependencies> {
  return new FlowBuilder(id)
}

/** The id of a node and the type of its output, as a flow's type collects them. */
export interface NodeEntry<TId extends string = string, TOutput = unknown> {
  readonly id: TId
  readonly output: TOutput
}

/** The context that a run of a flow ends with: any part of it may be missing from a run that took another way. */
export type FlowContext<TContext, TNodes extends NodeEntry> = Partial<TContext> & {
  readonly [N in TNodes as `_outputs.${N['id']}`]?: N['output']
} & Record<string, unknown>

/** Where a node's input may come from: any string where the context's type has no literal keys. */
export type InputKey<TContext, TIds extends string> = string extends keyof TContext
  ? string
  : Paths<(keyof TContext & string) | TIds> | `_${string}`

type Paths<TKey extends string> = TKey | `${TKey}.${string}`

/** What `.node` takes besides the implementation. */
export interface NodeOptions<TInputs extends string = string> {
  readonly params?: Record<string, unknown> | undefined
  readonly inputs?: TInputs | Record<string, TInputs> | undefined
  readonly config?: NodeConfig | undefined
}

/** What `.edge` takes besides the two ends. */
export type EdgeOptions = Pick<EdgeDefinition, 'action' | 'condition' | 'transform'>

/** A node's code: a function or a class, with the types that the flow gives it and the output that it gives. */
export type Implementation<TContext, TDependencies, TInput, TOutput> =
  | NodeFunction<TContext, TDependencies, TInput, TOutput>
  | (new (
      params?: Readonly<Record<string, unknown>>,
      nodeId?: string,
    ) => BaseNode<TContext, TDependencies, TInput, TOutput>)

/** The ids that edges may name: any, where the builder's type has seen no node. */
type Ids<TNodes extends NodeEntry> = [TNodes] extends [never] ? string : TNodes['id']

/** What a runtime must bring: whatever it likes, where a flow names nothing. */
type Needed<TDependencies extends object> = string extends keyof TDependencies ? object : TDependencies

/** Builds a blueprint and the registry that belongs to it. Every method that adds something returns the builder. */
export class FlowBuilder<
  TContext extends object = Record<string, unknown>,
  TDependencies extends object = Record<string, unknown>,
  TNodes extends NodeEntry = never,
> {
  readonly id: string
  readonly #nodes = new Map<string, NodeDefinition>()
  readonly #edges: EdgeDefinition[] = []
  readonly #registry = new Map<string, NodeImplementation>()
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
    options: NodeOptions<InputKey<TContext, TNodes['id']>> = {},
  ): FlowBuilder<TContext, TDependencies, TNodes | NodeEntry<TId, TOutput>> {
    if (this.#nodes.has(id)) {
      throw new FlowcraftError(`Flow '${this.id}' has a node '${id}' already; ids are unique`, {
        code: 'INPUT_INVALID',
        blueprintId: this.id,
        nodeId: id,
      })
    }
    const { params, inputs, config } = options
    this.#nodes.set(id, {
      id,
      // A registry forgets the types of its entries; the builder's own type keeps them.
      uses: this.#register(id, implementation as NodeImplementation),
      ...(params !== undefined && { params }),
      ...(inputs !== undefined && { inputs }),
      ...(config !== undefined && { config }),
    })
    this.#blueprint = undefined
    // It is the same builder: what it has learned is in its type only.
    return this as unknown as FlowBuilder<TContext, TDependencies, TNodes | NodeEntry<TId, TOutput>>
  }

  /** Adds an edge between two nodes that the flow has. */
  edge(source: Ids<TNodes>, target: Ids<TNodes>, options: EdgeOptions = {}): this {
    const { action, condition, transform } = options
    this.#edges.push({
      source,
      target,
      ...(action !== undefined && { action }),
      ...(condition !== undefined && { condition }),
      ...(transform !== undefined && { transform }),
    })
    this.#blueprint = undefined
    return this
  }

  /**
   * The flow as plain data. The same object until the flow is changed.
   * @throws INPUT_INVALID for a flow without nodes.
   */
  toBlueprint(): TypedBlueprint<FlowContext<TContext, TNodes>> {
    if (this.#nodes.size === 0) {
      throw new FlowcraftError(`Flow '${this.id}' has no nodes; add one with .node()`, {
        code: 'INPUT_INVALID',
        blueprintId: this.id,
      })
    }
    this.#blueprint ??= { id: this.id, nodes: [...this.#nodes.values()], edges: [...this.#edges] }
    return this.#blueprint
  }

  /** The implementations of the flow's nodes by their `uses` keys, for `functionRegistry`. */
  getFunctionRegistry(): Map<string, NodeImplementation> {
    return new Map(this.#registry)
  }

  /** Runs the flow: `runtime.run` with its blueprint and its registry. */
  run(
    runtime: FlowRunner<Needed<TDependencies>>,
    initialState: Partial<TContext> | string = {},
    options: RunCallOptions = {},
  ): Promise<WorkflowResult<FlowContext<TContext, TNodes>>> {
    const { functionRegistry: given } = options
    const own = this.#registry
    const functionRegistry = given === undefined ? own : new Map([...own, ...entriesOf(given)])
    return runtime.run(this.toBlueprint(), initialState, { ...options, functionRegistry })
  }

  /** A key that is the same in every process: from the names, never from a counter or the source text. */
  #register(id: string, implementation: NodeImplementation): string {
    const byPlace = `${encodeURIComponent(this.id)}/${encodeURIComponent(id)}`
    const byName = isNodeClass(implementation) ? implementation.name : ''
    const isFree = byName !== '' && (this.#registry.get(byName) ?? implementation) === implementation
    const key = isFree ? byName : byPlace
    this.#registry.set(key, implementation)
    return key
  }
}
