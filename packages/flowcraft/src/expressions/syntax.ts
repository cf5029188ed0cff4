/** An expression as a tree, in the node types of ESTree. Parentheses are kept, since they end an optional chain. */
export type Expression =
  | Literal
  | Identifier
  | MemberExpression
  | { readonly type: 'UnaryExpression'; readonly operator: UnaryOperator; readonly argument: Expression }
  | BinaryExpression
  | {
      readonly type: 'ConditionalExpression'
      readonly test: Expression
      readonly consequent: Expression
      readonly alternate: Expression
    }
  | { readonly type: 'ArrayExpression'; readonly elements: readonly Expression[] }
  | { readonly type: 'ParenthesizedExpression'; readonly expression: Expression }
  | { readonly type: 'CallExpression' }

/** A constant; `raw` is its source. */
export interface Literal {
  readonly type: 'Literal'
  readonly value: unknown
  readonly raw: string
}

/** A name. */
export interface Identifier {
  readonly type: 'Identifier'
  readonly name: string
}

/** `object.name`, or `object[property]` when `computed`. */
export interface MemberExpression {
  readonly type: 'MemberExpression'
  readonly object: Expression
  readonly property: Expression
  readonly computed: boolean
  readonly optional?: boolean
}

/** Two operands; `&&`, `||` and `??` are of this type as well. */
export interface BinaryExpression {
  readonly type: 'BinaryExpression'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
}

/** The operators with one operand. */
export const unaryOperators = { '!': 1, '-': 1, '+': 1, typeof: 1 } as const

/** The operators with two operands, each with its precedence: JavaScript's, where the higher number binds tighter. */
export const binaryOperators = {
  '||': 1,
  '??': 1,
  '&&': 2,
  '==': 6,
  '!=': 6,
  '===': 6,
  '!==': 6,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  in: 7,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
  '**': 11,
} as const

/** The words that stand for a constant, whatever the scope holds. */
export const constants: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  undefined: undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
}

/** An operator with one operand. */
export type UnaryOperator = keyof typeof unaryOperators

/** An operator with two operands. */
export type BinaryOperator = keyof typeof binaryOperators

// ECMA-262, 12.7.2, without the words that are constants or operators here.
const reserved = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends finally for ' +
    'function if implements import instanceof interface let new package private protected public return static ' +
    'super switch this throw try var void while with yield'
  ).split(' '),
)

/** Whether JavaScript keeps `word` for itself, so that no variable can have that name. */
export function isReserved(word: string): boolean {
  return reserved.has(word) || Object.hasOwn(constants, word) || word === 'in' || word === 'typeof'
}

/** Whether `text` is spelt like a JavaScript identifier. */
export function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(text)
}
