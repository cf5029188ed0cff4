import type { EdgeDefinition } from '../../../src/blueprint/blueprint.ts'
import { conditionMeanings } from '../generator/conditions.ts'
import { edgeOf, standingOf } from './look-up.ts'
import type { Arrival, EdgeVerdict, Run, Table } from './table.ts'
import { delivered, readKey } from './values.ts'

/** A run has come to its end, and so have those that it stands in for: what their edges come to, where they decide. */
export function settle(table: Table, run: Run, end: 'finished' | 'failed'): void {
  for (let of: Run | undefined = run; of !== undefined; of = of.primary) {
    of.state = end
    of.output = run.output
    of.action = run.action
    if (end === 'finished') table.outputs.set(of.nodeId, run.output)
    const { runs, undecided } = standingOf(table, of.nodeId)
    if (runs[0] !== of) continue
    if (end === 'failed') kill(table, of.nodeId, 'dead-by-failure')
    else for (const [index, verdict] of verdictsOf(table, of)) undecided.set(index, verdict)
  }
}

/** The edges that leave a node die. */
export function kill(table: Table, id: string, death: Exclude<Arrival, 'taken'>): void {
  for (const [index, { source }] of table.shape.edges.entries()) if (source === id) decide(table, index, death)
}

/** An edge is decided for this turn. */
export function decide(table: Table, index: number, arrival: Arrival, verdict?: EdgeVerdict): void {
  const edge = edgeOf(table, index)
  edge.now = arrival
  if (arrival === 'dead-by-failure') edge.hasFailed = true
  if (verdict !== undefined) edge.verdict = verdict
  if (arrival !== 'taken' || verdict === undefined) return
  edge.wasTaken = true
  edge.count += 1
  edge.value = verdict.value
  edge.isFaulty = verdict.isFaulty
}

function verdictsOf(table: Table, { nodeId, output, action }: Run): Map<number, EdgeVerdict> {
  const leaving = [...table.shape.edges.entries()].filter(([, { source }]) => source === nodeId)
  const not = (reason: string, isFaulty = false): EdgeVerdict => ({ taken: false, reason, value: undefined, isFaulty })
  const verdictOf = (index: number, { condition }: EdgeDefinition): EdgeVerdict => {
    try {
      const scope = { output, action, flag: readKey(table, 'flag'), shared: readKey(table, 'shared') }
      if (condition !== undefined && !conditionMeanings[condition]!(scope)) return not('condition-false')
    } catch {
      return not('condition-error', true)
    }
    return { taken: true, reason: undefined, ...delivered(table, index, output) }
  }
  const verdicts = new Map<number, EdgeVerdict>()
  const ofAction = leaving.filter(([, edge]) => edge.action !== undefined && edge.action === action)
  for (const [index, edge] of ofAction) verdicts.set(index, verdictOf(index, edge))
  const isDecided = [...verdicts.values()].some(({ taken }) => taken)
  for (const [index, edge] of leaving) {
    if (verdicts.has(index)) continue
    if (edge.action !== undefined) verdicts.set(index, not('action-mismatch'))
    else verdicts.set(index, isDecided ? not('default-not-needed') : verdictOf(index, edge))
  }
  return verdicts
}
