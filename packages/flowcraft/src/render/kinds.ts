import type { NodeDefinition } from '../blueprint/blueprint.ts'
import type { Shape } from './chart.ts'
import { labelText } from './mermaid-text.ts'

/** What a node is, apart from what becomes of it. Lines are safe for Mermaid. */
export interface Kind {
  readonly shape: Shape
  readonly lines: readonly string[]
}

/** The outline of a node and what it is told to do: the built-in ones have their own, any other is a box. */
export function kindOf({ uses, params, inputs }: NodeDefinition): Kind {
  const told = (words: string, value: unknown): readonly string[] =>
    typeof value === 'string' || typeof value === 'number' ? [`${words} ${labelText(String(value))}`] : []
  switch (uses) {
    case 'loop-controller':
      return { shape: 'hexagon', lines: told('while', params?.['condition']) }
    case 'batch-scatter':
      return { shape: 'trapezoid', lines: typeof inputs === 'string' ? told('each of', inputs) : ['each item'] }
    case 'batch-gather':
      return { shape: 'funnel', lines: [] }
    case 'subflow':
      return { shape: 'subroutine', lines: told('subflow', params?.['blueprintId']) }
    case 'sleep':
      return { shape: 'stadium', lines: told('sleep', durationOf(params?.['duration'])) }
    case 'wait':
      return {
        shape: 'stadium',
        lines: [...told('wait for', params?.['event']), ...told('at most', durationOf(params?.['timeout']))],
      }
    default:
      return { shape: 'box', lines: [] }
  }
}

function durationOf(value: unknown): unknown {
  return typeof value === 'number' ? `${value} ms` : value
}
