import { transformMeanings } from '../generator/transforms.ts'
import { edgeOf, nodeOf } from './look-up.ts'
import type { Table } from './table.ts'

/** A value that the rules tell, one of which they tell the parts, or one about which they say nothing. */
export type Known = { readonly value: unknown } | { readonly parts: Readonly<Record<string, unknown>> } | 'unknown'

/** What a node gets from the edges that deliver. */
export function inputOf(table: Table, id: string, deliveries: readonly number[]): Known {
  const { shape } = table
  const { inputs, config } = nodeOf(table, id)
  if (typeof inputs === 'object') {
    const parts = Object.entries(inputs).map(([name, key]) => [name, resolve(table, key)] as const)
    if (parts.some(([, part]) => part === 'unknown')) return 'unknown'
    return {
      parts: Object.fromEntries(parts.map(([name, part]) => [name, part === 'unknown' ? undefined : part.value])),
    }
  }
  const hasTransform = deliveries.some((index) => shape.edges[index]!.transform !== undefined)
  if (inputs !== undefined && !hasTransform) return resolve(table, inputs)
  const first = deliveries[0]
  const isBack = first !== undefined && shape.backEdges.has(first)
  const sources = shape.edges.filter(({ target }, index) => target === id && !shape.backEdges.has(index))
  const isSingle = config?.joinStrategy === 'any' || new Set(sources.map(({ source }) => source)).size < 2
  if (isBack || isSingle) return { value: first === undefined ? undefined : edgeOf(table, first).value }
  return {
    parts: Object.fromEntries(deliveries.map((index) => [shape.edges[index]!.source, edgeOf(table, index).value])),
  }
}

/** What an edge delivers, or that its transform throws. */
export function delivered(table: Table, index: number, output: unknown): { value: unknown; isFaulty: boolean } {
  const { transform } = table.shape.edges[index]!
  if (transform === undefined) return { value: output, isFaulty: false }
  try {
    return { value: transformMeanings[transform]!(output, readKey(table, 'flag')), isFaulty: false }
  } catch {
    return { value: undefined, isFaulty: true }
  }
}

/** A key of the context. */
export function readKey({ written, outputs, inputs }: Table, key: string): unknown {
  const write = written.get(key)
  if (write !== undefined) return write === 'deleted' ? undefined : write.value
  if (key.startsWith('_outputs.')) return outputs.get(key.slice('_outputs.'.length))
  if (key.startsWith('_inputs.')) return inputs.get(key.slice('_inputs.'.length))
  return outputs.get(key)
}

/** A name in `inputs`. */
function resolve(table: Table, key: string): { readonly value: unknown } | 'unknown' {
  const { outputs, shape } = table
  if (key.startsWith('_')) return { value: readKey(table, key) }
  const isNode = (id: string): boolean => shape.nodes.some((node) => node.id === id)
  if (isNode(key)) {
    const output = outputs.get(key)
    return { value: output === undefined ? readKey(table, key) : output }
  }
  const [root, property] = key.split('.')
  if (root === undefined || property === undefined) return { value: readKey(table, key) }
  const output = outputs.get(root)
  const own = ownProperty(output, property)
  // Whether a path that leads nowhere "exists" is nothing that a flow should rest on.
  if (own === undefined && table.written.has(root)) return 'unknown'
  return { value: own }
}

function ownProperty(value: unknown, property: string): unknown {
  const isOwn = typeof value === 'object' && value !== null && Object.hasOwn(value, property)
  return isOwn ? Reflect.get(value, property) : undefined
}
