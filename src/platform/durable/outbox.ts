// Messages that belong to a transaction of a Durable Object: written with it, sent after it, again after a crash.

const SCHEMA = 'CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, message TEXT NOT NULL)'

/** Messages read at once: what one `sendBatch` takes. */
const STEP = 20

type Row = { readonly seq: number; readonly message: string }

export class Outbox {
  private readonly sql: SqlStorage
  private readonly send: (messages: readonly string[]) => Promise<void>
  private draining: Promise<void> | null = null

  constructor(sql: SqlStorage, send: (messages: readonly string[]) => Promise<void>) {
    this.sql = sql
    this.send = send
    sql.exec(SCHEMA)
  }

  /** Adds messages to the present transaction. */
  add(messages: readonly string[]): void {
    for (const message of messages) {
      this.sql.exec('INSERT INTO outbox (message) VALUES (?)', message)
    }
  }

  /** Sends what is waiting, in order. Rejects when the queue does; then it stays. */
  drain(): Promise<void> {
    this.draining ??= this.drainAll().finally(() => {
      this.draining = null
    })
    return this.draining
  }

  private async drainAll(): Promise<void> {
    for (;;) {
      const query = 'SELECT seq, message FROM outbox ORDER BY seq LIMIT ?'
      const rows = this.sql.exec<Row>(query, STEP).toArray()
      const last = rows.at(-1)
      if (last === undefined) return
      await this.send(rows.map(({ message }) => message))
      this.sql.exec('DELETE FROM outbox WHERE seq <= ?', last.seq)
    }
  }
}
