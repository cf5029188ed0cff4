/** How much a licence asks of those who ship the code, from little to much; what we cannot tell comes last. */
export const categories = ['permissive', 'weak copyleft', 'strong copyleft', 'unknown'] as const

export type Category = (typeof categories)[number]

const permissive = new Set(
  `0BSD Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC0-1.0 ISC MIT MIT-0
   Python-2.0 Unicode-3.0 Unlicense WTFPL Zlib`.split(/\s+/),
)
const weakCopyleft = /^(LGPL|MPL|EPL|CDDL)-/
const strongCopyleft = /^(A?GPL|OSL|EUPL)-/

/**
 * The category of an SPDX licence expression (https://spdx.github.io/spdx-spec, annex on licence expressions). Of `A OR B`
 * the user takes the easier one; `A AND B` asks what the harder one asks.
 */
export function categoryOf(expression: string | undefined): Category {
  const tokens = expression?.match(/[()]|[^\s()]+/g) ?? []
  const { category, rest } = alternatives(tokens)
  return rest.length === 0 ? category : 'unknown'
}

interface Parsed {
  readonly category: Category
  readonly rest: readonly string[]
}

function alternatives(tokens: readonly string[]): Parsed {
  let left = conjunction(tokens)
  while (left.rest[0] === 'OR') {
    const right = conjunction(left.rest.slice(1))
    left = { category: easier(left.category, right.category), rest: right.rest }
  }
  return left
}

function conjunction(tokens: readonly string[]): Parsed {
  let left = license(tokens)
  while (left.rest[0] === 'AND') {
    const right = license(left.rest.slice(1))
    left = { category: harder(left.category, right.category), rest: right.rest }
  }
  return left
}

function license([first = '', ...rest]: readonly string[]): Parsed {
  if (first === '(') {
    const inner = alternatives(rest)
    return inner.rest[0] === ')' ? { ...inner, rest: inner.rest.slice(1) } : { category: 'unknown', rest: [] }
  }
  if (rest[0] !== 'WITH') return { category: categoryOfId(first), rest }
  // The exceptions that SPDX lists allow linking from code under another licence.
  const category = categoryOfId(first)
  return { category: category === 'strong copyleft' ? 'weak copyleft' : category, rest: rest.slice(2) }
}

function categoryOfId(id: string): Category {
  if (permissive.has(id)) return 'permissive'
  if (weakCopyleft.test(id)) return 'weak copyleft'
  return strongCopyleft.test(id) ? 'strong copyleft' : 'unknown'
}

function easier(a: Category, b: Category): Category {
  return categories.indexOf(a) < categories.indexOf(b) ? a : b
}

function harder(a: Category, b: Category): Category {
  return easier(a, b) === a ? b : a
}
