import { expect, it } from 'vitest'
import { FlowRuntime } from 'flowcraft'
import type { Middleware } from '../../src/extensions/middleware.ts'

it('the middleware of a runtime is the list that the runtime was made with, whatever becomes of that', () => {
  const middleware: Middleware[] = [{}]
  const runtime = new FlowRuntime({ middleware })
  middleware.push({})
  expect(runtime.middleware).toEqual([{}])
})

it('middleware that is none is refused', () => {
  const make = (middleware: unknown) => () => new FlowRuntime({ middleware: middleware as Middleware[] })
  expect(make({})).toThrow("'middleware' is object; expected an array")
  expect(make([null])).toThrow("'middleware[0]' is null; expected an object")
  expect(make([{ aroundNode: 'no' }])).toThrow("'middleware[0].aroundNode' is string; expected a function")
  expect(make([7])).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
})
