import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { NodeContext, NodeRegistry } from '../../src/blueprint/node.ts'
import { FlowcraftError } from '../../src/errors.ts'
import type { IEvaluator } from '../../src/expressions/evaluator.ts'
import { ExpressionEvaluator } from '../../src/expressions/expression-evaluator.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { openRecording } from '../../src/recording/open.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { verifyRecording } from '../../src/recording/verify.ts'
import type { ForkOptions } from '../../src/runtime/fork-options.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { changed, edgeOf, nodeOf, reworded, shuffled } from './verify-changes.ts'

const give = (output: unknown) => async () => ({ output })
const pass = async ({ input }: NodeContext) => ({ output: input })

/** Forks of runs in one store, each awaited to its end or to where it parks. */
function lab(functionRegistry: NodeRegistry) {
  const store = new InMemoryEventStore()
  const runtimeAgain = (): FlowRuntime =>
    new FlowRuntime({ logger: new NullLogger(), eventBus: new PersistentEventBusAdapter(store) })
  const runtime = runtimeAgain()
  let count = 0
  return {
    runtimeAgain,
    async run(
      blueprint: WorkflowBlueprint,
      initial: object = {},
      options: { readonly concurrency?: number } = {},
    ): Promise<Recording> {
      const own = { functionRegistry, executionId: 'source', ...options }
      const { executionId } = await runtime.run(blueprint, initial, own)
      return openRecording(store, executionId)
    },
    async fork(source: Recording, options: ForkOptions): Promise<Recording> {
      const executionId = `fork ${(count += 1)}`
      const handle = await runtime.fork(source, { functionRegistry, executionId, ...options })
      await handle.result()
      return openRecording(store, executionId)
    },
    open: async (executionId: string): Promise<Recording> => openRecording(store, executionId),
  }
}

/** A recording holds the decisions of a blueprint, in whatever order and words that is. */
function expectFits(blueprint: WorkflowBlueprint, recording: Recording): void {
  for (const same of [blueprint, structuredClone(blueprint), reworded(blueprint)]) {
    expect(verifyRecording(same, recording)).toEqual({ ok: true })
  }
  for (const shift of [1, 2]) {
    const other = shuffled(blueprint, (below) => (below - shift + below) % below)
    expect(verifyRecording(other, recording)).toEqual({ ok: true })
    // Of the blueprint nothing is known but its hash.
    expect(verifyRecording({ ...other, id: 'another' }, recording.events)).toEqual({ ok: true })
  }
}

function rating() {
  return createFlow('rating')
    .node('load', give(120))
    .node('rate', pass)
    .node('high', pass)
    .node('low', pass)
    .node('beside', pass)
    .node('end', pass, { config: { joinStrategy: 'any' } })
    .edge('load', 'rate')
    .edge('load', 'beside')
    .edge('rate', 'high', { condition: 'input > 100' })
    .edge('rate', 'low', { condition: 'input <= 100' })
    .edge('high', 'end')
    .edge('low', 'end')
}

/** Another limit; and, so that no edge stands where it stood, another order. */
function limitedTo(limit: number, isReversed = false): WorkflowBlueprint {
  return changed(rating().toBlueprint(), (copy) => {
    edgeOf(copy, 'rate', 'high').condition = `input > ${limit}`
    edgeOf(copy, 'rate', 'low').condition = `input <= ${limit}`
    if (isReversed) copy.edges.reverse()
  })
}

describe('a fork holds the decisions of its blueprint that are recorded and kept', () => {
  it('also where nodes ran again that another condition leads from', async () => {
    const { run, fork } = lab(rating().getFunctionRegistry())
    const source = await run(limitedTo(100))
    for (const isReversed of [false, true]) {
      const forked = await fork(source, { at: 'end', rerun: ['rate'], blueprint: limitedTo(150, isReversed) })
      expect(forked.at('end').node('low')?.status).toBe('completed')
      expectFits(limitedTo(150, isReversed), forked)
      expectFits(limitedTo(150), forked)
      // What is kept is judged as ever.
      expect(verifyRecording(limitedTo(100), forked)).toMatchObject({
        ok: false,
        divergence: { edge: { source: 'rate' }, expected: { type: 'edge:evaluate' } },
      })
      const without = changed(limitedTo(150), (copy) => (edgeOf(copy, 'load', 'beside').condition = 'input > 200'))
      const decided = forked.events.find(({ payload }) => 'target' in payload && payload.target === 'beside')
      expect(verifyRecording(without, forked)).toMatchObject({
        ok: false,
        divergence: { seq: decided?.seq, edge: { source: 'load', target: 'beside' } },
      })
    }
  })

  it('and so does a fork of that one, with yet another blueprint', async () => {
    const { run, fork } = lab(rating().getFunctionRegistry())
    const source = await run(limitedTo(100))
    const first = await fork(source, { at: 'end', rerun: ['rate'], blueprint: limitedTo(150, true) })
    const second = await fork(first, { at: 'end', rerun: ['rate'], blueprint: limitedTo(110) })
    expect(second.at('end').node('low')?.status).toBe('skipped')
    expectFits(limitedTo(110), second)
    expect(verifyRecording(limitedTo(150), second)).toMatchObject({
      ok: false,
      divergence: { edge: { source: 'rate', target: 'high' }, expected: { result: true } },
    })
  })

  it('where a node ran again, and then only what stands behind it', async () => {
    const { run, fork } = lab(rating().getFunctionRegistry())
    const first = await fork(await run(limitedTo(100)), { at: 'end', rerun: ['load'], blueprint: limitedTo(150, true) })
    const second = await fork(first, { at: 'end', rerun: ['end'] })
    expect(second.at('end').node('load')?.iteration).toBe(1)
    expectFits(limitedTo(150), second)
  })

  it('wherever its history is cut off', async () => {
    const { run, fork } = lab(rating().getFunctionRegistry())
    const source = await run(limitedTo(100))
    for (let at = 0; at < source.length; at += 1) {
      const forked = await fork(source, { at, rerun: ['rate'], blueprint: limitedTo(150, true) })
      for (let length = at + 2; length <= forked.length; length += 1) {
        const events = forked.events.slice(0, length)
        expect(verifyRecording(limitedTo(150), events)).toEqual({ ok: true })
      }
    }
  })

  it('so it goes on under one that is changed without harm', async () => {
    const waiting = () => rating().wait('approval').node('done', pass).edge('end', 'approval').edge('approval', 'done')
    const under = (limit: number): WorkflowBlueprint =>
      changed(waiting().toBlueprint(), (copy) => {
        edgeOf(copy, 'rate', 'high').condition = `input > ${limit}`
        edgeOf(copy, 'rate', 'low').condition = `input <= ${limit}`
      })
    const functionRegistry = waiting().getFunctionRegistry()
    const { run, fork, open, runtimeAgain } = lab(functionRegistry)
    const forked = await fork(await run(under(100)), { at: 'end', rerun: ['rate'], blueprint: under(150) })
    expect(forked.status).toBe('awaiting')
    const harmless = changed(under(160), (copy) => copy.edges.reverse())
    const result = await runtimeAgain().resume(harmless, forked.executionId, { output: 1 }, 'approval', {
      functionRegistry,
      allowChanged: true,
    })
    expect(result.status).toBe('completed')
    expectFits(harmless, await open(forked.executionId))
    expectFits(under(150), await open(forked.executionId))
  })

  it('where a loop ran again as a whole, with another end', async () => {
    const looping = () =>
      createFlow('looping')
        .node('start', give(0))
        .node('count', async ({ context }) => {
          const count = Number((await context.get('count')) ?? 0) + 1
          await context.set('count', count)
          return {
            output: count,
            dynamicNodes: [{ id: 'made', uses: 'looping/pass' }],
            dynamicEdges: [
              { source: 'count', target: 'made' },
              { source: 'made', target: 'step' },
            ],
          }
        })
        .node('step', async () => ({ output: 1 }), { config: { joinStrategy: 'any' } })
        .node('after', pass)
        .node('beside', pass)
        .edge('start', 'count')
        .edge('start', 'beside')
        .edge('count', 'step')
        .loop('again', { startNodeId: 'count', endNodeId: 'step', condition: 'context.count < 2' })
        .edge('again', 'after', { action: 'break' })
    const until = (turns: number): WorkflowBlueprint =>
      changed(looping().toBlueprint(), (copy) => {
        nodeOf(copy, 'again').params!['condition'] = `context.count < ${turns}`
        if (turns > 2) copy.edges.unshift({ source: 'beside', target: 'more' })
        if (turns > 2) copy.nodes.unshift({ id: 'more', uses: 'looping/pass' })
      })
    const functionRegistry = { ...Object.fromEntries(looping().getFunctionRegistry()), 'looping/pass': pass }
    const { run, fork } = lab(functionRegistry)
    const source = await run(until(2))
    expect(source.status).toBe('completed')
    const first = await fork(source, { at: 'end', rerun: ['step'], blueprint: until(4) })
    expect(first.at('end').context['count']).toBe(4)
    expectFits(until(4), first)
    const second = await fork(first, { at: 'end', rerun: ['count'], blueprint: until(3) })
    expect(second.at('end').context['count']).toBe(3)
    expectFits(until(3), second)
    expect(verifyRecording(until(4), second)).toMatchObject({ ok: false, divergence: { nodeId: 'again' } })
  })

  it('where what failed for all ran again, and others had been ready since', async () => {
    let hasFailed = false
    const failing = createFlow('failing')
      .node('start', give(1))
      .node('risk', async () => {
        if (hasFailed) return { output: 1 }
        hasFailed = true
        throw new FlowcraftError('No way on', { isFatal: true })
      })
      .node('beside', pass)
      .edge('start', 'risk')
      .edge('start', 'beside')
    const { run, fork } = lab(failing.getFunctionRegistry())
    const source = await run(failing.toBlueprint(), {}, { concurrency: 1 })
    expect(source.at('end').node('beside')?.status).toBe('pending')
    const forked = await fork(source, { at: 'end', rerun: ['risk'] })
    expect(forked.at('end').node('beside')?.status).toBe('completed')
    expectFits(failing.toBlueprint(), forked)
  })

  it('where a node ran again that had written a key, with what that was before', async () => {
    let calls = 0
    const noting = createFlow('noting')
      .node('note', async ({ context }: NodeContext) => {
        calls += 1
        if (calls === 1) await context.set('noted', true)
        return { output: calls }
      })
      .node('first', pass)
      .node('again', pass)
      .edge('note', 'first', { condition: 'noted' })
      .edge('note', 'again', { condition: '!noted' })
    const { run, fork } = lab(noting.getFunctionRegistry())
    const source = await run(noting.toBlueprint(), { noted: false })
    expect(source.at('end').node('first')?.status).toBe('completed')
    const forked = await fork(source, { at: 'end', rerun: ['note'] })
    expect(forked.at('end').node('again')?.status).toBe('completed')
    expectFits(noting.toBlueprint(), forked)
  })

  it('where a batch ran again, dealt out otherwise', async () => {
    const batching = (chunkSize: number) =>
      createFlow('batching')
        .node('list', give([1, 2, 3, 4]))
        .node('beside', pass)
        .batch('each', async ({ input }: NodeContext) => ({ output: input }), { inputKey: 'list', chunkSize })
        .node('end', pass)
        .edge('list', 'each')
        .edge('list', 'beside')
        .edge('each', 'end')
    const { run, fork } = lab(batching(1).getFunctionRegistry())
    const source = await run(batching(1).toBlueprint())
    const other = changed(batching(2).toBlueprint(), (copy) => copy.edges.reverse())
    const forked = await fork(source, { at: 'end', rerun: ['each'], blueprint: other })
    expect(forked.status).toBe('completed')
    expectFits(other, forked)
    expect(verifyRecording(batching(1).toBlueprint(), forked)).toMatchObject({
      ok: false,
      divergence: { expected: { type: 'batch:start' } },
    })
  })

  it('where a node ran again that creates others, beside one that does so as well', async () => {
    const creating = () =>
      createFlow('creating')
        .node('start', give(1))
        .node('first', async () => ({
          output: 1,
          dynamicNodes: [{ id: 'a', uses: 'creating/pass' }],
          dynamicEdges: [{ source: 'first', target: 'a' }],
        }))
        .node('second', async () => ({
          output: 1,
          dynamicNodes: [{ id: 'b', uses: 'creating/pass' }],
          dynamicEdges: [
            { source: 'second', target: 'b', condition: 'input == 1' },
            { source: 'b', target: 'end' },
          ],
        }))
        .node('end', pass)
        .edge('start', 'first')
        .edge('start', 'second')
        .edge('second', 'end')
        .edge('first', 'end', { condition: 'input > 5' })
    const under = (limit: number): WorkflowBlueprint =>
      changed(creating().toBlueprint(), (copy) => {
        edgeOf(copy, 'first', 'end').condition = `input > ${limit}`
        copy.edges.push({ source: 'end', target: 'more' })
        copy.nodes.push({ id: 'more', uses: 'creating/pass' })
        if (limit < 0) copy.edges.reverse()
      })
    const functionRegistry = { ...Object.fromEntries(creating().getFunctionRegistry()), 'creating/pass': pass }
    const { run, fork } = lab(functionRegistry)
    const source = await run(creating().toBlueprint())
    for (const node of ['first', 'second']) {
      const forked = await fork(source, {
        at: 'end',
        rerun: node === 'first' ? ['first'] : ['first', 'second'],
        blueprint: under(-1),
      })
      expect(forked.status).toBe('completed')
      expectFits(under(-1), forked)
      const again = await fork(forked, { at: 'end', rerun: ['first'], blueprint: under(4) })
      expectFits(under(4), again)
    }
  })
})

describe('what a later blueprint was the first to have', () => {
  const short = () =>
    createFlow('short').node('start', give(1)).node('end', pass, { inputs: 'start' }).edge('start', 'end')
  const functionRegistry = { ...Object.fromEntries(short().getFunctionRegistry()), 'short/pass': pass }

  /** With a node beside the way, and, if it leads on, before the end. */
  const longer = (condition: string, leadsOn: boolean): WorkflowBlueprint =>
    changed(short().toBlueprint(), ({ nodes, edges }) => {
      nodes.unshift({ id: 'new', uses: 'short/pass' })
      edges.unshift({ source: 'start', target: 'new', condition, transform: 'limit' })
      if (leadsOn) edges.unshift({ source: 'new', target: 'end' })
    })

  it('is decided with what is there when that blueprint comes, and not missed before', async () => {
    const { run, fork } = lab(functionRegistry)
    const source = await run(short().toBlueprint(), { limit: 5 })
    const blueprint = longer('input < limit', false)
    const forked = await fork(source, { at: 'end', blueprint, set: { limit: 2 } })
    expect(forked.at('end').node('new')).toMatchObject({ status: 'completed', output: 2 })
    expectFits(blueprint, forked)
    const refused = await fork(forked, { at: 'end', rerun: ['start'], set: { limit: 0 } })
    expect(refused.at('end').node('new')?.status).toBe('skipped')
    expectFits(blueprint, refused)
    expect(verifyRecording(longer('input > limit', false), forked)).toMatchObject({
      ok: false,
      divergence: { edge: { source: 'start', target: 'new' }, expected: { result: true, value: '2' } },
    })
  })

  it('may be skipped before what is there already', async () => {
    const { run, fork } = lab(functionRegistry)
    const source = await run(short().toBlueprint(), { limit: 0 })
    const blueprint = longer('input < limit', true)
    const forked = await fork(source, { at: 'end', blueprint })
    expect(forked.at('end').node('new')?.status).toBe('skipped')
    expectFits(blueprint, forked)
    // Without it, it is none of the blueprint's business.
    expectFits(short().toBlueprint(), forked)
  })

  it('is decided by the blueprint after that one, where that was the first', async () => {
    const { run, fork } = lab(functionRegistry)
    const source = await run(short().toBlueprint(), { limit: 5 })
    const blueprint = changed(short().toBlueprint(), ({ nodes }) => nodes.reverse())
    const between = await fork(source, { at: 'end', blueprint })
    const forked = await fork(between, { at: 'end', blueprint: longer('input < limit', false), set: { limit: 3 } })
    expect(forked.at('end').node('new')?.output).toBe(3)
    expectFits(longer('input < limit', false), forked)
  })

  it('is decided so wherever the history was cut off', async () => {
    const { run, fork } = lab(functionRegistry)
    const source = await run(longer('input > limit', false), { limit: 5 })
    const blueprint = changed(longer('input > limit', false), ({ nodes, edges }) => {
      nodes.push({ id: 'newer', uses: 'short/pass' })
      edges.unshift({ source: 'start', target: 'newer', condition: 'input < limit - 1', transform: 'limit' })
    })
    for (let at = 0; at < source.length; at += 1) {
      const forked = await fork(source, { at, blueprint, set: { limit: 4 } })
      expect(forked.at('end').node('newer')?.output).toBe(4)
      expectFits(blueprint, forked)
    }
  })
})

describe('a run that went on under another blueprint', () => {
  const asking = () =>
    createFlow('asking')
      .node('ask', give(5))
      .node('never', pass)
      .wait('approval')
      .node('yes', pass)
      .node('no', pass)
      .edge('ask', 'approval', { condition: 'input == 5' })
      .edge('ask', 'never', { condition: 'input > 100' })
      .edge('approval', 'yes', { condition: 'input > 10' })
      .edge('approval', 'no', { condition: 'input <= 10' })
  const lower = changed(asking().toBlueprint(), (copy) => {
    edgeOf(copy, 'ask', 'approval').condition = 'input > 4'
    edgeOf(copy, 'approval', 'yes').condition = 'input > 3'
    edgeOf(copy, 'approval', 'no').condition = 'input <= 3'
    // It was not taken.
    copy.edges.splice(copy.edges.indexOf(edgeOf(copy, 'ask', 'never')), 1)
    copy.nodes.splice(copy.nodes.indexOf(nodeOf(copy, 'never')), 1)
    copy.edges.reverse()
  })

  async function resumed(output: number): Promise<Recording> {
    const functionRegistry = asking().getFunctionRegistry()
    const { run, open, runtimeAgain } = lab(functionRegistry)
    const source = await run(asking().toBlueprint())
    const options = { functionRegistry, allowChanged: true }
    await runtimeAgain().resume(lower, source.executionId, { output }, 'approval', options)
    return open(source.executionId)
  }

  it('holds the decisions of that one, though edges have moved and one is gone', async () => {
    const recording = await resumed(5)
    expect(recording.events.some(({ payload }) => 'edges' in payload)).toBe(true)
    expectFits(lower, recording)
  })

  it('holds those of the one before only where that would have decided alike', async () => {
    expectFits(asking().toBlueprint(), await resumed(20))
    expect(verifyRecording(asking().toBlueprint(), await resumed(5))).toMatchObject({
      ok: false,
      divergence: { edge: { source: 'approval' } },
    })
  })

  it('does not ask again what the one before had asked in the same words', async () => {
    const expressions = new ExpressionEvaluator()
    const asked: string[] = []
    const evaluator: IEvaluator = {
      evaluate(expression, scope) {
        asked.push(expression)
        return expressions.evaluate(expression, scope)
      },
    }
    expect(verifyRecording(asking().toBlueprint(), await resumed(20), { evaluator })).toEqual({ ok: true })
    expect(asked).not.toContain('input == 5')
    expect(asked).toContain('input > 10')
  })
})
