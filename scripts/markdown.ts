/** A fenced block of TypeScript in a Markdown text. */
export interface CodeBlock {
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly code: string
  /** What stands behind `ts` on the fence. */
  readonly words: readonly string[]
}

/** The blocks that are fenced as `ts`, in order. */
export function codeBlocksOf(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```ts\b([^\n]*)\n(.*?)^```/gms)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length + 1,
    code: match[2] ?? '',
    words: (match[1] ?? '').trim().split(/\s+/).filter(Boolean),
  }))
}

/** The targets of the links that stay in the repository, code left out. */
export function relativeLinksOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of the headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return headingsOf(markdown).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}

/** The texts of the headings, of the given level if one is named. */
export function headingsOf(markdown: string, level?: number): string[] {
  const marks = level === undefined ? '#+' : '#'.repeat(level)
  return [...withoutFences(markdown).matchAll(new RegExp(`^${marks} (.+)$`, 'gm'))].map((match) => match[1] ?? '')
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```/gms, '')
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown).replaceAll(/`[^`\n]*`/g, '')
}
