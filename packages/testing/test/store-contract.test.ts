import { InMemoryEventStore, type EventStore, type FlowcraftEvent, type IEventStore } from 'flowcraft'
import { describe, expect, it } from 'vitest'
import { eventStoreContract, eventStoreContractWithout, type StoreCapability } from '@flowcraft/testing'

const all = [...new Set(eventStoreContract.flatMap(({ needs }) => needs))]

/** What a custom store must have, and no more. */
class MapStore implements IEventStore {
  readonly #histories = new Map<string, FlowcraftEvent[]>()

  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    this.#histories.set(executionId, [...(this.#histories.get(executionId) ?? []), event])
  }

  async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
    return [...(this.#histories.get(executionId) ?? [])]
  }

  async retrieveMultiple(executionIds: string[]): Promise<Map<string, FlowcraftEvent[]>> {
    return new Map(await Promise.all(executionIds.map(async (id) => [id, await this.retrieve(id)] as const)))
  }
}

describe('a store with three methods', () => {
  for (const { promise, check } of eventStoreContractWithout(all)) it(promise, () => check(() => new MapStore()))
})

describe('the contract', () => {
  it('has promises for every capability, each with a name of its own', () => {
    expect(new Set(all)).toEqual(new Set([...capabilitiesOf(new InMemoryEventStore()), 'openAgain']))
    const promises = eventStoreContract.map(({ promise }) => promise)
    expect(new Set(promises).size).toBe(promises.length)
  })

  it('tells a store that lacks something undeclared what to do', async () => {
    const { check } = eventStoreContract.find(({ needs }) => needs.includes('list'))!
    await expect(check(() => new MapStore())).rejects.toThrow(/offers no 'append', 'list'.*eventStoreContractWithout/)
  })

  it('finds a store out that has what it is said to lack, and one that lacks what it is said to have', async () => {
    const [offersAllButList] = eventStoreContractWithout(['list', 'openAgain'])
    await expect(offersAllButList!.check(() => new InMemoryEventStore())).rejects.toThrow(/lacks 'list'/)
    const [offersAllButAgain] = eventStoreContractWithout(['openAgain'])
    await expect(offersAllButAgain!.check(() => new MapStore())).rejects.toThrow(/offers 'append'/)
    await offersAllButAgain!.check(() => new InMemoryEventStore())
  })

  it('says which promise is broken, what was found and what was expected', async () => {
    class Forgetful extends MapStore {
      override async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
        return (await super.retrieve(executionId)).slice(0, 2)
      }
    }
    const [{ check }] = eventStoreContract as [(typeof eventStoreContract)[number]]
    await expect(check(() => new Forgetful())).rejects.toThrow(
      /breaks its promise 'gives back what was stored one by one, in order'.*length 2, expected 14/,
    )
  })

  it('closes every store that it opens, also when a promise is broken', async () => {
    const closed: EventStore[] = []
    class Closing extends MapStore {
      async close(): Promise<void> {
        closed.push(this)
      }

      override async retrieve(): Promise<FlowcraftEvent[]> {
        throw new Error('broken')
      }
    }
    const [{ check }] = eventStoreContract as [(typeof eventStoreContract)[number]]
    await expect(check(() => new Closing())).rejects.toThrow(/broken/)
    expect(closed).toHaveLength(1)
  })

  it('works with stores that open slowly', async () => {
    const cases = eventStoreContractWithout(['openAgain'])
    await cases[1]!.check({ open: async () => await Promise.resolve(new InMemoryEventStore()) })
  })
})

function capabilitiesOf(store: object): StoreCapability[] {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(store))
  const three = ['constructor', 'store', 'retrieve', 'retrieveMultiple']
  // What a full store offers besides the three methods is what there is.
  return own.filter((name) => !three.includes(name)) as StoreCapability[]
}
