// Loaded before a piece of code from the docs: what it prints goes out as a line of JSON, with the line that printed it.
// Texts of several lines, such as drawings, are left out: no comment can hold them.
import { format } from 'node:util'

const print = console.log
console.log = (...values) => {
  if (values.some((value) => typeof value === 'string' && value.includes('\n'))) return
  const [, , caller = ''] = (new Error('where').stack ?? '').split('\n')
  const [, line] = /:(\d+):\d+\)?$/.exec(caller) ?? []
  print(JSON.stringify({ line: Number(line), text: format(...values) }))
}
