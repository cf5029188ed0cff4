import type { Parameter } from './queries.ts'

/** Conditions of a statement, and the values that its parameters stand for. */
export class Conditions {
  readonly #parts: string[] = []
  readonly #parameters: Parameter[]

  /** @param parameters Those that come before, if any. */
  constructor(parameters: readonly Parameter[] = []) {
    this.#parameters = [...parameters]
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** All of them, for a WHERE. */
  get text(): string {
    return this.#parts.length === 0 ? 'true' : this.#parts.join(' AND ')
  }

  /** The name of a further parameter. */
  bind(value: Parameter): string {
    return `$${this.#parameters.push(value)}`
  }

  add(text: string): void {
    this.#parts.push(text)
  }

  /** One of several texts. */
  addOneOf(column: string, values: readonly string[]): void {
    const list = this.bind(JSON.stringify(values))
    this.add(`${column} = ANY (ARRAY(SELECT json_array_elements_text(${list}::text::json)))`)
  }
}
