import type { RunState } from '../state/run-state.ts'
import type { ChartNode } from './chart.ts'
import { labelText } from './mermaid-text.ts'
import { timeText } from './node-look.ts'

/** What there is to say about a parked run as a whole, as a node under the Mermaid id `id`. A run that goes on has none. */
export function parkedNote(id: string, { status, waiting, stuck, options }: RunState): ChartNode | undefined {
  if (status !== 'awaiting' && status !== 'stalled') return undefined
  const lines = [`‖ parked, ${status}`]
  if (waiting.some(({ reason }) => reason === 'user_pause')) lines.push('paused on request')
  if (status === 'stalled' && options?.targets !== undefined) lines.push(`for ${labelText(options.targets.join(', '))}`)
  if (stuck.length > 0) lines.push(`${stuck.length} held back`)
  const wakeUps = waiting.flatMap(({ wakeUpAt }) => (wakeUpAt === undefined ? [] : [wakeUpAt]))
  if (wakeUps.length > 0) lines.push('wakes up at', timeText(Math.min(...wakeUps)))
  return { id, label: lines.join('<br/>'), shape: 'flag', style: 'fill:#ffffff,stroke:#212529,stroke-width:2px' }
}
