import type { Scope } from './compile.ts'
import type { IEvaluator } from './evaluator.ts'
import { readOwn } from './operators.ts'

/**
 * Reads dot paths, such as `result.output.status`, and nothing else. Only own properties are seen, and a path that
 * leads nowhere is `undefined`. An expression with other characters than `[a-zA-Z0-9_$.]` is reported with
 * `console.error` and is `undefined`.
 */
export class PropertyEvaluator implements IEvaluator {
  readonly neverWrites = true
  evaluate(expression: string, context: Scope): unknown {
    if (isPath(expression)) return expression.split('.').reduce<unknown>(readOwn, context)
    console.error(`PropertyEvaluator reads dot paths of [a-zA-Z0-9_$.] only; '${expression}' is undefined`)
    return undefined
  }

  /** The first part of the path. */
  names(expression: string): readonly string[] {
    return isPath(expression) ? expression.split('.', 1) : []
  }
}

function isPath(expression: string): boolean {
  return /^[a-zA-Z0-9_$.]+$/.test(expression)
}
