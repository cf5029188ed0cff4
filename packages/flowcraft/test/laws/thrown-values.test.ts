import { expect, it } from 'vitest'
import { BaseNode } from '../../src/blueprint/node.ts'
import { createFlow } from '../../src/blueprint/builder.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'

it.each(['text', undefined, { reason: 'none' }, Object.create(null)])(
  'what a class throws is recorded like what a function throws, also when it is no error: %j',
  async (thrown) => {
    const fail = (): never => {
      throw thrown
    }
    class Thrower extends BaseNode {
      async exec(): Promise<never> {
        return fail()
      }
    }
    const ofClass = await createFlow('class').node('a', Thrower).run(new FlowRuntime())
    const ofFunction = await createFlow('function').node('a', fail).run(new FlowRuntime())
    expect(ofClass.errors?.[0]?.cause).toEqual(ofFunction.errors?.[0]?.cause)
    expect(ofClass.errors?.[0]?.cause?.name).toBe('NonError')
  },
)
