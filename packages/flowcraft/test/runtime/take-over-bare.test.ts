import { expect, it } from 'vitest'
import { createFlow, InMemoryEventStore, type FlowcraftEvent } from 'flowcraft'
import { codeOf, gate, processOn } from './recovery-bench.ts'
import { idle } from './virtual-clock.ts'

it.each([1, 2])(
  'a family that waits %d deep goes on where single events were stored and only the first of them were',
  async (depth) => {
    const memory = new InMemoryEventStore()
    const door = gate()
    const bare = (isSlow = false) => ({
      async store(event: FlowcraftEvent, id: string) {
        if (isSlow && event.type === 'workflow:resume' && id === 'run') await door.opened
        await memory.store(event, id)
      },
      retrieve: memory.retrieve.bind(memory),
      retrieveMultiple: memory.retrieveMultiple.bind(memory),
    })
    const calls: string[] = []
    const child = createFlow('child')
      .wait('ask')
      .node('after', async ({ nodeId }) => (calls.push(nodeId), {}))
      .edge('ask', 'after')
    const middle = createFlow('middle').subflow('sub', { blueprintId: 'child' })
    const root = createFlow('root').subflow('sub', { blueprintId: depth === 1 ? 'child' : 'middle' })
    const flows = [child, middle, root]
    const first = processOn(bare(true), { flows, idGenerator: () => 'run' })
    expect(await first.run(root.toBlueprint())).toMatchObject({ status: 'awaiting' })
    void codeOf(first.resume('run', { output: 1 }))
    await idle()
    await idle()
    const second = processOn(bare(), { flows })
    const rec = await second.recover('run').catch((e) => e)
    const res = rec.status === 'awaiting' ? await second.resume('run', { output: 1 }).catch((e) => e) : rec
    expect(res).toMatchObject({ status: 'completed' })
  },
)
