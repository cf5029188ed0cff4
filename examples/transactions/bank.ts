import Database from 'better-sqlite3'

/** A bank in a database with one connection, so that one transaction is open at a time. */
export class Bank {
  readonly #db: Database.Database
  #last: Promise<unknown> = Promise.resolve()

  /** @param onStatement Is told each statement that belongs to a transaction, with its values, before it runs. */
  constructor(balances: Readonly<Record<string, number>>, onStatement: (sql: string) => void) {
    const verbose = (sql: unknown): void => {
      if (this.#db.inTransaction || sql === 'BEGIN') onStatement(String(sql))
    }
    this.#db = new Database(':memory:', { verbose })
    this.#db.exec('CREATE TABLE account (name TEXT PRIMARY KEY, balance INTEGER CHECK (balance >= 0))')
    this.#db.exec('CREATE TABLE booking (key TEXT PRIMARY KEY)')
    const insert = this.#db.prepare('INSERT INTO account VALUES (?, ?)')
    for (const account of Object.entries(balances)) insert.run(...account)
  }

  balances(): Record<string, number> {
    const rows = this.#db.prepare<[], { name: string; balance: number }>('SELECT * FROM account').all()
    return Object.fromEntries(rows.map(({ name, balance }) => [name, balance]))
  }

  /** Notes a booking, which is known by its key; whether it is a new one. */
  book(key: string): boolean {
    return this.#db.prepare('INSERT OR IGNORE INTO booking VALUES (?)').run(key).changes === 1
  }

  /** @throws when the account has less than is taken from it. */
  add(name: string, amount: number): void {
    this.#db.prepare('UPDATE account SET balance = balance + ? WHERE name = ?').run(amount, name)
  }

  /** What `work` does is done as a whole, or not at all. Whoever comes meanwhile waits. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#between(['BEGIN', 'COMMIT', 'ROLLBACK'], work))
    this.#last = done.catch(() => {})
    return done
  }

  /** The same inside of a transaction. */
  savepoint<T>(work: () => Promise<T>): Promise<T> {
    return this.#between(['SAVEPOINT attempt', 'RELEASE attempt', 'ROLLBACK TO attempt'], work)
  }

  async #between<T>([begin, commit, rollback]: readonly [string, string, string], work: () => Promise<T>): Promise<T> {
    this.#db.exec(begin)
    try {
      const result = await work()
      this.#db.exec(commit)
      return result
    } catch (error) {
      this.#db.exec(rollback)
      throw error
    }
  }
}
