import { plainAttempt, type Drive, type FlowDraft, type Piece } from './draft.ts'

/** What drives a loop gives what the loop needs to end some time, whatever else its attempts do. */
export const drives: Piece = (_, flow) => {
  for (const [key, given] of flow.drivers) drive(flow, key, given)
}

function drive({ programs }: FlowDraft, key: string, given: readonly Drive[]): void {
  const program = programs.get(key)!
  while (program.length < given.length)
    program.push((program.at(-1) ?? [plainAttempt()]).map((attempt) => ({ ...attempt })))
  for (const [iteration, turn] of program.entries()) {
    const due = given[Math.min(iteration, given.length - 1)]!
    for (const attempt of turn) {
      if (attempt.ending.kind !== 'return') continue
      const part = 'output' in due ? { output: { kind: 'value' as const, value: due.output } } : due
      attempt.ending = { ...attempt.ending, ...part }
    }
  }
}
