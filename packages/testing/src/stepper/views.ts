import {
  FlowRuntime,
  type ISerializer,
  type RuntimeOptions,
  type Snapshot,
  type WorkflowResult,
  type WorkflowStatus,
} from 'flowcraft'
import type { StepperContext } from './interface.ts'

/** Shows snapshots as whoever runs a flow sees them: with values that are the reader's own. */
export class Views<TContext> {
  readonly #serializer: ISerializer
  readonly #copier: ISerializer

  constructor({ serializer, valueTypes }: Pick<RuntimeOptions, 'serializer' | 'valueTypes'>) {
    this.#serializer = new FlowRuntime({ serializer, valueTypes }).serializer
    // A serializer of the caller's own need not give back all that it is given.
    this.#copier = serializer === undefined ? this.#serializer : new FlowRuntime({ valueTypes }).serializer
  }

  /** A result whose context and text are made when they are read. */
  resultOf(snapshot: Snapshot, executionId: string): WorkflowResult<TContext> {
    let context: Record<string, unknown> | undefined
    let text: string | undefined
    const { errors } = snapshot
    const result = {
      executionId,
      status: statusOf(snapshot),
      errors: errors.length > 0 ? [...errors] : undefined,
    }
    Object.defineProperties(result, {
      context: { enumerable: true, get: () => (context ??= this.#allOf(snapshot)) },
      // Not from the context that was given, which its reader may have changed.
      serializedContext: { get: () => (text ??= this.#serializer.serialize(this.#allOf(snapshot))) },
    })
    // The type that a blueprint promises of its runs is known to the caller only.
    return result as unknown as WorkflowResult<TContext>
  }

  /** A reader of the context that `snapshot` resolves with. */
  contextOf(snapshot: () => Promise<Snapshot>): StepperContext<TContext> {
    const getAll = async (): Promise<Record<string, unknown>> => this.#allOf(await snapshot())
    const context = {
      type: 'async',
      get: async (key: string) => {
        const { context: all } = await snapshot()
        return Object.hasOwn(all, key) ? this.#copyOf(all[key]) : undefined
      },
      has: async (key: string) => Object.hasOwn((await snapshot()).context, key),
      getAll,
      toJSON: getAll,
    }
    // The keys that the context's type lists are read by their names, as any other key is.
    return context as StepperContext<TContext>
  }

  #allOf({ context }: Snapshot): Record<string, unknown> {
    const copy: Record<string, unknown> = {}
    for (const key of Object.keys(context)) {
      const value = this.#copyOf(context[key])
      if (key !== '__proto__') copy[key] = value
      else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return copy
  }

  #copyOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    return this.#copier.deserialize(this.#copier.serialize({ value }))['value']
  }
}

/** How a run stood for whoever asked for it. */
export function statusOf({ status }: Pick<Snapshot, 'status'>): WorkflowStatus {
  return status === 'running' ? 'stalled' : status
}
