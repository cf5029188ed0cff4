import jsep from 'jsep'
import {
  binaryOperators,
  constants,
  type Expression,
  type Identifier,
  isIdentifier,
  type Literal,
  unaryOperators,
} from './syntax.ts'

/** The longest expression, in characters. */
export const maxLength = 10_000

/** How deep brackets, unary operators and ternaries may nest. */
const maxNesting = 200

/** The tree of one expression. @throws an `Error` whose message says where `text` stops being one. */
export function parse(text: string): Expression {
  return withGrammar(() => new Parser(text).parseAll())
}

interface JsepParser {
  index: number
  readonly expr: string
  readonly char: string
  gobbleSpaces(): void
  gobbleExpression(): Expression | false
  gobbleBinaryExpression(): Expression | false
  gobbleToken(): Expression | false
  gobbleIdentifier(): Identifier
  gobbleNumericLiteral(): Literal
  gobbleStringLiteral(): Literal
  gobbleGroup(): Expression
  gobbleArray(): Expression
  throwError(message: string): never
}

// jsep 1.6.0 exports its class, which its type declarations leave out.
const { Jsep } = jsep as unknown as {
  Jsep: { new (text: string): JsepParser; getMaxKeyLen(operators: object): number }
}

const grammar = {
  unary_ops: unaryOperators,
  max_unop_len: Jsep.getMaxKeyLen(unaryOperators),
  binary_ops: binaryOperators,
  max_binop_len: Jsep.getMaxKeyLen(binaryOperators),
  right_associative: new Set(['**']),
  additional_identifier_chars: new Set(['$', '_']),
  literals: constants,
  this_str: undefined,
  hooks: {},
}

/**
 * jsep keeps its grammar in static fields. Ours stands there for the length of one parse, so that another user of
 * jsep on the page neither changes what our expressions mean, nor notices us.
 */
function withGrammar<T>(work: () => T): T {
  const theirs = Object.fromEntries(Object.keys(grammar).map((field) => [field, Reflect.get(Jsep, field) as unknown]))
  Object.assign(Jsep, grammar)
  try {
    return work()
  } finally {
    Object.assign(Jsep, theirs)
  }
}

/** jsep is lenient where JavaScript is not (`a b`, `[1 2]`, `--a`, `'\u0041'`, any depth); this is the strict one. */
class Parser extends Jsep {
  #nesting = 0

  parseAll(): Expression {
    const expression = this.#required()
    if (this.index < this.expr.length) this.throwError(`Unexpected "${this.char}"`)
    return expression
  }

  override gobbleExpression(): Expression | false {
    const test = this.#nested(() => this.gobbleBinaryExpression())
    this.gobbleSpaces()
    if (!test || this.char !== '?') return test
    return this.#nested(() => {
      this.index++
      const consequent = this.#required()
      this.#expect(':')
      return { type: 'ConditionalExpression', test, consequent, alternate: this.#required() }
    })
  }

  override gobbleToken(): Expression | false {
    return this.#nested(() => super.gobbleToken())
  }

  override gobbleGroup(): Expression {
    this.index++
    const expression = this.#required()
    this.#expect(')')
    return { type: 'ParenthesizedExpression', expression }
  }

  override gobbleArray(): Expression {
    const elements: Expression[] = []
    this.index++
    this.gobbleSpaces()
    while (this.char !== ']') {
      if (elements.length > 0) this.#expect(',')
      elements.push(this.#required())
      this.gobbleSpaces()
    }
    this.#expect(']')
    return { type: 'ArrayExpression', elements }
  }

  override gobbleSpaces(): void {
    super.gobbleSpaces()
    const next = this.expr.slice(this.index, this.index + 2)
    if (next === '++' || next === '--') this.throwError(`"${next}" would change a value`)
  }

  override gobbleIdentifier(): Identifier {
    const identifier = super.gobbleIdentifier()
    if (!isIdentifier(identifier.name)) this.throwError(`"${identifier.name}" is not a name`)
    return identifier
  }

  override gobbleNumericLiteral(): Literal {
    const literal = super.gobbleNumericLiteral()
    if (/^0\d/.test(literal.raw)) this.throwError(`"${literal.raw}" begins with 0`)
    return literal
  }

  override gobbleStringLiteral(): Literal {
    const literal = super.gobbleStringLiteral()
    return literal.raw.includes('\\') ? { ...literal, value: unescape(literal.raw.slice(1, -1)) } : literal
  }

  #required(): Expression {
    return this.gobbleExpression() || this.throwError('Expected an expression')
  }

  #expect(char: string): void {
    this.gobbleSpaces()
    if (this.char !== char) this.throwError(`Expected "${char}"`)
    this.index++
  }

  #nested<T>(work: () => T): T {
    if (++this.#nesting > 2 * maxNesting) this.throwError(`Nested more than ${maxNesting} deep`)
    const result = work()
    this.#nesting--
    return result
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' }
const escape = /\\(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(0(?!\d)|\r\n|[^\dux]))/gu

function unescape(body: string): string {
  const text = body.replace(escape, (_, point?: string, unit?: string, byte?: string, char?: string) => {
    if (char === undefined) return String.fromCodePoint(Number.parseInt(point ?? unit ?? byte ?? '', 16))
    return escapes[char] ?? (/[\r\n\u2028\u2029]/.test(char) ? '' : char)
  })
  const broken = /\\(?:[1-9]|0\d|[ux])/.exec(body.replace(escape, ''))
  if (broken) throw new Error(`Unknown escape "${broken[0]}" in a text`)
  return text
}
