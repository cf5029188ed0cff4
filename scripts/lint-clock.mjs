// A lint rule for law 9, for what `no-restricted-properties` cannot say: `new Date()` and `Date()` read the clock,
// `new Date(value)` does not.
const readsClock = ({ callee, arguments: given }) =>
  callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0
const message = 'Time enters through ports.ts (law 9): give the time as an argument.'

const noImplicitNow = {
  create(context) {
    const report = (node) => readsClock(node) && context.report({ node, message })
    return { NewExpression: report, CallExpression: report }
  },
}

export default { meta: { name: 'flowcraft' }, rules: { 'no-implicit-now': noImplicitNow } }
