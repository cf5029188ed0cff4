import { FlowcraftError } from '../errors.ts'
import { type CompiledExpression, compile, type Scope } from './compile.ts'
import type { IEvaluator } from './evaluator.ts'
import { maxLength, parse } from './parse.ts'

/** How many parsed expressions an evaluator keeps. */
const cacheSize = 1_000

/**
 * The default evaluator: expressions in JavaScript's own syntax and meaning, safe for blueprints from people who are
 * not trusted.
 *
 * It knows names, paths (`a.b`, `a['b c']`, `a[0]`, `a?.b`), texts, numbers, `true`, `false`, `null`, `undefined`,
 * `NaN`, `Infinity`, arrays, `== != === !== < <= > >= in`, `&& || ?? !`, `+ - * / % **`, `typeof` and `? :`. It has no
 * calls, assignments, functions, objects, regular expressions or template literals.
 *
 * Where it is not JavaScript:
 * - Only own properties are seen, of objects, arrays and texts, and the `size` of a Map or Set. So `a.constructor` is
 *   `undefined`, and `key in a` asks for an own key (of an array: an index).
 * - A name that the scope does not have is `undefined`. Reading a property of `undefined` or `null` throws, as ever.
 * - No operator runs user code: in arithmetic and comparisons a Date counts as its time, also for `==`, and any other
 *   object throws, unless it is compared by identity, or to `null`.
 * - An expression has at most 10 000 characters, and `+` makes no text of more than 1 000 000.
 */
export class ExpressionEvaluator implements IEvaluator {
  readonly neverWrites = true
  readonly #cache = new Map<string, CompiledExpression | string>()

  /**
   * @throws `FlowcraftError` with code `EXPRESSION_INVALID` when `expression` cannot be parsed, and `EXPRESSION_FAILED`
   * when it throws.
   */
  evaluate(expression: string, context: Scope): unknown {
    const compiled = this.#compiled(expression)
    if (typeof compiled === 'string') {
      throw new FlowcraftError(`Expression ${quote(expression)} cannot be parsed: ${compiled}`, {
        code: 'EXPRESSION_INVALID',
      })
    }
    try {
      return compiled.evaluate(context)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new FlowcraftError(`Expression ${quote(expression)} failed: ${reason}`, {
        code: 'EXPRESSION_FAILED',
        cause,
      })
    }
  }

  /** Why `expression` cannot be parsed, or `undefined`. */
  check(expression: string): string | undefined {
    const compiled = this.#compiled(expression)
    return typeof compiled === 'string' ? compiled : undefined
  }

  /** The names that `expression` can read; none when it cannot be parsed. */
  names(expression: string): readonly string[] {
    const compiled = this.#compiled(expression)
    return typeof compiled === 'string' ? [] : compiled.names
  }

  /** The expression, or why it is none. */
  #compiled(expression: string): CompiledExpression | string {
    const known = this.#cache.get(expression)
    if (known !== undefined) return known
    // Blueprints are JSON from anywhere: the type is a promise that nobody checked.
    if (typeof expression !== 'string') return `It is of type ${typeof expression}, not a text`
    if (expression.length > maxLength) return `It has ${expression.length} characters; at most ${maxLength} are allowed`
    const compiled = compiledOrReason(expression)
    if (this.#cache.size >= cacheSize) this.#cache.clear()
    this.#cache.set(expression, compiled)
    return compiled
  }
}

function compiledOrReason(expression: string): CompiledExpression | string {
  try {
    return compile(parse(expression))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function quote(expression: unknown): string {
  const text = String(expression)
  return `'${text.length > 120 ? `${text.slice(0, 120)}…` : text}'`
}
