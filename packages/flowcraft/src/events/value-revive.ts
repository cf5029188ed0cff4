import { SerializationError } from '../errors.ts'
import { CustomValue } from './custom-value.ts'
import { errorNamed, setErrorPart } from './error-parts.ts'
import { leafTypeNamed } from './leaf-types.ts'
import { makeReadOnly } from './read-only.ts'
import { markRecorded } from './recorded-mark.ts'
import { maxDepth } from './deep-copy.ts'
import { put } from './own-property.ts'

/** Room for the plain data that events wrap round a recorded value of the greatest depth. */
export const maxEncodedDepth: number = maxDepth + 100

/** Freezes plain data from `JSON.parse` in place. */
export function freezePlain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  checkDepth(depth)
  if (Array.isArray(value)) for (const item of value) freezePlain(item, depth + 1)
  // Own keys only, so that `__proto__` is one like any other.
  else for (const key of Object.keys(value)) freezePlain((value as Record<string, unknown>)[key], depth + 1)
  return Object.freeze(markRecorded(value))
}

/**
 * The value that parsed JSON and its parsed type notes stand for, deep-frozen.
 *
 * @throws SerializationError (`SERIALIZATION_FAILED`) when the notes are damaged or do not fit.
 */
export function reviveWithNotes(json: unknown, notes: unknown): unknown {
  const reviver = new Reviver()
  const value = reviver.revive(json, treeOf(notes), 0)
  if (reviver.applied !== listOf(notes).length) throw damaged('a type note leads to no part of the value')
  return value
}

/** The notes by path; keys are looked up in Maps, so that none reaches a prototype. */
class NoteTree {
  type: string | undefined
  extra: unknown
  /** The tree at the path that a `ref` names. */
  target: NoteTree | undefined
  /** What was revived here. */
  object: object | undefined
  readonly #children = new Map<unknown, NoteTree>()

  child(step: string | number): NoteTree | undefined {
    return this.#children.get(step)
  }

  childOrNew(step: unknown): NoteTree {
    const child = this.#children.get(step) ?? new NoteTree()
    this.#children.set(step, child)
    return child
  }
}

function treeOf(notes: unknown): NoteTree {
  const root = new NoteTree()
  for (const note of listOf(notes)) {
    const [path, type, extra] = listOf(note)
    const tree = treeAt(root, path)
    if (typeof type !== 'string' || tree.type !== undefined) throw damaged('a part has no type, or two')
    tree.type = type
    tree.extra = extra
    if (type === 'ref') tree.target = treeAt(root, extra)
  }
  return root
}

function treeAt(root: NoteTree, path: unknown): NoteTree {
  return listOf(path).reduce<NoteTree>((tree, step) => tree.childOrNew(step), root)
}

class Reviver {
  /** The number of notes that were used. */
  applied = 0

  revive(json: unknown, tree: NoteTree | undefined, depth: number): unknown {
    if (!tree) return freezePlain(json, depth)
    checkDepth(depth)
    if (tree.type !== undefined) this.applied++
    switch (tree.type) {
      case undefined:
        return this.#plain(json, tree, depth)
      case 'Map':
        return this.#map(json, tree, depth)
      case 'Set':
        return this.#set(json, tree, depth)
      case 'Error':
        return this.#error(json, tree, depth)
      case 'custom':
        return this.#custom(json, tree, depth)
      case 'keys':
        return this.#record(json, tree, depth)
      case 'ref':
        return tree.target?.object ?? fail('a reference leads nowhere')
      case 'undefined':
        return undefined
      case 'number':
        return numbers.get(json) ?? fail('a number is not one of those that need a note')
      case 'bigint':
        return bigIntOf(json)
      case 'string':
        return typeof tree.extra === 'string' ? tree.extra : fail('a string is missing')
      default:
        tree.object = finish(leafOf(tree.type, json, tree.extra))
        return tree.object
    }
  }

  #plain(json: unknown, tree: NoteTree, depth: number): unknown {
    if (Array.isArray(json)) return this.#array(json, tree, depth)
    return typeof json === 'object' && json !== null ? this.#record(json, tree, depth) : json
  }

  #array(json: readonly unknown[], tree: NoteTree, depth: number): unknown {
    const array: unknown[] = []
    tree.object = array
    for (const item of json) array.push(this.revive(item, tree.child(array.length), depth + 1))
    return finish(array)
  }

  #record(json: unknown, tree: NoteTree, depth: number): unknown {
    const record: Record<string, unknown> = {}
    tree.object = record
    const keys = keysOf(tree.extra)
    for (const [name, part] of partsOf(json)) {
      put(record, keys.get(name) ?? name, this.revive(part, tree.child(name), depth + 1))
    }
    return finish(record)
  }

  #map(json: unknown, tree: NoteTree, depth: number): unknown {
    const map = new Map<unknown, unknown>()
    tree.object = map
    for (const [index, entry] of listOf(json).entries()) {
      const [key, value, ...rest] = listOf(entry)
      if (rest.length > 0) throw damaged('a Map entry is not a pair')
      const steps = tree.child(index)
      const revivedKey = this.revive(key, steps?.child(0), depth + 1)
      map.set(revivedKey, this.revive(value, steps?.child(1), depth + 1))
    }
    return finish(map)
  }

  #set(json: unknown, tree: NoteTree, depth: number): unknown {
    const set = new Set<unknown>()
    tree.object = set
    for (const [index, item] of listOf(json).entries()) set.add(this.revive(item, tree.child(index), depth + 1))
    return finish(set)
  }

  #error(json: unknown, tree: NoteTree, depth: number): unknown {
    const { name, message, ...others } = Object.fromEntries(partsOf(json))
    const error = errorNamed(this.#text(name, tree, 'name', depth), this.#text(message, tree, 'message', depth))
    tree.object = error
    const keys = keysOf(tree.extra)
    for (const [key, part] of Object.entries(others)) {
      setErrorPart(error, keys.get(key) ?? key, this.revive(part, tree.child(key), depth + 1))
    }
    return finish(error)
  }

  #custom(json: unknown, tree: NoteTree, depth: number): unknown {
    const parts = new Map(partsOf(json))
    if (parts.size !== 2 || !parts.has('encoded')) throw damaged('a custom value is not a type and what is encoded')
    const type = this.#text(parts.get('type'), tree, 'type', depth)
    const custom = new CustomValue(type, undefined)
    tree.object = custom
    const encoded = this.revive(parts.get('encoded'), tree.child('encoded'), depth + 1)
    return finish(Object.assign(custom, { encoded }))
  }

  #text(json: unknown, tree: NoteTree, key: string, depth: number): string {
    const text = this.revive(json, tree.child(key), depth + 1)
    return typeof text === 'string' ? text : fail(`its ${key} is not a string`)
  }
}

const numbers = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

function bigIntOf(json: unknown): bigint {
  return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : fail('a bigint is not written in digits')
}

function keysOf(extra: unknown): Map<unknown, string> {
  const renames = extra === undefined ? [] : listOf(extra)
  return new Map(
    renames.map((rename) => {
      const [name, key] = listOf(rename)
      return [name, typeof key === 'string' ? key : fail('a key is not a string')]
    }),
  )
}

function leafOf(type: string, json: unknown, extra: unknown): object {
  const leaf = leafTypeNamed(type) ?? fail(`there is no type '${type}'`)
  try {
    return leaf.decode(json, extra) ?? fail('its text does not fit')
  } catch (cause) {
    throw damaged(`a part cannot be read as ${type}`, cause)
  }
}

function partsOf(json: unknown): [string, unknown][] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail('an object is missing')
  return Object.entries(json)
}

function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : fail('a list is missing')
}

function finish<T extends object>(object: T): T {
  return makeReadOnly(markRecorded(object))
}

function checkDepth(depth: number): void {
  if (depth > maxEncodedDepth) fail(`it is nested deeper than ${maxEncodedDepth} levels`)
}

function fail(fault: string): never {
  throw damaged(fault)
}

function damaged(fault: string, cause?: unknown): SerializationError {
  return new SerializationError(`Recorded text is damaged: ${fault}`, { cause })
}
