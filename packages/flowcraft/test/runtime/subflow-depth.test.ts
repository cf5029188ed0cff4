import { describe, expect, it } from 'vitest'
import { createFlow, type ErrorCause, type NodeContext, type WorkflowError } from 'flowcraft'
import { bench, ways } from './waiting-bench.ts'

/** Calls itself with one less, until nothing is left, and adds one on the way back. */
const countdown = createFlow('countdown')
  .node('in', async ({ input, context }: NodeContext) => {
    const left = Number(input ?? (await context.get('left')))
    return { output: left - 1, action: left > 0 ? 'deeper' : 'bottom' }
  })
  .subflow('deeper', { blueprintId: 'countdown' })
  .node('out', async ({ input }: NodeContext) => ({ output: Number(input) + 1 }), { config: { joinStrategy: 'any' } })
  .edge('in', 'deeper', { action: 'deeper' })
  .edge('in', 'out', { action: 'bottom' })
  .edge('deeper', 'out')

describe.each(ways)('a flow that runs itself, $way', ({ isRecorded }) => {
  it('runs as deep as it wants to', async () => {
    const { runtime, check, log } = bench(isRecorded, { flows: [countdown] })
    const result = await countdown.run(runtime, { left: 5 })
    // At the bottom nothing is added to -1 but the one of its own end.
    expect(result).toMatchObject({ status: 'completed', context: { out: 5 } })
    await check(countdown.toBlueprint(), result)
    if (isRecorded) expect(await log(`${result.executionId}${':deeper#0'.repeat(5)}`)).not.toEqual([])
  })

  it('may be a hundred runs deep, the root included', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [countdown] })
    const result = await countdown.run(runtime, { left: 99 })
    expect(result).toMatchObject({ status: 'completed', context: { out: 99 } })
    await check(countdown.toBlueprint(), result)
  })

  it('fails when it is one deeper than that, and says so at the root', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [countdown] })
    const result = await countdown.run(runtime, { left: 100 })
    expect(result.status).toBe('failed')
    const [error] = result.errors ?? []
    expect(error?.code).toBe('SUBFLOW_FAILED')
    expect(error?.message).toContain('at most 100 may be')
    expect(error?.message.length).toBeLessThan(3000)
    await check(countdown.toBlueprint(), result)
  })

  it('fails with SUBFLOW_TOO_DEEP where it happens', async () => {
    const { runtime, log } = bench(isRecorded, { flows: [countdown] })
    const result = await countdown.run(runtime, { left: 100 })
    if (!isRecorded) return expect(depthOf(result.errors?.[0])).toBeGreaterThan(30)
    const deepest = await log(`${result.executionId}${':deeper#0'.repeat(99)}`)
    expect(deepest.find(({ type }) => type === 'node:error')).toMatchObject({
      payload: { nodeId: 'deeper', error: { code: 'SUBFLOW_TOO_DEEP' } },
    })
    expect(await log(`${result.executionId}${':deeper#0'.repeat(100)}`)).toEqual([])
  })

  it('has its depth also after it went on elsewhere', async () => {
    const asking = createFlow('asking')
      .wait('ask')
      .subflow('deeper', { blueprintId: 'asking' })
      .edge('ask', 'deeper', { action: 'deeper' })
    const options = { flows: [asking] }
    let current = bench(isRecorded, options)
    let result = await asking.run(current.runtime)
    for (let depth = 1; depth < 100; depth += 1) {
      if (depth % 25 === 0) current = current.elsewhere()
      const data = { action: 'deeper' }
      result = await current.runtime.resume(asking.toBlueprint(), result.serializedContext, data)
      expect(result.status).toBe('awaiting')
    }
    const end = await current.runtime.resume(asking.toBlueprint(), result.serializedContext, { action: 'deeper' })
    expect(end.status).toBe('failed')
    expect(end.errors?.[0]?.message).toContain('at most 100 may be')
    await current.check(asking.toBlueprint(), end)
  })
})

function depthOf(error: WorkflowError | ErrorCause | undefined): number {
  return error === undefined ? 0 : 1 + depthOf(error.cause)
}
