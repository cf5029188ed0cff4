/** A number of milliseconds for people, such as `12 ms`, `1.5 s` or `2 h 5 min`; safe for Mermaid. */
export function durationText(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return 'unknown time'
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < 1000) return `${ms} ms`
  const tenths = Math.round(ms / 100)
  if (tenths < 600) return `${tenths / 10} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return inTwo(seconds, 60, 'min', 's')
  const wholeMinutes = Math.round(seconds / 60)
  if (wholeMinutes < 24 * 60) return inTwo(wholeMinutes, 60, 'h', 'min')
  return inTwo(Math.round(wholeMinutes / 60), 24, 'd', 'h')
}

function inTwo(parts: number, perWhole: number, whole: string, part: string): string {
  const rest = parts % perWhole
  return `${Math.floor(parts / perWhole)} ${whole}${rest === 0 ? '' : ` ${rest} ${part}`}`
}
