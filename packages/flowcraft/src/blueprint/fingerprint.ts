import { SerializationError } from '../errors.ts'
import type { WorkflowBlueprint } from './blueprint.ts'
import { sha256 } from './sha256.ts'

/**
 * A stable hash of a blueprint: 64 hexadecimal digits, equal for blueprints that are equal as JSON. The order of keys
 * does not matter, that of nodes and edges does. A property that is `undefined` counts as absent.
 *
 * @throws SerializationError (`SERIALIZATION_FAILED`) for a blueprint that is not JSON because it is cyclic or too
 * deep.
 */
export function fingerprint(blueprint: WorkflowBlueprint): string {
  return sha256(canonical(blueprint, 0, blueprint.id) ?? '')
}

const maxDepth = 1000

/** JSON with sorted keys; `undefined` for what JSON leaves out. */
function canonical(value: unknown, depth: number, blueprintId: string): string | undefined {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (depth > maxDepth) {
    const message = `Blueprint '${blueprintId}' is nested deeper than ${maxDepth} levels, or contains itself`
    throw new SerializationError(message, { blueprintId })
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item, depth + 1, blueprintId) ?? 'null').join()}]`
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return canonical(value.toJSON(), depth + 1, blueprintId)
  }
  const members: string[] = []
  for (const key of Object.keys(value).sort()) {
    const member = canonical((value as Record<string, unknown>)[key], depth + 1, blueprintId)
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${member}`)
  }
  return `{${members.join()}}`
}
