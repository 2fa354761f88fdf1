// Where an event log keeps the erasures that it was asked for: how far each got, and, for as long as a queue may hold an event that
// was published before, what it was about. Of a scope only digests are kept: what is erased stands here no more than elsewhere.

import { z } from 'zod'
import { QUEUE } from '../../../tuning.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'

/** What it was about is lost; that it was not finished shows in its job. */
const LOST = 'DELETE FROM erasures'

export const ERASURES: OccasionalSchema = {
  name: 'erasures',
  columns: {
    at: { sql: 'INTEGER NOT NULL DEFAULT 0', restored: LOST },
    salt: { sql: "TEXT NOT NULL DEFAULT ''", restored: LOST },
    scope: { sql: "TEXT NOT NULL DEFAULT '[]'", restored: LOST },
    position: { sql: 'TEXT' },
    untold: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    ended: { sql: 'INTEGER NOT NULL DEFAULT 0' },
  },
  occasional: `
  CREATE TABLE erasures (
    -- The job; or, without one, what has to be told again.
    id TEXT PRIMARY KEY,
    -- When it was asked for, Unix milliseconds.
    at INTEGER NOT NULL,
    salt TEXT NOT NULL,
    -- Digests of the entries that a scope must have, as JSON: one that is * for all events; of an erasure by ids none.
    scope TEXT NOT NULL,
    -- The row behind which it goes on; null: all rows were looked through.
    position TEXT,
    -- Ids of expunged events of which no monitor was told yet, as JSON.
    untold TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID`,
}

const Texts = jsonText(z.array(z.string()))
const Row = z.object({
  id: z.string(),
  at: z.number(),
  salt: z.string(),
  scope: Texts,
  position: z.string().nullable(),
  untold: Texts,
})

export type Erasure = z.infer<typeof Row>
/** What an erasure by scope is about. */
export type ErasedScope = Pick<Erasure, 'at' | 'salt' | 'scope'>

export class ErasureStore {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, ERASURES)
  }

  insert({ id, at, salt, scope, position, untold }: Erasure): void {
    this.table.make()
    const query = `INSERT INTO erasures (id, at, salt, scope, position, untold)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
    this.sql.exec(query, id, at, salt, JSON.stringify(scope), position, JSON.stringify(untold))
  }

  /** One that has not ended. */
  find(id: string): Erasure | undefined {
    if (!this.table.exists) return undefined
    return rowOf(this.sql, Row, 'SELECT * FROM erasures WHERE id = ? AND ended = 0', id)
  }

  underWay(): readonly Erasure[] {
    if (!this.table.exists) return []
    return [...rowsOf(this.sql, Row, 'SELECT * FROM erasures WHERE ended = 0 ORDER BY id')]
  }

  /** Those by scope, whether they have ended or not. */
  scopes(): readonly ErasedScope[] {
    if (!this.table.exists) return []
    return [...rowsOf(this.sql, Row, "SELECT * FROM erasures WHERE scope <> '[]'")]
  }

  /** How far it got. */
  move(id: string, { position, untold }: Pick<Erasure, 'position' | 'untold'>): void {
    const query = 'UPDATE erasures SET position = ?, untold = ? WHERE id = ?'
    this.sql.exec(query, position, JSON.stringify(untold), id)
  }

  end(id: string): void {
    this.sql.exec('UPDATE erasures SET ended = 1 WHERE id = ?', id)
  }

  /** Forgets what ended so long ago that no queue can hold an event from before; whether any are left. */
  prune(now: number): boolean {
    if (!this.table.exists) return false
    const before = now - 2 * QUEUE.maxRetentionSeconds * 1_000
    this.sql.exec('DELETE FROM erasures WHERE ended = 1 AND at < ?', before)
    return this.sql.exec('SELECT 1 FROM erasures LIMIT 1').toArray().length > 0
  }
}
