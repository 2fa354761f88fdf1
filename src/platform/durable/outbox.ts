// Messages that an object has to send: written down in the transaction that causes them, sent after it, marked as sent as soon
// as the queue took them. A crash between the sending and the marking repeats one batch; its consumer asks the monitor first.

import { z } from 'zod'
import type { Table } from './migrate.ts'
import { rowsOf } from './rows.ts'

/** A message that is to be sent. */
export interface Pending {
  readonly text: string
}

/** Messages of one kind, in order. */
export interface Outbox<P extends Pending = Pending> {
  /** Some that are not sent yet, from the first on; none when all are. */
  pending(): Promise<readonly P[]>
  /** Sends the first of the texts, one at least, and tells how many; all or none of those. Rejects when the queue does. */
  send(texts: readonly string[]): Promise<number>
  /** Marks the first of `pending` as sent. */
  markSent(sent: readonly P[]): void
}

/** Work that goes on step by step; false when there is nothing left to do. */
export type Step = () => Promise<boolean>

/** Sends what is pending now, a batch at a time; whether there was anything. */
export async function flush<P extends Pending>(outbox: Outbox<P>): Promise<boolean> {
  let left = await outbox.pending()
  if (left.length === 0) return false
  while (left.length > 0) {
    const count = await outbox.send(left.map(({ text }) => text))
    outbox.markSent(left.slice(0, count))
    left = left.slice(count)
  }
  return true
}

/**
 * Takes all steps there are, in turns, so that neither a long one nor one that fails holds up the others. Rejects at the end with
 * what went wrong first.
 */
export async function takeTurns(steps: readonly Step[]): Promise<void> {
  const failures: unknown[] = []
  let open = steps
  while (open.length > 0) {
    const left: Step[] = []
    for (const step of open) {
      try {
        if (await step()) left.push(step)
      } catch (error) {
        failures.push(error)
      }
    }
    open = left
  }
  if (failures.length > 0) throw failures[0]
}

/** The same step, telling what went wrong before it goes on to whoever tries again. */
export function noting(step: Step, note: (error: unknown) => void): Step {
  return async () => {
    try {
      return await step()
    } catch (error) {
      note(error)
      throw error
    }
  }
}

/** When an object works: one pass at a time, one more when something was added meanwhile, and another one after a failure. */
export class Passes {
  private readonly pass: () => Promise<void>
  private readonly onFailure: (error: unknown) => Promise<void>
  private asked = false
  private passing: Promise<void> | null = null

  /** `pass` does all there is to do; `onFailure` sees to it that there will be another one. */
  constructor(pass: () => Promise<void>, onFailure: (error: unknown) => Promise<void>) {
    this.pass = pass
    this.onFailure = onFailure
  }

  /** Resolves when all there is to do now is done, or will be tried again later. */
  run(): Promise<void> {
    this.asked = true
    this.passing ??= this.passWhileAsked().finally(() => {
      this.passing = null
    })
    return this.passing
  }

  private async passWhileAsked(): Promise<void> {
    while (this.asked) {
      // A pass may be past what is added while it runs.
      this.asked = false
      try {
        await this.pass()
      } catch (error) {
        await this.onFailure(error)
      }
    }
  }
}

export const OUTBOX_TABLE =
  'CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, message TEXT NOT NULL)'

export const OUTBOX: Table = {
  name: 'outbox',
  // A row without its message is nothing to send.
  columns: { message: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM outbox' } },
}

const Row = z.object({ seq: z.number(), text: z.string() })
type Row = z.infer<typeof Row>

/** Messages read at once, of up to 128 KB each. */
const STEP = 20

const ALL = 'SELECT seq, message AS text FROM outbox ORDER BY seq'

/** Messages in a table of their own. */
export class StoredOutbox implements Outbox<Row> {
  readonly send: Outbox['send']
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage, send: Outbox['send']) {
    this.sql = sql
    this.send = send
  }

  /** Adds messages to the present transaction. */
  add(messages: readonly string[]): void {
    for (const message of messages) {
      this.sql.exec('INSERT INTO outbox (message) VALUES (?)', message)
    }
  }

  /** Removes the messages of which that holds. */
  deleteWhere(isNeedless: (text: string) => boolean): void {
    const rows = [...rowsOf(this.sql, Row, ALL)]
    for (const { seq, text } of rows) {
      if (isNeedless(text)) this.sql.exec('DELETE FROM outbox WHERE seq = ?', seq)
    }
  }

  /** Of all messages, as they wait. */
  texts(): readonly string[] {
    return [...rowsOf(this.sql, Row, ALL)].map(({ text }) => text)
  }

  /** Has each message be what that makes of it. */
  rewrite(change: (text: string) => string): void {
    for (const { seq, text } of [...rowsOf(this.sql, Row, ALL)]) {
      const changed = change(text)
      if (changed === text) continue
      this.sql.exec('UPDATE outbox SET message = ? WHERE seq = ?', changed, seq)
    }
  }

  async pending(): Promise<readonly Row[]> {
    const query = 'SELECT seq, message AS text FROM outbox ORDER BY seq LIMIT ?'
    return [...rowsOf(this.sql, Row, query, STEP)]
  }

  markSent(sent: readonly Row[]): void {
    this.sql.exec('DELETE FROM outbox WHERE seq <= ?', sent.at(-1)?.seq ?? 0)
  }
}
