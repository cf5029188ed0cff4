import { setImmediate } from 'node:timers/promises'
import { isFlowcraftError, type FlowcraftEvent } from 'flowcraft'
import type { HistoryFile } from './history-file.ts'
import { readPages } from './read-pages.ts'
import type { Statements } from './statements.ts'

/** Whose errors to read, for which text. */
export interface ErrorSearch {
  readonly executionId: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly text: string
}

const types = ['node:error', 'node:retry', 'workflow:finish'] as const
const seqsAtOnce = 10_000

/** Whether `text` is in the message of an error of an execution, upper and lower case alike. Damaged events do not count. */
export async function hasErrorText(
  file: HistoryFile,
  statements: Statements,
  { executionId, firstSeq, lastSeq, text }: ErrorSearch,
): Promise<boolean> {
  const sought = text.toLowerCase()
  for (let fromSeq = firstSeq; fromSeq <= lastSeq; fromSeq += seqsAtOnce) {
    if (fromSeq > firstSeq) await setImmediate()
    const range = { fromSeq, toSeq: fromSeq + seqsAtOnce - 1, types }
    const isFound = file.read('read errors', () => {
      try {
        for (const page of readPages(statements, executionId, range)) {
          if (page.some((event) => messagesOf(event).some((message) => message.toLowerCase().includes(sought))))
            return true
        }
      } catch (error) {
        if (!isFlowcraftError(error, 'HISTORY_CORRUPT')) throw error
      }
      return false
    })
    if (isFound) return true
  }
  return false
}

/** The message of each error that an event tells of, and of its causes. */
function messagesOf(event: FlowcraftEvent): string[] {
  return errorsIn(event).flatMap((error) => {
    const messages: string[] = []
    const seen = new Set<unknown>()
    // What was stored may be damaged, or have a cycle.
    for (
      let each = error;
      typeof each === 'object' && each !== null && !seen.has(each);
      each = Reflect.get(each, 'cause')
    ) {
      seen.add(each)
      const message: unknown = Reflect.get(each, 'message')
      if (typeof message === 'string') messages.push(message)
    }
    return messages
  })
}

function errorsIn({ type, payload }: FlowcraftEvent): readonly unknown[] {
  if (type === 'workflow:finish') return Array.isArray(payload.errors) ? payload.errors : []
  return type === 'node:error' || type === 'node:retry' ? [payload.error] : []
}
