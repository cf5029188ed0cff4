import { binary, readOwn, toKey, unary } from './operators.ts'
import { type BinaryExpression, type Expression, type Identifier, isReserved, type MemberExpression } from './syntax.ts'

/** The values that an expression sees, by name. */
export type Scope = Readonly<Record<string, unknown>>

/** An expression that is ready to run. */
export interface CompiledExpression {
  readonly evaluate: (scope: Scope) => unknown
  /** The names that it can read from the scope. */
  readonly names: readonly string[]
}

type Evaluate = CompiledExpression['evaluate']

/** How many operators may lie between the whole of an expression and its innermost part. */
const maxDepth = 1_000

/** Turns a tree into closures. @throws an `Error` that names the first part that expressions may not have. */
export function compile(expression: Expression): CompiledExpression {
  const names = new Set<string>()
  return { evaluate: compileNode(expression, names, 0), names: [...names] }
}

function compileNode(node: Expression, names: Set<string>, depth: number): Evaluate {
  if (depth > maxDepth) throw new Error(`More than ${maxDepth} operators inside one another`)
  const inner = (part: Expression): Evaluate => compileNode(part, names, depth + 1)
  switch (node.type) {
    case 'Literal': {
      const { value } = node
      return () => value
    }
    case 'Identifier':
      return compileName(node, names)
    case 'MemberExpression':
      return compilePath(node, inner)
    case 'UnaryExpression': {
      const operate = unary[node.operator]
      const argument = inner(node.argument)
      return (scope) => operate(argument(scope))
    }
    case 'BinaryExpression':
      return compileBinary(node, inner)
    case 'ConditionalExpression': {
      const test = inner(node.test)
      const consequent = inner(node.consequent)
      const alternate = inner(node.alternate)
      return (scope) => (test(scope) ? consequent(scope) : alternate(scope))
    }
    case 'ArrayExpression': {
      const elements = node.elements.map(inner)
      return (scope) => elements.map((element) => element(scope))
    }
    case 'ParenthesizedExpression':
      return inner(node.expression)
    case 'CallExpression':
      throw new Error('Functions cannot be called')
    default:
      throw new Error(`${(node satisfies never as Expression).type} is not supported`)
  }
}

function compileName({ name }: Identifier, names: Set<string>): Evaluate {
  if (isReserved(name)) throw new Error(`"${name}" is a reserved word, not a name`)
  names.add(name)
  return (scope) => (Object.hasOwn(scope, name) ? scope[name] : undefined)
}

function compileBinary({ operator, left, right }: BinaryExpression, inner: (part: Expression) => Evaluate): Evaluate {
  rejectAmbiguity(operator, left, right)
  const first = inner(left)
  const second = inner(right)
  switch (operator) {
    case '&&':
      return (scope) => first(scope) && second(scope)
    case '||':
      return (scope) => first(scope) || second(scope)
    case '??':
      return (scope) => first(scope) ?? second(scope)
    default: {
      const operate = binary[operator]
      return (scope) => operate(first(scope), second(scope))
    }
  }
}

/** What JavaScript refuses without parentheses, since people read it in two ways. */
function rejectAmbiguity(operator: string, left: Expression, right: Expression): void {
  if (operator === '**' && left.type === 'UnaryExpression') throw new Error('Write (-a) ** b or -(a ** b)')
  const logical = operator === '&&' || operator === '||'
  for (const side of [left, right]) {
    if (side.type !== 'BinaryExpression') continue
    const mixed =
      operator === '??' ? side.operator === '&&' || side.operator === '||' : logical && side.operator === '??'
    if (mixed) throw new Error(`?? needs parentheses beside && and ||`)
  }
}

interface Step {
  /** `undefined` when the key is computed. */
  readonly key: string | undefined
  readonly computed: Evaluate | undefined
  readonly optional: boolean
  /** What the key is read from, as text. */
  readonly path: string
}

/** A whole chain at once: `?.` skips all the rest of its chain, and a long chain needs no deep stack. */
function compilePath(node: MemberExpression, inner: (part: Expression) => Evaluate): Evaluate {
  const members = [node]
  for (let next = node.object; next.type === 'MemberExpression'; next = next.object) members.push(next)
  members.reverse()
  const root = (members[0] ?? node).object
  const start = inner(root)
  let path = root.type === 'Identifier' ? root.name : '(…)'
  const steps = members.map((member) => {
    const step = { ...compileKey(member, inner), optional: member.optional === true, path }
    path += keyText(member)
    return step
  })
  return (scope) => {
    let value = start(scope)
    for (const step of steps) {
      if (value === null || value === undefined) {
        if (step.optional) return undefined
        throw missing(value, step, scope)
      }
      value = readOwn(value, step.key ?? toKey(step.computed?.(scope)))
    }
    return value
  }
}

function compileKey(
  { property, computed }: MemberExpression,
  inner: (part: Expression) => Evaluate,
): Pick<Step, 'key' | 'computed'> {
  if (!computed && property.type === 'Identifier') return { key: property.name, computed: undefined }
  if (property.type === 'Literal') return { key: String(property.value), computed: undefined }
  return { key: undefined, computed: inner(property) }
}

function keyText({ property, computed }: MemberExpression): string {
  if (property.type === 'Literal') return `[${property.raw}]`
  if (property.type !== 'Identifier') return '[…]'
  return computed ? `[${property.name}]` : `.${property.name}`
}

function missing(value: null | undefined, { key, computed, path }: Step, scope: Scope): TypeError {
  const name = key ?? String(toKey(computed?.(scope)))
  const instead = key === undefined || !/^[\w$]+$/.test(key) ? `${path}?.[…]` : `${path}?.${key}`
  return new TypeError(`'${path}' is ${value}; cannot read '${name}'; write ${instead} where it may be missing`)
}
