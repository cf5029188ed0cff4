import type { EventStore } from 'flowcraft'

type Method = (...args: never[]) => unknown

/** Methods in the place of a store's own; `undefined` for one that it shall not have. */
export type ReplacedMethods = { readonly [Name in keyof EventStore]?: EventStore[Name] | undefined }

/** `store` with some methods replaced. */
export function wrappedStore(store: EventStore, replaced: ReplacedMethods): EventStore {
  return new Proxy(store, {
    get: (target, key) => (Object.hasOwn(replaced, key) ? Reflect.get(replaced, key) : methodOf(target, key)),
  })
}

/** `store`, and a way to learn whether it has been asked for something that it has not answered yet. */
export function watchedStore(store: EventStore): { readonly store: EventStore; isBusy(): boolean } {
  let calls = 0
  const watched = (method: Method): Method => {
    return (...args) => {
      const answer = method(...args)
      if (!(answer instanceof Promise)) return answer
      calls += 1
      return answer.finally(() => (calls -= 1))
    }
  }
  const proxy = new Proxy(store, {
    get(target, key) {
      const method = methodOf(target, key)
      return typeof method === 'function' ? watched(method as Method) : method
    },
  })
  return { store: proxy, isBusy: () => calls > 0 }
}

/** Bound to the store itself: its private fields are not the proxy's. */
function methodOf(store: EventStore, key: string | symbol): unknown {
  const value: unknown = Reflect.get(store, key, store)
  return typeof value === 'function' ? (value as Method).bind(store) : value
}
