import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { FlowcraftError } from '../errors.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { ResumeTarget } from './resume-target.ts'

/**
 * What a blueprint and the serialized context of a parked run say is to be resumed. A text that is no serialized context
 * is taken as an execution id.
 */
export function targetOf(
  blueprint: WorkflowBlueprint,
  given: unknown,
  nodeId: string | undefined,
  serializer: ISerializer,
): ResumeTarget {
  const context = contextOf(given, serializer)
  if (context === undefined) return { executionId: String(given), blueprint, context, nodeId }
  const id = context['_executionId']
  return { executionId: typeof id === 'string' ? id : undefined, blueprint, context, nodeId }
}

function contextOf(given: unknown, serializer: ISerializer): Readonly<Record<string, unknown>> | undefined {
  const context = typeof given === 'string' ? deserialized(given, serializer) : given
  // Whatever a context is made of, it has keys.
  if (typeof context === 'object' && context !== null) return context as Readonly<Record<string, unknown>>
  if (typeof given === 'string') return undefined
  throw new FlowcraftError(
    `A run is resumed with the 'serializedContext' of its result or its execution id; found ${typeof given}`,
    { code: 'INPUT_INVALID' },
  )
}

function deserialized(text: string, serializer: ISerializer): unknown {
  try {
    return serializer.deserialize(text)
  } catch {
    return undefined
  }
}
