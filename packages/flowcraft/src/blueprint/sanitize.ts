import { BlueprintError } from '../errors.ts'
import type { EdgeDefinition, NodeConfig, NodeDefinition, WorkflowBlueprint } from './blueprint.ts'

/** How deep `params` and `metadata` may nest. */
const maxDepth = 1_000

/** How many values one `params` or `metadata` may hold, so that a structure that shares its parts cannot explode. */
const maxValues = 1_000_000

/**
 * A blueprint from data of unknown origin, such as the JSON that a drawing tool saves: a copy with the properties that
 * the engine knows, and nothing else. `nodes` and `edges` may be arrays, or objects whose values are taken. An optional
 * property that is `null` counts as absent. `params` and `metadata` are copied whole; they hold plain data.
 *
 * @throws `BlueprintError` that lists every value of a wrong type. Whether the ids fit together is checked later.
 */
export function sanitizeBlueprint(raw: unknown): WorkflowBlueprint {
  const faults: string[] = []
  const fields = new Fields(raw, '', faults)
  const blueprint = withoutAbsent<WorkflowBlueprint>({
    id: fields.text('id'),
    nodes: fields.items('nodes', toNode),
    edges: fields.items('edges', toEdge),
    metadata: fields.data('metadata'),
  })
  if (faults.length > 0) throw new BlueprintError(blueprint.id || '(without id)', faults)
  return blueprint
}

function toNode(node: Fields): NodeDefinition {
  return withoutAbsent<NodeDefinition>({
    id: node.text('id'),
    uses: node.text('uses'),
    params: node.data('params'),
    inputs: node.textOrTexts('inputs'),
    config: node.nested('config', toConfig),
  })
}

function toConfig(config: Fields): NodeConfig {
  return withoutAbsent<NodeConfig>({
    maxRetries: config.number('maxRetries'),
    retryDelay: config.number('retryDelay'),
    retryBackoff: config.oneOf('retryBackoff', ['fixed', 'exponential']),
    retryMaxDelay: config.number('retryMaxDelay'),
    timeout: config.number('timeout'),
    fallback: config.optionalText('fallback'),
    joinStrategy: config.oneOf('joinStrategy', ['all', 'any']),
  })
}

function toEdge(edge: Fields): EdgeDefinition {
  return withoutAbsent<EdgeDefinition>({
    source: edge.text('source'),
    target: edge.text('target'),
    action: edge.optionalText('action'),
    condition: edge.optionalText('condition'),
    transform: edge.optionalText('transform'),
  })
}

function withoutAbsent<T extends object>(record: T): T {
  // Only properties whose type allows `undefined` can be dropped.
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T
}

/** The own properties of one object of unknown shape. What has the wrong type is noted under its path, and left out. */
class Fields {
  readonly #owner: object
  readonly #path: string
  readonly #faults: string[]

  constructor(owner: unknown, path: string, faults: string[]) {
    const isOwner = isObject(owner)
    if (!isOwner) faults.push(`${path || 'the blueprint'} is ${kindOf(owner)}; expected an object`)
    this.#owner = isOwner ? owner : blank
    this.#path = path
    this.#faults = faults
  }

  text(key: string): string {
    const value = this.#get(key)
    return typeof value === 'string' ? value : (this.#expected(key, 'a string') ?? '')
  }

  optionalText(key: string): string | undefined {
    const value = this.#get(key)
    return value === undefined || typeof value === 'string' ? value : this.#expected(key, 'a string')
  }

  number(key: string): number | undefined {
    const value = this.#get(key)
    return value === undefined || typeof value === 'number' ? value : this.#expected(key, 'a number')
  }

  oneOf<T extends string>(key: string, options: readonly T[]): T | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    return options.find((option) => option === value) ?? this.#expected(key, options.map((o) => `'${o}'`).join(' or '))
  }

  textOrTexts(key: string): string | Record<string, string> | undefined {
    const value = this.#get(key)
    if (value === undefined || typeof value === 'string') return value
    if (!isObject(value)) return this.#expected(key, 'a string or an object of strings')
    const texts = new Fields(value, this.#pathOf(key), this.#faults)
    return Object.fromEntries(Object.keys(value).map((name) => [name, texts.text(name)]))
  }

  nested<T>(key: string, read: (fields: Fields) => T): T | undefined {
    const value = this.#get(key)
    return value === undefined ? undefined : read(new Fields(value, this.#pathOf(key), this.#faults))
  }

  items<T>(key: string, read: (fields: Fields) => T): T[] {
    const value = this.#get(key)
    const path = this.#pathOf(key)
    if (Array.isArray(value)) {
      return Array.from(value, (item, index) => read(new Fields(item, `${path}[${index}]`, this.#faults)))
    }
    if (isObject(value)) {
      return Object.entries(value).map(([name, item]) => read(new Fields(item, `${path}.${name}`, this.#faults)))
    }
    return this.#expected(key, 'an array or an object') ?? []
  }

  data(key: string): Record<string, unknown> | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    if (!isObject(value)) return this.#expected(key, 'an object')
    try {
      // The copy of an object is an object.
      return copyPlainData(value, this.#pathOf(key)) as Record<string, unknown>
    } catch (error) {
      this.#faults.push(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#owner, key) ? (Reflect.get(this.#owner, key) ?? undefined) : undefined
  }

  #expected(key: string, type: string): undefined {
    if (this.#owner === blank) return
    this.#faults.push(`${this.#pathOf(key)} is ${kindOf(this.#get(key))}; expected ${type}`)
  }

  #pathOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }
}

/** Stands for an owner that is no object: one fault for it is enough. */
const blank: object = {}

function copyPlainData(data: object, root: string): unknown {
  let values = 0
  const copy = (value: unknown, path: string, depth: number): unknown => {
    if (++values > maxValues) throw new Error(`${root} holds more than ${maxValues} values`)
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new Error(`${path} is ${kindOf(value)}, which is not plain data`)
    }
    if (typeof value !== 'object' || value === null) return value
    if (depth > maxDepth) throw new Error(`${root} is nested more than ${maxDepth} deep, or holds itself`)
    if (Array.isArray(value)) return Array.from(value, (item, index) => copy(item, `${path}[${index}]`, depth + 1))
    if (!isObject(value)) throw new Error(`${path} is ${kindOf(value)}, which is not plain data`)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, copy(item, `${path}.${key}`, depth + 1)]),
    )
  }
  return copy(data, root, 1)
}

/** Whether `value` is an object as JSON has them, from any realm: no array, no instance of a class. */
function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return value.length > 40 ? 'a long string' : `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`
  if (typeof value === 'symbol') return 'a symbol'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return isObject(value) ? 'an object' : 'an instance of a class'
}
