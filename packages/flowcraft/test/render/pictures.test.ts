import { expect, it } from 'vitest'
import { generateMermaidForRun } from '../../src/render/flowchart.ts'
import { generateMermaidGantt } from '../../src/render/gantt.ts'
import { generateMermaidSequence } from '../../src/render/sequence.ts'
import { parseFlowchart, parseGantt, parseSequence } from './mermaid-parser.ts'
import { approval, batch, branch, failure, family, loop, until, type TypicalRun } from './typical-runs.ts'

/** How each picture of the guide is drawn. `vitest -u` writes their texts, `scripts/draw-pictures.ts` the pictures. */
const pictures: Readonly<Record<string, () => Promise<string>>> = {
  branch: async () => flowchart(await branch(), { legend: true }),
  failure: async () => flowchart(await failure(), { legend: true }),
  waiting: async () => {
    const run = await approval()
    return flowchart(
      run,
      until(run, ({ type }) => type === 'workflow:pause'),
    )
  },
  loops: async () => flowchart(await loop()),
  batch: async () => {
    const run = await batch()
    let hasFailed = false
    const isLast = ({ type, payload }: TypicalRun['events'][number]): boolean => {
      hasFailed ||= type === 'node:error'
      return hasFailed && type === 'node:finish' && payload.nodeId.startsWith('resize[')
    }
    return flowchart(run, until(run, isLast))
  },
  subflow: async () => {
    const run = await family()
    return flowchart(
      run,
      until(run, ({ type }) => type === 'workflow:pause'),
    )
  },
  sequence: async () => generateMermaidSequence((await family()).events, { legend: true }),
  gantt: async () => generateMermaidGantt((await family()).events, { legend: true }),
}

function flowchart({ blueprint, events }: TypicalRun, options: { at?: number; legend?: boolean } = {}): string {
  const own = events.filter(({ executionId }) => executionId === events[0]?.executionId)
  return generateMermaidForRun(blueprint, own, options)
}

for (const [name, draw] of Object.entries(pictures)) {
  it(`the picture ${name} of the guide is one of what is drawn today, and Mermaid reads it`, async () => {
    const text = await draw()
    await expect(`${text}\n`).toMatchFileSnapshot(`../../../../docs/pictures/${name}.mmd`)
    if (text.startsWith('sequence')) await parseSequence(text)
    else if (text.startsWith('gantt')) await parseGantt(text)
    else await parseFlowchart(text)
  })
}
