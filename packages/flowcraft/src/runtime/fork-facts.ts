import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { Plan } from '../blueprint/plan.ts'
import { batchIdOf, batchOfWorker } from '../blueprint/validate-built-ins.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent, RestoredKeys } from '../events/event.ts'
import { put } from '../events/own-property.ts'
import { rerunOf } from '../scheduler/behind.ts'
import { contextWithout } from '../scheduler/past-frontier.ts'
import { isServable } from '../scheduler/served.ts'
import type { ContextEntry, RunState } from '../state/run-state.ts'
import { isReservedKey } from '../state/select.ts'
import type { ForkOptions } from './fork-options.ts'
import type { Forking } from './run-options.ts'
import type { Values } from './values.ts'

/** What a fork is made of: the run that it comes from, up to there. */
export interface SharedPast {
  readonly executionId: string
  readonly events: readonly FlowcraftEvent[]
  readonly state: RunState
  /** That of the run so far. */
  readonly blueprint: WorkflowBlueprint
}

type Changes = Pick<Forking, 'set' | 'delete' | 'outputs' | 'rerun' | 'restored'>

/**
 * What a fork changes, as it is recorded.
 * @param plan Of the blueprint from there on.
 * @throws INPUT_INVALID for what names no node, or a part of a batch; CONTEXT_KEY_RESERVED; SERIALIZATION_FAILED.
 */
export function changesOf(past: SharedPast, plan: Plan, options: ForkOptions, values: Values): Changes {
  const rerun = nodesToRerun(past, plan, options.rerun ?? [])
  const again = new Set(rerun)
  const asked = keysAsked(past, options, values)
  const restored = again.size === 0 ? {} : keysWithout(past, again)
  const outputs = outputsOf(past, plan, options.outputs ?? {}, again, values)
  return {
    ...asked,
    ...(Object.keys(outputs).length > 0 && { outputs: Object.freeze(outputs) }),
    ...(rerun.length > 0 && { rerun: Object.freeze(rerun) }),
    ...(Object.keys(restored).length > 0 && { restored: Object.freeze(restored) }),
  }
}

function nodesToRerun(past: SharedPast, plan: Plan, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return []
  const { executionId, events, blueprint } = past
  const { ids, unknown, parts } = rerunOf(plan, blueprint, events, asked)
  const [stranger] = unknown
  if (stranger !== undefined) throw noNode(`'rerun' of a fork of '${executionId}' names '${stranger}', which`, plan)
  const [part] = parts
  if (part === undefined) return ids
  throw new FlowcraftError(
    `'rerun' of a fork of '${executionId}' names '${part.id}', a part of a batch, which runs again as a whole: name '${part.scatter}', or fork with { at: { before: '${part.id}' } }`,
    { code: 'INPUT_INVALID', executionId, nodeId: part.id },
  )
}

function keysAsked({ executionId }: SharedPast, options: ForkOptions, values: Values): Pick<Forking, 'set' | 'delete'> {
  const { set = {}, delete: gone = [] } = options
  const taken: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(set)) {
    if (isReservedKey(key)) throw reserved(executionId, key)
    put(taken, key, values.take(value, `key '${key}' that a fork of '${executionId}' sets`))
  }
  for (const key of gone) {
    if (isReservedKey(key)) throw reserved(executionId, key)
    if (Object.hasOwn(set, key)) throw bothWays(executionId, key)
  }
  return {
    ...(Object.keys(taken).length > 0 && { set: Object.freeze(taken) }),
    ...(gone.length > 0 && { delete: Object.freeze([...gone]) }),
  }
}

/** What keys come to that nodes wrote which run again. */
function keysWithout({ events, state }: SharedPast, again: ReadonlySet<string>): RestoredKeys {
  const set: Record<string, unknown> = {}
  const gone: string[] = []
  const unset: string[] = []
  const without = contextWithout(events, again)
  for (const key of new Set([...state.context.keys(), ...without.keys()])) {
    const entry = without.get(key)
    if (isSame(state.context.get(key), entry)) continue
    if (entry === undefined) unset.push(key)
    else if (entry.deleted) gone.push(key)
    else put(set, key, entry.value)
  }
  return {
    ...(Object.keys(set).length > 0 && { set: Object.freeze(set) }),
    ...(gone.length > 0 && { delete: Object.freeze(gone) }),
    ...(unset.length > 0 && { unset: Object.freeze(unset) }),
  }
}

function isSame(a: ContextEntry | undefined, b: ContextEntry | undefined): boolean {
  if (a === undefined || b === undefined || a.deleted || b.deleted) return a?.deleted === b?.deleted
  // Both are folds of the same recorded values.
  return Object.is(a.value, b.value)
}

function outputsOf(
  { executionId, state }: SharedPast,
  plan: Plan,
  outputs: Readonly<Record<string, unknown>>,
  again: ReadonlySet<string>,
  values: Values,
): Record<string, unknown> {
  const batches = new Set(
    plan.nodes.flatMap(({ kind, definition }) => (kind === 'batch-scatter' ? batchIdOf(definition) : [])),
  )
  const taken: Record<string, unknown> = {}
  for (const [id, value] of Object.entries(outputs)) {
    const node = plan.nodes[plan.indexOf.get(id) ?? -1]
    const isKnown = node !== undefined || state.nodes.has(id) || batches.has(batchOfWorker(id) ?? '')
    if (!isKnown) throw noNode(`'outputs' of a fork of '${executionId}' names '${id}', which`, plan)
    if (node !== undefined && !isServable(node)) {
      const message = `'outputs' of a fork of '${executionId}' names '${id}', a ${node.kind}: what it decides cannot be given. Give the outputs of the nodes around it`
      throw new FlowcraftError(message, { code: 'INPUT_INVALID', executionId, nodeId: id })
    }
    const startsOnce = node !== undefined && node.loops.length === 0 && node.primaries.length === 0
    if (startsOnce && state.nodes.get(id)?.status === 'completed' && !again.has(id)) {
      const message = `'outputs' of a fork of '${executionId}' names '${id}', which has finished by event ${state.seq} and does not start again: name it in 'rerun' too, or fork with { at: { before: '${id}' } }`
      throw new FlowcraftError(message, { code: 'INPUT_INVALID', executionId, nodeId: id })
    }
    if (state.nodes.get(id)?.status === 'waiting' && !again.has(id)) {
      const message = `'outputs' of a fork of '${executionId}' names '${id}', which waits at event ${state.seq}: resume the fork with that output, or fork with { at: { before: '${id}' } }`
      throw new FlowcraftError(message, { code: 'INPUT_INVALID', executionId, nodeId: id })
    }
    put(taken, id, values.take(value, `the output of node '${id}' that a fork of '${executionId}' gives`, id))
  }
  return taken
}

function noNode(what: string, { blueprint, nodes }: Plan): FlowcraftError {
  const known = nodes.slice(0, 10).map(({ id }) => `'${id}'`)
  const more = nodes.length > known.length ? ', …' : ''
  return new FlowcraftError(`${what} is no node of '${blueprint.id}' there; it has ${known.join(', ')}${more}`, {
    code: 'INPUT_INVALID',
    blueprintId: blueprint.id,
  })
}

function bothWays(executionId: string, key: string): FlowcraftError {
  return new FlowcraftError(`A fork of '${executionId}' both sets and deletes the key '${key}': do one of them`, {
    code: 'INPUT_INVALID',
    executionId,
  })
}

function reserved(executionId: string, key: string): FlowcraftError {
  return new FlowcraftError(
    `A fork of '${executionId}' changes the key '${key}', which belongs to the engine; to give the output of a node, use 'outputs'`,
    { code: 'CONTEXT_KEY_RESERVED', executionId },
  )
}
