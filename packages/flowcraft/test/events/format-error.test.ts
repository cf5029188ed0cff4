import { expect, it } from 'vitest'
import { toWorkflowError } from '../../src/events/failure.ts'
import { formatError } from '../../src/events/format-error.ts'

function withStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}\n    at pay (file.ts:1:2)`
  return error
}

it('renders where, the chain of causes, and the stack of the innermost', () => {
  const inner = Object.assign(withStack(new Error('connection\nlost')), { code: 'ECONNRESET' })
  const error = withStack(new TypeError('cannot pay', { cause: inner }))
  const place = { nodeId: 'pay', blueprintId: 'shop', executionId: 'x1', now: 0 }
  expect(formatError(toWorkflowError(error, place))).toBe(
    [
      "FlowcraftError [NODE_FAILED]: Node 'pay' execution failed",
      "  in node 'pay', blueprint 'shop', execution 'x1'",
      '  caused by TypeError: cannot pay',
      '    caused by Error [ECONNRESET]: connection',
      '      lost',
      '      at pay (file.ts:1:2)',
    ].join('\n'),
  )
})

it('takes whatever was thrown', () => {
  expect(formatError(withStack(new Error('e')))).toBe('Error: e\n  at pay (file.ts:1:2)')
  expect(formatError('text')).toBe('NonError: text')
  expect(formatError(null)).toBe('NonError: null')
})
