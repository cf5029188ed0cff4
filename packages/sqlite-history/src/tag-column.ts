import { isStorableText } from './rows.ts'

/** What stands for a tag in the tags table: the tag, or its JSON text where SQLite would not keep it apart from others. */
export function tagColumn(tag: string): string {
  return tag.startsWith('"') || !isStorableText(tag) ? JSON.stringify(tag) : tag
}
