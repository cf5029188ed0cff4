import type { FlowcraftEvent } from 'flowcraft'

/** What is noted of an execution with its first event, and never changes. */
export interface ExecutionStart {
  readonly blueprintVersion: string | undefined
  readonly blueprintHash: string | undefined
  readonly parent: string | undefined
  /** Each once. */
  readonly tags: readonly string[]
}

const nothing: ExecutionStart = {
  blueprintVersion: undefined,
  blueprintHash: undefined,
  parent: undefined,
  tags: [],
}

/** What `first` says of its execution. It may come from anywhere, so what is of a wrong kind is ignored. */
export function startOf(first: FlowcraftEvent | undefined): ExecutionStart {
  if (first?.type !== 'workflow:start') return nothing
  const { blueprintVersion, blueprintHash, parent, tags } = first.payload
  return {
    blueprintVersion: textOr(blueprintVersion),
    blueprintHash: textOr(blueprintHash),
    parent: textOr(parent?.executionId),
    tags: Array.isArray(tags) ? [...new Set(tags.filter((tag): tag is string => typeof tag === 'string'))] : [],
  }
}

function textOr(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
