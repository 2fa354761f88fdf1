// Messages that belong to a transaction of a Durable Object: written with it, sent after it, again after a crash.

import { z } from 'zod'
import type { Debt, Debts } from './debts.ts'
import type { Table } from './migrate.ts'
import { rowsOf } from './rows.ts'

export const OUTBOX_TABLE =
  'CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, message TEXT NOT NULL)'

export const OUTBOX: Table = {
  name: 'outbox',
  // A row without its message is nothing to send.
  columns: { message: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM outbox' } },
}

const Row = z.object({ seq: z.number(), text: z.string() })

/** Messages read at once, of up to 128 KB each. */
const STEP = 20

interface Entry extends Debt {
  readonly seq: number
}

export class Outbox implements Debts<Entry> {
  readonly send: Debts['send']
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage, send: Debts['send']) {
    this.sql = sql
    this.send = send
  }

  /** Adds messages to the present transaction. */
  add(messages: readonly string[]): void {
    for (const message of messages) {
      this.sql.exec('INSERT INTO outbox (message) VALUES (?)', message)
    }
  }

  async next(): Promise<readonly Entry[]> {
    const query = 'SELECT seq, message AS text FROM outbox ORDER BY seq LIMIT ?'
    return [...rowsOf(this.sql, Row, query, STEP)]
  }

  settle(sent: readonly Entry[]): void {
    this.sql.exec('DELETE FROM outbox WHERE seq <= ?', sent.at(-1)?.seq ?? 0)
  }
}
