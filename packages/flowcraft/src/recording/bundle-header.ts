import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { shown } from '../blueprint/shown.ts'
import { schemaVersion } from '../events/event.ts'
import { bundleFormat, type LineFields } from './bundle-line.ts'

/** What the text of a recording says of an execution before its events. */
export interface BundleHeader {
  readonly executionId: string
  /** How many events follow. */
  readonly events: number
  /** How many executions the whole text has; in the first header. */
  readonly executions: number | undefined
  readonly blueprintHash: string | undefined
  readonly blueprint: WorkflowBlueprint | undefined
}

/** The header that a line holds, or in words what keeps it from being one. */
export function headerFrom(fields: LineFields): BundleHeader | string {
  const { format, schemaVersion: version, executionId, events, executions, blueprintHash, blueprint } = fields
  if (format !== bundleFormat) return `a header has the format '${bundleFormat}'; found ${shown(format)}`
  if (!isCount(version) || version === 0) return `the schemaVersion is a whole number from 1; found ${shown(version)}`
  if (version > schemaVersion) {
    return `it has schemaVersion ${version}, this package reads up to ${schemaVersion}: use a newer one`
  }
  if (typeof executionId !== 'string' || executionId === '') return 'the header names no execution'
  if (!isCount(events)) return `the header counts its events; found ${shown(events)}`
  if (executions !== undefined && !isCount(executions)) {
    return `the header counts the executions; found ${shown(executions)}`
  }
  if (blueprintHash !== undefined && typeof blueprintHash !== 'string') return 'the blueprintHash is no text'
  if (blueprint !== undefined && !isBlueprint(blueprint)) return 'the blueprint in the header is damaged'
  return { executionId, events, executions, blueprintHash, blueprint }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isBlueprint(value: unknown): value is WorkflowBlueprint {
  if (!isObject(value) || typeof value['id'] !== 'string') return false
  const { nodes, edges } = value
  if (!Array.isArray(nodes) || !Array.isArray(edges)) return false
  return (
    nodes.every((node: unknown) => isObject(node) && typeof node['id'] === 'string') &&
    edges.every(
      (edge: unknown) => isObject(edge) && typeof edge['source'] === 'string' && typeof edge['target'] === 'string',
    )
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
