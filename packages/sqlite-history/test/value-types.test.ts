import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CustomValue, FlowRuntime } from 'flowcraft'
import { centsIn, Money, withInstances } from '../../flowcraft/test/events/custom-values.ts'
import { runWithInstances } from '../../flowcraft/test/events/run-with-instances.ts'
import { portrait } from '../../flowcraft/test/events/values.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { checkedWith } from '../../flowcraft/test/laws/runs.ts'

it('any value with instances in it is the same in a run and in its replay from the file', async () => {
  const store = new SqliteHistoryAdapter({ databasePath: ':memory:' })
  await fc.assert(
    fc.asyncProperty(withInstances(), async (value) => {
      const { result, replayed } = await runWithInstances(value, store)
      expect(portrait(replayed.context)).toBe(portrait(result.context))
      expect(centsIn(replayed.context)).toEqual(centsIn(result.context))
    }),
    checkedWith(40),
  )
  await store.close()
})

it('the store and a runtime without the types read markers', async () => {
  const store = new SqliteHistoryAdapter({ databasePath: ':memory:' })
  const { events } = await runWithInstances(new Money(5n, 'EUR'), store)
  await store.close()
  const marker = new CustomValue('Money', { cents: 5n, currency: 'EUR' })
  const started = events.find((event) => event.type === 'workflow:start')
  expect(started?.payload.initialContext).toStrictEqual({ initial: marker })
  const { context } = await new FlowRuntime().replay({ id: 'ways', nodes: [], edges: [] }, events)
  expect(context['a']).toStrictEqual(marker)
})
