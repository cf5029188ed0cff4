import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { runRecorded } from './run-recorded.ts'

const items = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a batch', () => {
  it('gives the results in the order of the items', async () => {
    const flow = createFlow('f')
      .node('list', async () => ({ output: items(5) }))
      .batch('double', async ({ input }: NodeContext) => ({ output: Number(input) * 2 }), { inputKey: 'list', chunkSize: 2 })
      .edge('list', 'double')
    const { result, of } = await runRecorded(flow.toBlueprint(), flow.getFunctionRegistry())
    expect(result).toMatchObject({ status: 'completed', context: { double_gather: [0, 2, 4, 6, 8] } })
    expect(of('batch:start').map(({ payload }) => payload.workerNodeIds)).toEqual([
      ['double[0]', 'double[1]'],
      ['double[2]', 'double[3]'],
      ['double[4]'],
    ])
    expect(Object.keys(result.context).filter((key) => key.includes('['))).toEqual([])
  })
})
