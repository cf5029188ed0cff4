import { CustomValue } from './custom-value.ts'
import type { PathStep } from './value-path.ts'
import { stepOfMapKey } from './value-path.ts'

/** A custom value in a recorded value, and the path to it. */
export interface FoundCustomValue {
  readonly path: readonly PathStep[]
  readonly type: string
}

/** A custom value in `recorded` that is part of itself. Linear in the parts: Tarjan's strongly connected components. */
export function customInCycle(recorded: object): FoundCustomValue | undefined {
  const search = new Search()
  search.visit(recorded)
  return search.found
}

class Search {
  found: FoundCustomValue | undefined
  /** The order in which objects were visited; `Infinity` for those whose component is complete. */
  readonly #numbers = new Map<object, number>()
  /** The objects whose component is not complete yet. */
  readonly #open: object[] = []
  readonly #path: PathStep[] = []
  readonly #foundCustom = new Map<object, FoundCustomValue>()

  /** The least number that was reached from `object`. */
  visit(object: object): number {
    const own = this.#numbers.size
    let least = own
    this.#numbers.set(object, own)
    this.#open.push(object)
    if (object instanceof CustomValue) this.#foundCustom.set(object, { path: [...this.#path], type: object.type })
    for (const [step, part] of partsOf(object)) {
      if (typeof part !== 'object' || part === null) continue
      this.#path.push(step)
      least = Math.min(least, this.#numbers.get(part) ?? this.visit(part))
      this.#path.pop()
    }
    if (least === own) this.#complete(object)
    return least
  }

  #complete(first: object): void {
    const members = this.#open.splice(this.#open.lastIndexOf(first))
    for (const member of members) this.#numbers.set(member, Infinity)
    const isCycle = members.length > 1 || (first instanceof CustomValue && first.encoded === first)
    const custom = isCycle ? members.find((member) => this.#foundCustom.has(member)) : undefined
    if (custom !== undefined) this.found ??= this.#foundCustom.get(custom)
  }
}

function* partsOf(object: object): Generator<readonly [PathStep, unknown]> {
  if (object instanceof Map) {
    let index = 0
    for (const [key, value] of object) {
      yield [{ text: `.keys()[${index}]` }, key]
      yield [stepOfMapKey(key, index++), value]
    }
  } else if (object instanceof Set) {
    let index = 0
    for (const item of object) yield [{ text: `.values()[${index++}]` }, item]
  } else if (object instanceof CustomValue) {
    yield [{ text: '.encode()' }, object.encoded]
  } else if (!ArrayBuffer.isView(object)) {
    const isList = Array.isArray(object)
    for (const key of Object.getOwnPropertyNames(object)) yield [isList ? Number(key) : key, Reflect.get(object, key)]
  }
}
