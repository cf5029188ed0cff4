/**
 * `text` in one line that every terminal shows alike: what controls a terminal, is invisible or is no character becomes
 * an escape such as `\n` or `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const short = shortEscapes.get(character)
    return short ?? `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
}

const unprintable = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu
const shortEscapes = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** How many columns printable text takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

/** `text` in no more than `columns` columns; what is cut ends in `…`. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let cut = ''
  let used = 0
  for (const character of text) {
    used += columnsOfCharacter(character)
    if (used > columns - 1) break
    cut += character
  }
  return columns < 1 ? '' : `${cut}…`
}

/** The same, filled with spaces. */
export function padTo(text: string, columns: number): string {
  const cut = cutTo(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - columnsOf(cut)))
}

const combining = /^[\p{Mn}\p{Me}]$/u
// East Asian Width W and F, by blocks: https://www.unicode.org/reports/tr11/
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation})$/u

function columnsOfCharacter(character: string): number {
  if (character >= ' ' && character <= '~') return 1
  if (combining.test(character)) return 0
  return wide.test(character) ? 2 : 1
}
