import type { RunState } from '../../src/state/run-state.ts'
import { portrait } from '../events/values.ts'

/** All of a state, as text, in which two states look the same only if they are, the types of all values included. */
export function portraitOfState(state: RunState): string {
  return [...linesOf(state)].join('\n')
}

/** A context with the portrait of each value. */
export function portraitOfContext(context: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, portrait(value)]))
}

// Which parts of different events are one object in memory is no part of a state, so each value has a portrait of its own.
function* linesOf(state: RunState): Generator<string> {
  const { context, nodes, edges, errors, held, blueprint: _, ...rest } = state
  yield* fieldsOf('run', rest)
  for (const [key, entry] of context) yield `context ${key}: ${entry.deleted ? 'deleted' : portrait(entry.value)}`
  for (const [id, node] of nodes) yield* fieldsOf(`node ${id}`, node)
  for (const [edge, decided] of edges) yield* fieldsOf(`edge ${edge}`, decided)
  for (const [seq, error] of errors) yield `error ${seq}: ${portrait(error)}`
  for (const [id, last] of held) {
    for (let write = last as typeof last | undefined; write !== undefined; write = write.earlier) {
      yield* fieldsOf(`held ${id}`, write.change)
    }
  }
}

function* fieldsOf(name: string, fields: object): Generator<string> {
  for (const [field, value] of Object.entries(fields)) yield `${name}.${field}: ${portrait(value)}`
}
