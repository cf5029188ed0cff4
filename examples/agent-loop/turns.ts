import type { FlowcraftEvent } from 'flowcraft'
import type { Choice } from './model.ts'

/** One line for each turn of the agent: what the model chose, what came of it, and what was spent by then. */
export function turnsOf(events: readonly FlowcraftEvent[]): string[] {
  const lines: string[] = []
  let choice = ''
  let spent = 0
  for (const { type, payload } of events) {
    if (type === 'context:change' && payload.key === 'spent') spent = Number(payload.value)
    if (type !== 'node:finish') continue
    const { nodeId, iteration, result } = payload
    // The two nodes whose outputs these are give nothing else.
    if (nodeId === 'think') choice = describe(result.output as Choice)
    if (nodeId === 'observe') {
      const { text } = result.output as { text: string }
      lines.push(`turn ${iteration + 1}, ${spent} tokens: ${choice} → ${text}`)
    }
  }
  return lines
}

function describe(choice: Choice): string {
  if (choice.tool === 'search') return `search '${choice.query}'`
  return choice.tool === 'calculate' ? `calculate ${choice.operands.join(' - ')}` : 'answer'
}
