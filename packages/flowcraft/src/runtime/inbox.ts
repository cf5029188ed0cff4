/** Work that comes in, done one piece after the other, also when a piece brings another one. */
export class Inbox {
  readonly #onFault: (error: unknown) => void
  readonly #work: (() => void)[] = []
  #isBusy = false

  /** @param onFault Is told what a piece of work throws; the pieces after it are left for the next time. */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault
  }

  push(work: () => void): void {
    this.#work.push(work)
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) next()
    } catch (error) {
      this.#onFault(error)
    } finally {
      this.#isBusy = false
    }
  }
}
