import { expect } from 'vitest'
import type { EventPayloads, FlowcraftEvent } from '../../src/events/event.ts'
import { asGiven } from './referee/attempts.ts'

interface OpenAttempt {
  /** As it was recorded first, and last. */
  readonly start: EventPayloads['node:start']
  /** Where it stands among the events that are kept. */
  readonly at: number
  /** Whether its process is gone, so that it has to be made again. */
  isCutOff: boolean
}

/** Which attempts are made again after a crash: those of user code. */
export type IsCode = (nodeId: string) => boolean

/**
 * The log of a run that was cut off and recovered, as it would be if what was cut off had only taken longer: without the
 * recoveries, without what they began again, without writes that nothing came of, and with the attempts counted as if
 * there had been no crash. Sees on the way whether each recovery began again what it should, and nothing else.
 */
export function withoutCrashes(events: readonly FlowcraftEvent[], isCode: IsCode): FlowcraftEvent[] {
  const kept: (FlowcraftEvent | undefined)[] = []
  const open = new Map<string, OpenAttempt>()
  const crashes = new Map<string, number>()
  const held = new Map<string, number[]>()
  const keep = (event: FlowcraftEvent): number => kept.push(event) - 1

  const start = (event: Extract<FlowcraftEvent, { type: 'node:start' }>): void => {
    const { payload } = event
    const { nodeId } = payload
    const before = open.get(nodeId)
    if (before === undefined) {
      open.set(nodeId, { start: payload, at: keep(numbered(event, crashes)), isCutOff: false })
      return
    }
    expect(before.isCutOff, `${event.id}: ${nodeId} starts while it is running`).toBe(true)
    const { start: first } = before
    expect({ ...payload, input: asGiven(payload.input) }, `${event.id} begins again`).toEqual({
      ...first,
      attempt: first.attempt + 1,
      input: asGiven(first.input),
    })
    const place = placeOf(payload, nodeId)
    crashes.set(place, (crashes.get(place) ?? 0) + 1)
    // Of a batch, others may get the place of a worker that was cut off.
    const isWorker = nodeId.endsWith(']')
    if (isWorker) kept[before.at] = undefined
    open.set(nodeId, { start: payload, at: isWorker ? keep(numbered(event, crashes)) : before.at, isCutOff: false })
  }

  for (const event of events) {
    switch (event.type) {
      case 'workflow:resume':
        if (event.payload.reason !== 'recovery') {
          keep(event)
          break
        }
        for (const [nodeId, attempt] of open) {
          if (attempt.start.fallbackFor !== nodeId && !isCode(nodeId)) continue
          attempt.isCutOff = true
          for (const at of held.get(nodeId) ?? []) kept[at] = undefined
          held.delete(nodeId)
        }
        break
      case 'context:change': {
        const { sourceNode } = event.payload
        held.set(sourceNode, [...(held.get(sourceNode) ?? []), keep(numbered(event, crashes))])
        break
      }
      case 'node:start':
        start(event)
        break
      case 'node:finish':
      case 'node:retry':
      case 'node:error':
      case 'node:wait': {
        const { nodeId } = event.payload
        expect(open.get(nodeId)?.isCutOff, `${event.id}: nobody runs ${nodeId}`).not.toBe(true)
        open.delete(nodeId)
        held.delete(nodeId)
        keep(numbered(event, crashes))
        break
      }
      case 'workflow:finish': {
        const { status, errors = [] } = event.payload
        const isCutShort = status === 'cancelled' || errors.some((error) => error.isFatal || error.nodeId === undefined)
        const lost = [...open].flatMap(([nodeId, { isCutOff }]) => (isCutOff ? [nodeId] : []))
        if (!isCutShort) expect(lost, `${event.id}: what was cut off has not been made again`).toEqual([])
        keep(event)
        break
      }
      default:
        keep(event)
    }
  }
  // Of a batch, others got the place of a worker that was cut off, and it was not made again before the end.
  for (const [nodeId, { at, isCutOff }] of open) if (isCutOff && nodeId.endsWith(']')) kept[at] = undefined
  return kept.flatMap((event) => event ?? []).map(atSeq)
}

/** How many attempts of each iteration of a node ended with their process: by `<node> <iteration>`. */
export function crashesIn(events: readonly FlowcraftEvent[], isCode: IsCode): ReadonlyMap<string, number> {
  const open = new Set<string>()
  const crashes = new Map<string, number>()
  const count = (key: string): void => void crashes.set(key, (crashes.get(key) ?? 0) + 1)
  for (const { type, payload } of events) {
    if (type === 'node:start') {
      const key = placeOf(payload, payload.nodeId)
      if (open.has(key)) count(key)
      if (payload.fallbackFor === payload.nodeId || isCode(payload.nodeId)) open.add(key)
    }
    if (type === 'node:finish' || type === 'node:retry' || type === 'node:error' || type === 'node:wait') {
      open.delete(placeOf(payload, payload.nodeId))
    }
  }
  for (const key of open) count(key)
  return crashes
}

/** The same event, its attempt counted without crashes. */
function numbered<T extends FlowcraftEvent>(event: T, crashes: ReadonlyMap<string, number>): T {
  const { payload } = event
  if (!('attempt' in payload)) return event
  const crashed = crashes.get(placeOf(payload, 'nodeId' in payload ? payload.nodeId : payload.sourceNode)) ?? 0
  return crashed === 0
    ? event
    : { ...event, payload: Object.freeze({ ...payload, attempt: payload.attempt - crashed }) }
}

/** One iteration of a node. */
function placeOf({ iteration }: { readonly iteration: number }, nodeId: string): string {
  return `${nodeId} ${iteration}`
}

function atSeq(event: FlowcraftEvent, seq: number): FlowcraftEvent {
  return Object.freeze({ ...event, seq, id: `${event.executionId}:${seq}` })
}
