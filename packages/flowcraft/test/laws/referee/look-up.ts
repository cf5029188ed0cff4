import type { NodeDefinition } from '../../../src/blueprint/blueprint.ts'
import type { Loop } from './shape.ts'
import type { EdgeStanding, Run, Standing, Table } from './table.ts'

/** The definition of a node that there is, workers included. */
export function nodeOf({ shape, workers }: Table, id: string): NodeDefinition {
  const node = shape.nodes.find((candidate) => candidate.id === id) ?? workers.get(id)?.definition
  if (node === undefined) throw new Error(`There is no node ${id}`)
  return node
}

/** A node in the present turn. */
export function standingOf({ standings }: Table, id: string): Standing {
  const known = standings.get(id)
  if (known !== undefined) return known
  const standing: Standing = {
    next: undefined,
    runs: [],
    skipped: undefined,
    skippedAt: Infinity,
    undecided: new Map(),
  }
  standings.set(id, standing)
  return standing
}

/** An edge in the present turn. */
export function edgeOf({ edges }: Table, index: number): EdgeStanding {
  const known = edges.get(index)
  if (known !== undefined) return known
  const edge = { ...untouched, count: 0, verdict: undefined }
  edges.set(index, edge)
  return edge
}

/** The run of a node in its own place, in the present turn. */
export function ownRun(table: Table, id: string): Run | undefined {
  return standingOf(table, id).runs.find(({ primary }) => primary === undefined)
}

/** Another turn of a loop begins: what is inside is as if it had never been. */
export function beginTurn(table: Table, { members, controller }: Loop): void {
  for (const id of members) {
    table.standings.delete(id)
    table.batches.delete(id.replace(/_scatter$/, ''))
    if (id !== controller) table.given.delete(id)
  }
  for (const [index, { source, target }] of table.shape.edges.entries()) {
    const edge = edgeOf(table, index)
    // What a back edge has delivered is what the turn begins with.
    const { value, isFaulty } = edge
    if (members.has(source) && members.has(target)) Object.assign(edge, untouched, { value, isFaulty })
    else if (members.has(source)) edge.now = undefined
    else if (members.has(target) && edge.now !== undefined) edge.isKept = true
  }
}

const untouched: Omit<EdgeStanding, 'count' | 'verdict'> = {
  now: undefined,
  seq: -1,
  wasTaken: false,
  hasFailed: false,
  isCutOff: false,
  value: undefined,
  isFaulty: false,
  isKept: false,
}
