import type { EventOf, Recording } from 'flowcraft'
import { toMatchGolden } from './vitest-golden.ts'
import type { EdgeEnds, MatcherFunctions } from './vitest-matcher-types.ts'
import { assertNodeIds, endText, nameOf, recordingIn, viewOf } from './vitest-view.ts'

/** The matchers, for an `expect` of one's own: `expect.extend(flowcraftMatchers)`. */
export const flowcraftMatchers: MatcherFunctions = {
  toHaveCompleted(received) {
    const view = viewOf(received)
    const message = this.isNot ? 'not to have completed, but it has' : `to have completed, but it ${endText(view)}`
    return { pass: view.status === 'completed', message: () => `expected ${view.name} ${message}` }
  },

  toHaveFailedAt(received, nodeId) {
    assertNodeIds('toHaveFailedAt', [nodeId])
    const view = viewOf(received)
    const pass = view.status === 'failed' && view.errors.some((error) => error.nodeId === nodeId)
    const wanted = `${this.isNot ? 'not ' : ''}to have failed at '${nodeId}'`
    return { pass, message: () => `expected ${view.name} ${wanted}, but it ${endText(view)}` }
  },

  toHaveRun(received, ...nodeIds) {
    assertNodeIds('toHaveRun', nodeIds)
    const recording = recordingIn(received)
    const started = startsIn(recording)
    const missing = firstMissing(nodeIds, started)
    const order = nodeIds.length > 1 ? ' in this order' : ''
    const wanted = `${this.isNot ? 'not ' : ''}to have run ${quoted(nodeIds)}${order}`
    const lines = [
      `expected ${nameOf(recording)} ${wanted}`,
      ...(missing === undefined ? [] : [`  missing: ${whyMissing(missing, nodeIds, started, recording)}`]),
      `  started: ${quoted(started) || 'nothing'}`,
    ]
    return { pass: missing === undefined, message: () => lines.join('\n') }
  },

  toHaveSkipped(received, nodeId) {
    assertNodeIds('toHaveSkipped', [nodeId])
    const recording = recordingIn(received)
    const pass = recording.events.some(({ type, payload }) => type === 'node:skipped' && payload.nodeId === nodeId)
    const wanted = `${this.isNot ? 'not ' : ''}to have skipped '${nodeId}'`
    return { pass, message: () => `expected ${nameOf(recording)} ${wanted}\n  ${storyOf(recording, nodeId)}` }
  },

  toHaveTaken(received, edge) {
    const { source, target, action } = edge
    assertNodeIds('toHaveTaken', [source, target])
    const recording = recordingIn(received)
    const decisions = decisionsOf(recording, edge)
    const name = `the edge from '${source}' to '${target}'${action === undefined ? '' : ` with action '${action}'`}`
    const wanted = `${this.isNot ? 'not ' : ''}to have taken ${name}`
    const pass = decisions.some(({ payload }) => payload.result)
    return { pass, message: () => `expected ${nameOf(recording)} ${wanted}\n${decisionLines(recording, edge)}` }
  },

  toReplayTo(received, context) {
    const recording = recordingIn(received)
    const actual = recording.at('end').context
    const wanted = `${this.isNot ? 'not ' : ''}to replay to the given context`
    return {
      pass: this.equals(actual, context, [...this.customTesters, this.utils.iterableEquality]),
      message: () => `expected ${nameOf(recording)} ${wanted}`,
      actual,
      expected: context,
    }
  },

  toMatchGolden,
}

/** The nodes in the order in which they started, once for each iteration. */
function startsIn({ events }: Recording): string[] {
  return events.flatMap(({ type, payload }) => (type === 'node:start' && payload.attempt === 1 ? [payload.nodeId] : []))
}

/** The index of the first of the ids that does not follow on those before it. */
function firstMissing(nodeIds: readonly string[], started: readonly string[]): number | undefined {
  let from = 0
  for (const [index, id] of nodeIds.entries()) {
    const at = started.indexOf(id, from)
    if (at < 0) return index
    from = at + 1
  }
  return undefined
}

function whyMissing(
  index: number,
  nodeIds: readonly string[],
  started: readonly string[],
  recording: Recording,
): string {
  const id = nodeIds[index]!
  if (!started.includes(id)) return storyOf(recording, id)
  return `'${id}' has not started after ${quoted(nodeIds.slice(0, index))}`
}

/** What became of a node, in a sentence. */
function storyOf(recording: Recording, nodeId: string): string {
  if (recording.at('end').node(nodeId) !== undefined) return recording.explain(nodeId).sentence
  const known = Object.keys(recording.at('end').nodes)
  return `the run knows no node '${nodeId}'; it knows ${quoted(known) || 'none'}`
}

function decisionsOf({ events }: Recording, { source, target, action }: EdgeEnds): EventOf<'edge:evaluate'>[] {
  return events.filter(
    (event): event is EventOf<'edge:evaluate'> =>
      event.type === 'edge:evaluate' &&
      event.payload.source === source &&
      event.payload.target === target &&
      (action === undefined || event.payload.action === action),
  )
}

function decisionLines(recording: Recording, edge: EdgeEnds): string {
  const decisions = decisionsOf(recording, edge)
  if (decisions.length > 0) {
    const lines = decisions.map(({ seq, payload: { result, reason, condition } }) => {
      const why = result || reason === undefined ? '' : `: ${reason}`
      return `  event ${seq}: ${result ? 'taken' : 'not taken'}${why}${condition === undefined ? '' : `, of '${condition}'`}`
    })
    return lines.join('\n')
  }
  const others = recording.events.flatMap(({ type, payload }) =>
    type === 'edge:evaluate' && payload.source === edge.source ? [payload.target] : [],
  )
  const decided = others.length === 0 ? 'no edge of its source was decided' : `decided were those to ${quoted(others)}`
  return `  it was never decided; ${decided}. ${storyOf(recording, edge.source)}`
}

function quoted(names: readonly string[]): string {
  const shown = [...names].slice(0, 50).map((name) => `'${name}'`)
  return [...shown, ...(names.length > 50 ? [`and ${names.length - 50} more`] : [])].join(', ')
}
