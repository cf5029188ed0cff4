import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'
import { ExpressionEvaluator } from '../../src/expressions/expression-evaluator.ts'

export const evaluator = new ExpressionEvaluator()
export const registry = new Map([['work', () => ({ output: 1 })]])

/** A node that does ordinary work, unless `rest` says otherwise. */
export function node(id: string, rest: object = {}) {
  return { id, uses: 'work', ...rest }
}

/** `'a>b b>c:again'` are the edges a → b and, with the action `again`, b → c. */
export function edges(text: string, rest: object = {}) {
  return text.split(' ').map((link) => {
    const [ends = '', action] = link.split(':')
    const [source, target] = ends.split('>')
    return { source, target, ...(action !== undefined && { action }), ...rest }
  })
}

/** Lints a blueprint, beside which there is one with the id `known`. */
export function lint(nodes: unknown, links: unknown = [], metadata?: unknown) {
  return lintBlueprint({ id: 'flow', nodes, edges: links, metadata }, registry, { known: child }, { evaluator })
}

export const child = { id: 'known', nodes: [node('only')], edges: [] }

/** What was found: `<code> <nodeId> <relatedId>: <message>`. */
export function found(...given: Parameters<typeof lint>) {
  return lint(...given).issues.map(
    ({ code, nodeId = '-', relatedId = '-', message }) => `${code} ${nodeId} ${relatedId}: ${message}`,
  )
}

/** Nodes of the engine's own kinds, without a fault unless the arguments bring one. */
export const loop = (rest: object = {}) =>
  node('loop', { uses: 'loop-controller', params: { condition: 'input < 3' }, ...rest })
export const scatter = (params: object = {}) =>
  node('b_scatter', {
    uses: 'batch-scatter',
    inputs: 'items',
    params: { workerUsesKey: 'work', gatherNodeId: 'b_gather', ...params },
  })
export const gather = (params: object = {}) =>
  node('b_gather', { uses: 'batch-gather', params: { gatherNodeId: 'b_gather', ...params } })
export const subflow = (params: object = {}) =>
  node('sub', { uses: 'subflow', params: { blueprintId: 'known', ...params } })
export const sleep = (duration: unknown) => node('nap', { uses: 'sleep', params: { duration } })
export const wait = (params: object) => node('ask', { uses: 'wait', params })
export const withFallback = (id: string, fallback: unknown) => node(id, { config: { fallback } })
