import { closeSync, openSync, writeSync } from 'node:fs'
import type { FlowcraftEvent, NodeContext } from 'flowcraft'

/** What really happened in a process, whatever its store knows of it. */
export type DiaryLine =
  | {
      /** A node's code began to run, or came to its end. */
      readonly what: 'began' | 'ended'
      readonly incarnation: number
      readonly executionId: string
      readonly nodeId: string
      readonly iteration: number
      readonly attempt: number
      readonly key: string
      /** Epoch milliseconds. */
      readonly at: number
    }
  | {
      /** The engine told a listener that an event is durable. */
      readonly what: 'told'
      readonly incarnation: number
      readonly executionId: string
      readonly seq: number
    }

/** Writes a file that outlives the process at every moment: each line is one write at the file's end. */
export class Diary {
  readonly #file: number
  readonly #incarnation: number

  constructor(path: string, incarnation: number) {
    this.#file = openSync(path, 'a')
    this.#incarnation = incarnation
  }

  note(what: 'began' | 'ended', context: NodeContext): void {
    const { executionId, nodeId, iteration, attempt, idempotencyKey: key } = context
    const at = Date.now()
    this.#write({ what, incarnation: this.#incarnation, executionId, nodeId, iteration, attempt, key, at })
  }

  told({ executionId, seq }: FlowcraftEvent): void {
    this.#write({ what: 'told', incarnation: this.#incarnation, executionId, seq })
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: DiaryLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}
