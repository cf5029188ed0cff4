const all = process.env['FLOWCRAFT_CRASH'] === 'all'

/** Whether everything is tried that can be, which takes minutes. */
export const triesAll: boolean = all

/** One of the two, by how much is asked for. */
export function amount(usual: number, ofAll: number): number {
  return all ? ofAll : usual
}

/** The seed of all that is random here: that of `FLOWCRAFT_SEED`, else always the same. */
export const seed: number = Number(process.env['FLOWCRAFT_SEED'] ?? 20_251_121)

/** Numbers from 0 up to 1 that follow from the seed, others for each name. */
export function chance(name: string): () => number {
  let state = seed
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x01_00_01_93)
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
