import { expect } from 'vitest'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import type { Fact, FlowcraftEvent } from '../../src/events/event.ts'
import { advance, endBackOff } from '../../src/scheduler/advance.ts'
import { decide, type Situation } from '../../src/scheduler/decide.ts'
import type { Decision } from '../../src/scheduler/decision.ts'
import { frontierOf } from '../../src/scheduler/frontier.ts'
import { route, type EdgeFinding } from '../../src/scheduler/routing.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import { portrait } from '../events/values.ts'
import type { RandomFlow } from './generator/draft.ts'

/** Takes outcomes, findings of expressions and the end of delays from a log; all else must follow from these. */
export function expectDecided(flow: RandomFlow, log: readonly FlowcraftEvent[]): void {
  const { blueprint, concurrency, isByTurns, maxIterations } = flow
  // What may start in a turn, or when somebody has asked for a pause, is not for the scheduler to say.
  if (isByTurns || flow.pausesAt.length > 0) return
  // A worker whose delay ends while its batch is full starts later: when the delay ended, no event tells.
  if (blueprint.nodes.some(({ params, config }) => params?.['concurrency'] !== undefined && config?.retryDelay)) return
  const plan = planOf(blueprint)
  if (!isPlan(plan)) throw new Error('A random flow has a plan')
  const frontier = frontierOf(plan)
  const state = draftOf(initialState)
  const limits = { concurrency, maxIterations }
  const situation: Situation = { frontier, state, limits }
  let next = 0
  const take = (): void => {
    const event = log[next++]!
    apply(state, event)
    advance(frontier, state, event)
  }
  const expectNext = (facts: readonly Fact[]): void => {
    for (const { type, payload } of facts) {
      expect({ seq: next, type: log[next]?.type, ...log[next]?.payload }).toMatchObject({ seq: next, type, ...payload })
      take()
    }
  }
  while (next < log.length) {
    const decision = decide(situation)
    expect(portraitOfDecision(decide(situation))).toBe(portraitOfDecision(decision))
    const event = log[next]!
    // What comes from outside comes when it wants.
    if (event.type === 'workflow:cancel' || event.type === 'workflow:resume') {
      take()
      continue
    }
    switch (decision.kind) {
      case 'record': {
        // A delay may have ended before a node of the engine was to start.
        const [first] = decision.facts
        const hasOther = event.type === 'node:start' && first?.type === 'node:start'
        if (hasOther && event.payload.nodeId !== first.payload.nodeId) endDelay(event.payload.nodeId)
        else expectNext(decision.facts)
        break
      }
      case 'start':
        // A delay may have ended first, in a moment that only the clock knows; its node then comes before.
        if (event.type === 'node:start' && event.payload.nodeId !== decision.node.id) endDelay(event.payload.nodeId)
        else expectNext([decision.fact])
        break
      case 'route':
        expectNext(factsOf(decision.node))
        break
      case 'control':
        expect(['node:finish', 'node:error']).toContain(event.type)
        expect(event.payload).toMatchObject({ nodeId: decision.node.id })
        take()
        break
      case 'park':
        expectNext([decision.fact])
        break
      case 'finish':
        expect(event).toMatchObject({ type: 'workflow:finish', payload: { status: decision.status } })
        take()
        break
      case 'wait':
        if (event.type === 'node:start') endDelay(event.payload.nodeId)
        else take()
        break
      case 'exhausted':
        expect(event).toMatchObject({ type: 'workflow:finish', payload: { status: 'failed' } })
        take()
        break
    }
  }
  expect(decide(situation)).toEqual({ kind: 'wait' })

  function endDelay(nodeId: string): void {
    const node = frontier.plan.indexOf.get(nodeId)!
    expect(frontier.backingOff.has(node)).toBe(true)
    endBackOff(frontier, node)
  }

  function factsOf(node: Extract<Decision, { kind: 'route' }>['node']): readonly Fact[] {
    const findings = new Map<number, EdgeFinding>()
    for (const event of log.slice(next)) {
      // In a later turn, it finishes again.
      if (event.type === 'node:start' && event.payload.nodeId === node.id) break
      if (event.type !== 'edge:evaluate' || event.payload.source !== node.id) continue
      const { edge, result: holds, reason, error } = event.payload
      if (reason === 'action-mismatch' || reason === 'default-not-needed') continue
      const value = 'value' in event.payload ? { value: event.payload.value } : {}
      findings.set(edge, { holds, ...value, ...(error && { error }) })
    }
    const routing = route(frontier.plan, node, state.nodes.get(node.id)?.action, findings)
    if (routing.kind === 'evaluate')
      throw new Error(`The log lacks findings for ${node.id}: edges ${routing.edges.join()}`)
    return routing.facts
  }
}

function portraitOfDecision(decision: Decision): string {
  const { kind } = decision
  if (kind === 'start') return portrait({ kind, fact: decision.fact })
  return portrait('node' in decision ? { kind, node: decision.node.id } : decision)
}
