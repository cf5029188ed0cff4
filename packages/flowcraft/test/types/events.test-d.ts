import { expectTypeOf } from 'vitest'
import { FlowEventBus, type EventOf, type FlowcraftEvent } from 'flowcraft'

declare const event: FlowcraftEvent

if (event.type === 'node:skipped') {
  expectTypeOf(event.payload.reason).toEqualTypeOf<'not-chosen' | 'upstream-failed' | 'fallback-not-needed'>()
}
// @ts-expect-error a workflow's events belong to no node
if (event.type === 'workflow:start') void event.payload.nodeId
// @ts-expect-error an event is not changed
event.payload.executionId = 'other'

const bus = new FlowEventBus()
bus.on('node:finish', (finish) => expectTypeOf(finish).toEqualTypeOf<EventOf<'node:finish'>>())
bus.on('*', (any) => expectTypeOf(any).toEqualTypeOf<FlowcraftEvent>())
// @ts-expect-error there is no such event
bus.on('node:typo', () => {})
