import { expect, it } from 'vitest'
import type { EdgeDefinition } from '../../../src/blueprint/blueprint.ts'
import { loopsLeft, shapeOf, type Shape } from './shape.ts'

/** `a>b` is an edge, `a>b:x` one with the action x; a node in capitals is a controller. */
function shapeFrom(text: string): Shape {
  const edges = text.split(' ').map((part): EdgeDefinition => {
    const [ends = '', action] = part.split(':')
    const [source = '', target = ''] = ends.split('>')
    return { source, target, ...(action !== undefined && { action }) }
  })
  const ids = [...new Set(edges.flatMap(({ source, target }) => [source, target]))]
  const nodes = ids.map((id) => ({ id, uses: /[A-Z]/.test(id) ? 'loop-controller' : id }))
  return shapeOf({ nodes, edges })
}

function portraitOf({ loops, backEdges, edges }: Shape): { back: string[]; loops: string[] } {
  return {
    back: [...backEdges].map((index) => `${edges[index]!.source}>${edges[index]!.target}`),
    loops: loops.map(({ head, members, ends }) => `${head}: ${[...members].sort().join('')}, by ${ends.join('')}`),
  }
}

it.each([
  ['a controller is entered at its start node', 'x>s s>e e>C C>s:continue C>y:break', 'C>s', 's: Ces, by e'],
  ['a controller is entered itself', 'x>C C>s:continue s>e e>C C>y:break', 'e>C', 'C: Ces, by e'],
  ['a body has a branch that leads nowhere', 'x>s s>e s>d e>C C>s:continue C>y:break', 'C>s', 's: Cdes, by e'],
  ['a branch of the body meets what comes after', 'x>s s>e s>q q>y e>C C>s:continue C>y:break', 'C>s', 's: Ceqs, by e'],
  ['a cycle has no controller', 'x>h h>t t>h:again t>y', 't>h', 'h: ht, by t'],
  ['a node leads to itself', 'x>h h>h:again', 'h>h', 'h: h, by h'],
  ['a cycle has two ends', 'x>h h>a a>h:again h>b b>h:again', 'a>h,b>h', 'h: abh, by ab'],
  ['what leaves a cycle is no part of it', 'x>h h>q h>t t>h:again', 't>h', 'h: ht, by t'],
])('loops are found where %s', (_, text, back, loop) => {
  expect(portraitOf(shapeFrom(text))).toEqual({ back: back.split(','), loops: [loop] })
})

it('a loop lies within another one, and an edge may leave both', () => {
  const shape = shapeFrom('x>s s>D D>a:continue a>D D>e:break e>C C>s:continue C>y:break a>y')
  expect(portraitOf(shape).loops).toEqual(['s: CDaes, by e', 'D: Da, by a'])
  expect(loopsLeft(shape, shape.edges.length - 1).map(({ head }) => head)).toEqual(['s', 'D'])
})
