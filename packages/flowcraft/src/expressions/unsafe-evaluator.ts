import { FlowcraftError } from '../errors.ts'
import type { Scope } from './compile.ts'
import type { IEvaluator } from './evaluator.ts'
import { isIdentifier, isReserved } from './syntax.ts'

const cacheSize = 1_000

/**
 * Evaluates any JavaScript expression with `new Function`.
 *
 * **Unsafe:** an expression can do whatever the process can: read files, secrets and globals, loop for ever. Use it
 * only where every blueprint is as trusted as your own source code. `ExpressionEvaluator` needs no such trust.
 *
 * Names of the scope that are no JavaScript identifiers cannot be reached.
 */
export class UnsafeEvaluator implements IEvaluator {
  readonly #cache = new Map<string, (...values: unknown[]) => unknown>()

  /** @throws `FlowcraftError` with code `EXPRESSION_INVALID` or `EXPRESSION_FAILED`; the original is the `cause`. */
  evaluate(expression: string, context: Scope): unknown {
    const names = Object.keys(context).filter((name) => isIdentifier(name) && !isReserved(name))
    const run = this.#compiled(expression, names)
    try {
      return run(...names.map((name) => context[name]))
    } catch (cause) {
      throw failure('EXPRESSION_FAILED', `Expression '${expression}' failed`, cause)
    }
  }

  /** What JavaScript finds wrong with the syntax of `expression`, or `undefined`. */
  check(expression: string): string | undefined {
    try {
      this.#compiled(expression, [])
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #compiled(expression: string, names: readonly string[]): (...values: unknown[]) => unknown {
    const key = `${names.join()}\n${expression}`
    const known = this.#cache.get(key)
    if (known) return known
    try {
      // oxlint-disable-next-line typescript/no-implied-eval -- what this class is for, and documented as unsafe
      const run = new Function(...names, `return (${expression}\n)`) as (...values: unknown[]) => unknown
      if (this.#cache.size >= cacheSize) this.#cache.clear()
      this.#cache.set(key, run)
      return run
    } catch (cause) {
      throw failure('EXPRESSION_INVALID', `Expression '${expression}' cannot be parsed`, cause)
    }
  }
}

function failure(code: 'EXPRESSION_FAILED' | 'EXPRESSION_INVALID', what: string, cause: unknown): FlowcraftError {
  return new FlowcraftError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { code, cause })
}
