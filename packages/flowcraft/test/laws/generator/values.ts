import type { Draw } from './draw.ts'
import { attemptsOf, type Piece } from './draft.ts'
import type { Output } from '../program.ts'

/** Outputs and initial keys of every type that can be recorded. */
export const values: Piece = (draw, flow) => {
  if (draw.chance(30)) flow.initial['rich'] = draw.value()
  if (draw.chance(20)) flow.initial['n0'] = draw.value()
  for (const attempt of attemptsOf(flow)) {
    const { ending } = attempt
    if (ending.kind === 'return') attempt.ending = { ...ending, output: randomOutput(draw) }
  }
}

function randomOutput(draw: Draw): Output {
  switch (draw.pick(['echo', 'echo', 'number', 'value', 'nothing'] as const)) {
    case 'echo':
      return { kind: 'echo' }
    case 'number':
      return { kind: 'number', value: draw.int(0, 3) }
    case 'value':
      return { kind: 'value', value: draw.value() }
    case 'nothing':
      return { kind: 'nothing' }
  }
}
