import type { EdgeDefinition, NodeDefinition } from '../../src/blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { copyOf } from '../../src/events/snapshot.ts'
import { portrait } from '../events/values.ts'
import { expectedEngineError, expectedError } from './errors.ts'
import { conditionMeanings } from './generator/conditions.ts'
import type { RandomFlow } from './generator/draft.ts'
import { transformMeanings } from './generator/transforms.ts'
import { echoOf } from './node-calls.ts'
import { attemptOf, labelOf, type Attempt } from './program.ts'

/** What becomes of a node by the rules. */
export type Fate =
  | { readonly kind: 'skipped'; readonly reason: 'not-chosen' | 'upstream-failed' | 'fallback-not-needed' }
  | { readonly kind: 'ran'; readonly input: unknown; readonly ending: Ending }

/** How a node's run ended, its fallback's included. `errors` as `describeError` describes them. */
export type Ending =
  | { readonly ok: true; readonly output: unknown; readonly action: string | undefined; readonly attempts: number }
  | { readonly ok: false; readonly errors: readonly string[]; readonly attempts: number }

/** How an edge is decided; absent when its source does not finish. */
export interface EdgeFate {
  readonly taken: boolean
  readonly reason: string | undefined
  readonly isFaulty: boolean
}

/** What the order of events decides and no rule does: which edge came first, and the order of a fallback's runs. */
export interface Races {
  /** For each target: the first edge that was taken. */
  readonly firstTaken: ReadonlyMap<string, number>
  /** For each node: its runs, in order. `a` is a run of a by its own edges, `c<b<a` one of c in place of b in place of a. */
  readonly runs: ReadonlyMap<string, readonly string[]>
}

/** The end of a run as the rules demand it. */
export interface Prediction {
  readonly status: 'completed' | 'failed'
  /** By the names that {@link Races} gives to runs; a node that never runs has its own name. */
  readonly fates: ReadonlyMap<string, Fate>
  readonly edges: ReadonlyMap<number, EdgeFate>
  readonly errors: readonly string[]
}

/** The races of a run that has been. */
export function racesOf(events: readonly FlowcraftEvent[]): Races {
  const firstTaken = new Map<string, number>()
  const runs = new Map<string, string[]>()
  for (const { type, payload } of events) {
    if (type === 'edge:evaluate' && payload.result && !firstTaken.has(payload.target)) {
      firstTaken.set(payload.target, payload.edge)
    }
    const isFirst =
      (type === 'node:start' || (type === 'node:error' && payload.error.code === 'TRANSFORM_FAILED')) &&
      payload.attempt === 1
    if (!isFirst) continue
    const { nodeId } = payload
    const primary = type === 'node:start' ? payload.fallbackFor : undefined
    const name = primary === undefined ? nodeId : `${nodeId}<${runs.get(primary)?.at(-1)}`
    runs.set(nodeId, [...(runs.get(nodeId) ?? []), name])
  }
  return { firstTaken, runs }
}

/**
 * Reads the rules of routing, joins, failures and fallbacks off a blueprint, in the plainest way and without any of the
 * engine's code: what must become of each node and edge when nothing ends the run early.
 */
export function predict(flow: RandomFlow, races: Races): Prediction {
  const { nodes, edges } = flow.blueprint
  const nodeOf = (id: string): NodeDefinition => nodes.find((node) => node.id === id)!
  const primariesOf = (id: string): string[] =>
    nodes.filter(({ config }) => config?.fallback === id).map((node) => node.id)
  const flag = flow.initial['flag']
  const fallbackFates = new Map<string, Fate>()
  const memo = new Map<string, unknown>()
  const once = <T>(key: string, compute: () => T): T => {
    if (!memo.has(key)) memo.set(key, compute())
    return memo.get(key) as T
  }

  /** What a node's own turn by its edges comes to; for a fallback without edges there is none. */
  const ownFate = (id: string): Fate => once(`own ${id}`, () => visit(id))

  const visit = (id: string): Fate => {
    const incoming = edges.map((edge, index) => ({ edge, index })).filter(({ edge }) => edge.target === id)
    if (incoming.length === 0) {
      return primariesOf(id).length > 0
        ? { kind: 'skipped', reason: 'fallback-not-needed' }
        : run(id, id, undefined, [])
    }
    const states = incoming.map(({ index }) => edgeState(index))
    const hasFailed = states.includes('dead-by-failure')
    const isAny = nodeOf(id).config?.joinStrategy === 'any'
    if (!states.includes('taken') || (hasFailed && !isAny)) {
      return { kind: 'skipped', reason: hasFailed ? 'upstream-failed' : 'not-chosen' }
    }
    const takenOnes = incoming.filter((_, nth) => states[nth] === 'taken').map(({ index }) => index)
    if (!isAny) return run(id, id, undefined, takenOnes)
    const first = races.firstTaken.get(id)
    if (first === undefined || !takenOnes.includes(first)) throw new Error(`${id} started by an edge that is not taken`)
    const { source } = edges[first]!
    return run(
      id,
      id,
      undefined,
      takenOnes.filter((index) => edges[index]!.source === source),
    )
  }

  const edgeState = (index: number): 'taken' | 'dead-by-choice' | 'dead-by-failure' => {
    const source = decidingFate(edges[index]!.source)
    if (source.kind === 'skipped') return source.reason === 'upstream-failed' ? 'dead-by-failure' : 'dead-by-choice'
    if (!source.ending.ok) return 'dead-by-failure'
    return edgeFate(index)?.taken ? 'taken' : 'dead-by-choice'
  }

  /** What decides a node's edges: its first run, whoever it was for; else why it was skipped. */
  const decidingFate = (id: string): Fate => {
    const first = races.runs.get(id)?.[0]
    if (first === undefined || first === id) return ownFate(id)
    // Whatever runs in place of others runs as part of what the first of them comes to.
    ownFate(first.slice(first.lastIndexOf('<') + 1))
    const fate = fallbackFates.get(first)
    if (fate === undefined) throw new Error(`${first} ran, but nobody needed it`)
    return fate
  }

  const edgeFate = (index: number): EdgeFate | undefined =>
    once(`edge ${index}`, () => {
      const { source } = edges[index]!
      const fate = decidingFate(source)
      if (fate.kind === 'skipped' || !fate.ending.ok) return undefined
      const { output, action } = fate.ending
      const verdictOf = (edge: EdgeDefinition): EdgeFate => {
        const verdict = evaluate(
          () => edge.condition === undefined || conditionMeanings[edge.condition]!({ output, action, flag }),
        )
        if ('fault' in verdict) return { taken: false, reason: 'condition-error', isFaulty: true }
        if (!verdict.value) return { taken: false, reason: 'condition-false', isFaulty: false }
        const value = evaluate(() => edge.transform !== undefined && transformMeanings[edge.transform]!(output, flag))
        return { taken: true, reason: undefined, isFaulty: 'fault' in value }
      }
      const edge = edges[index]!
      const siblings = edges.filter((other) => other.source === source)
      const ofAction = siblings.filter((other) => other.action !== undefined && other.action === action)
      if (ofAction.includes(edge)) return verdictOf(edge)
      if (edge.action !== undefined) return { taken: false, reason: 'action-mismatch', isFaulty: false }
      const isNeeded = !ofAction.some((other) => verdictOf(other).taken)
      return isNeeded ? verdictOf(edge) : { taken: false, reason: 'default-not-needed', isFaulty: false }
    })

  /** Runs a node by the edges that deliver, or in place of another one. */
  const run = (
    name: string,
    id: string,
    primaryInput: { readonly value: unknown } | undefined,
    taken: readonly number[],
  ): Fate => {
    const { uses, config } = nodeOf(id)
    const deliveries = lastOfEachSource(taken)
    if (deliveries.some((index) => edgeFate(index)?.isFaulty)) {
      return {
        kind: 'ran',
        input: undefined,
        ending: failOver(name, id, undefined, expectedEngineError(id, 'TRANSFORM_FAILED'), 0),
      }
    }
    const input = primaryInput === undefined ? inputOf(id, deliveries) : primaryInput.value
    const attempts = Math.max(1, config?.maxRetries ?? 1)
    const program = flow.programs.get(uses)!
    for (let attempt = 1; ; attempt += 1) {
      const outcome = attemptOutcome(id, uses, attemptOf(program, attempt), attempt, input, config?.timeout)
      if (typeof outcome !== 'string')
        return { kind: 'ran', input, ending: { ok: true, ...outcome, attempts: attempt } }
      if (attempt === attempts) return { kind: 'ran', input, ending: failOver(name, id, input, outcome, attempt) }
    }
  }

  const failOver = (name: string, id: string, input: unknown, error: string, attempts: number): Ending => {
    const fallback = nodeOf(id).config?.fallback
    if (fallback === undefined) return { ok: false, errors: [error], attempts }
    const isNode = nodes.some((node) => node.id === fallback)
    if (isNode) {
      const fate = run(`${fallback}<${name}`, fallback, { value: input }, [])
      fallbackFates.set(`${fallback}<${name}`, fate)
      if (fate.kind === 'ran' && fate.ending.ok) return { ...fate.ending, attempts }
      return { ok: false, errors: [error], attempts }
    }
    // A transform that failed counts as the first attempt, though there was none.
    const attempt = Math.max(attempts, 1) + 1
    const outcome = attemptOutcome(
      id,
      fallback,
      attemptOf(flow.programs.get(fallback)!, attempt),
      attempt,
      input,
      nodeOf(id).config?.timeout,
    )
    if (typeof outcome === 'string') return { ok: false, errors: [error, outcome], attempts: attempt }
    return { ok: true, ...outcome, attempts: attempt }
  }

  const inputOf = (id: string, deliveries: readonly number[]): unknown => {
    const { inputs, config } = nodeOf(id)
    const hasTransform = deliveries.some((index) => edges[index]!.transform !== undefined)
    if (typeof inputs === 'object') {
      return Object.fromEntries(Object.entries(inputs).map(([name, key]) => [name, resolve(key)]))
    }
    if (inputs !== undefined && !hasTransform) return resolve(inputs)
    const sources = new Set(edges.filter((edge) => edge.target === id).map((edge) => edge.source))
    if (config?.joinStrategy === 'any' || sources.size < 2)
      return deliveries[0] === undefined ? undefined : valueOf(deliveries[0])
    return Object.fromEntries(deliveries.map((index) => [edges[index]!.source, valueOf(index)]))
  }

  const valueOf = (index: number): unknown => {
    const { source, transform } = edges[index]!
    const output = outputOf(decidingFate(source))
    return transform === undefined ? output : transformMeanings[transform]!(output, flag)
  }

  const lastOfEachSource = (taken: readonly number[]): number[] => {
    const last = new Map<string, number>()
    for (const index of taken) last.set(edges[index]!.source, index)
    return [...last.values()]
  }

  /** Keys that name an input are `flag`, unknown ones, and parts of sources that run once. */
  const resolve = (key: string): unknown => {
    if (key === 'flag') return flag
    if (key === 'nobody') return undefined
    if (key.startsWith('_outputs.')) return outputOf(ownFate(key.slice('_outputs.'.length)))
    if (key.startsWith('_inputs.')) {
      const fate = ownFate(key.slice('_inputs.'.length))
      return fate.kind === 'ran' ? fate.input : undefined
    }
    const [source, property] = key.split('.')
    const output = outputOf(ownFate(source!))
    if (property === undefined) return output
    const isOwn = typeof output === 'object' && output !== null && Object.hasOwn(output, property)
    return isOwn ? Reflect.get(output, property) : undefined
  }

  const ownFates = new Map(nodes.map(({ id }) => [id, ownFate(id)]))
  const fates = new Map([...ownFates, ...fallbackFates])
  const standsIn = new Set([...fallbackFates.keys()].map((name) => name.slice(0, name.indexOf('<'))))
  for (const [id, fate] of ownFates) if (fate.kind === 'skipped' && standsIn.has(id)) fates.delete(id)
  const errors = [...fates.values()].flatMap((fate) =>
    fate.kind === 'ran' && !fate.ending.ok ? fate.ending.errors : [],
  )
  const decided = new Map<number, EdgeFate>()
  for (const index of edges.keys()) {
    const fate = edgeFate(index)
    if (fate !== undefined) decided.set(index, fate)
  }
  return { status: errors.length > 0 ? 'failed' : 'completed', fates, edges: decided, errors }
}

function outputOf(fate: Fate): unknown {
  return fate.kind === 'ran' && fate.ending.ok ? fate.ending.output : undefined
}

/** What an attempt gives, or the error that it ends with. */
function attemptOutcome(
  nodeId: string,
  key: string,
  { delayMs, ending }: Attempt,
  attempt: number,
  input: unknown,
  timeoutMs: number | undefined,
): { readonly output: unknown; readonly action: string | undefined } | string {
  if (timeoutMs !== undefined && delayMs > timeoutMs) return expectedEngineError(nodeId, 'NODE_TIMEOUT')
  switch (ending.kind) {
    case 'throw':
      return expectedError(nodeId, ending.error, labelOf(nodeId, key, attempt))
    case 'unrecordable':
      return expectedEngineError(nodeId, 'SERIALIZATION_FAILED')
    case 'return': {
      const { output, action } = ending
      if (output.kind === 'echo') return { output: echoOf(nodeId, portrait(input)), action }
      // Two runs give two objects, though they are equal.
      return { output: 'value' in output ? copyOf(output.value) : undefined, action }
    }
  }
}

function evaluate<T>(compute: () => T): { readonly value: T } | { readonly fault: unknown } {
  try {
    return { value: compute() }
  } catch (fault) {
    return { fault }
  }
}

/** The value as a node gets it. */
export function asGiven(value: unknown): string {
  return portrait(copyOf(value))
}
