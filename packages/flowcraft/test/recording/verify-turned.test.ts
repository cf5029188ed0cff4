import { expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { NodeContext } from '../../src/blueprint/node.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { openRecording } from '../../src/recording/open.ts'
import { verifyRecording } from '../../src/recording/verify.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { changed, edgeOf, shuffled } from './verify-changes.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

const flow = createFlow('turned')
  .node('start', () => ({
    output: 1,
    dynamicNodes: [{ id: 'made', uses: 'turned/pass' }],
    dynamicEdges: [
      { source: 'start', target: 'made' },
      { source: 'made', target: 'end' },
    ],
  }))
  .node('pass', pass)
  .node('again', ({ iteration }) => ({
    output: iteration,
    dynamicNodes: [{ id: 'late', uses: 'turned/pass' }],
    dynamicEdges: [{ source: 'again', target: 'late' }],
  }))
  .node('end', pass)
  .edge('start', 'pass')
  .edge('start', 'again', { condition: 'input == 1' })
  .edge('pass', 'end')

/** Nodes and edges stand elsewhere, and there is one more of each. */
const other: WorkflowBlueprint = changed(
  shuffled(flow.toBlueprint(), (below) => below - 1),
  ({ nodes, edges }) => {
    nodes.unshift({ id: 'new', uses: 'turned/pass' })
    edges.unshift({ source: 'end', target: 'new' })
  },
)

function runtimeOn(store: InMemoryEventStore): FlowRuntime {
  return new FlowRuntime({ logger: new NullLogger(), eventBus: new PersistentEventBusAdapter(store) })
}

it('a fork in which nodes ran again holds the decisions of its blueprint, with what they created', async () => {
  const store = new InMemoryEventStore()
  const runtime = runtimeOn(store)
  const functionRegistry = flow.getFunctionRegistry()
  await runtime.run(flow.toBlueprint(), {}, { functionRegistry, executionId: 'source' })
  for (const rerun of [['again'], ['pass'], ['end'], ['start'], ['again', 'pass']]) {
    const executionId = `fork of ${rerun.join()}`
    const fork = await runtime.fork('source', { at: 'end', rerun, functionRegistry, executionId })
    expect(await fork.result()).toMatchObject({ status: 'completed' })
    const recording = await openRecording(store, executionId)
    expect(verifyRecording(flow.toBlueprint(), recording)).toEqual({ ok: true })
    expect(verifyRecording(other, recording)).toEqual({ ok: true })
    expect(verifyRecording(other, recording.events)).toEqual({ ok: true })
    const without = changed(flow.toBlueprint(), (copy) => (edgeOf(copy, 'start', 'again').condition = 'input == 2'))
    expect(verifyRecording(without, recording)).toMatchObject({
      ok: false,
      divergence: { edge: { source: 'start', target: 'again' } },
    })
  }
})

it('a run that went on under another blueprint holds the decisions of that one', async () => {
  const store = new InMemoryEventStore()
  const runtime = runtimeOn(store)
  const functionRegistry = flow.getFunctionRegistry()
  await runtime.run(flow.toBlueprint(), {}, { functionRegistry, executionId: 'source' })
  const source = await openRecording(store, 'source')
  for (let at = 1; at < source.length - 1; at += 1) {
    const executionId = `fork at ${at}`
    const fork = await runtime.fork(source, { at, blueprint: other, functionRegistry, executionId })
    expect(await fork.result()).toMatchObject({ status: 'completed' })
    const recording = await openRecording(store, executionId)
    expect(verifyRecording(other, recording)).toEqual({ ok: true })
    expect(verifyRecording(structuredClone(other), recording.events)).toEqual({ ok: true })
    expect(
      verifyRecording(
        shuffled(other, (below) => below >> 1),
        recording,
      ),
    ).toEqual({ ok: true })
  }
})
