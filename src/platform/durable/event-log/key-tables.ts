// Deduplication keys: what each stands for, for as long as it does. A table for each period, so that forgetting a key costs nothing:
// a table is dropped whole once the last of its keys is over.

import { z } from 'zod'
import { fromAnswer, type KeyEntry } from '../../../engine/intake/acceptance.ts'
import { PUBLISH } from '../../../limits.ts'
import { timeOf } from '../../../primitives/ids.ts'
import { NOW, type Table } from '../migrate.ts'
import { PeriodTables } from '../period-tables.ts'
import { rowOf, rowsOf } from '../rows.ts'

/** Until when keys may stand in D1, where they stood before: in objects that have been there since then (Unix milliseconds). */
export const FORMER_KEYS_TABLE = `
  CREATE TABLE IF NOT EXISTS former_keys (only INTEGER PRIMARY KEY, until INTEGER NOT NULL);
  INSERT OR REPLACE INTO former_keys (only, until)
    SELECT 1, ${NOW} + ${PUBLISH.deduplicationSeconds * 1_000} FROM (SELECT 1 FROM packs LIMIT 1)`

export const FORMER_KEYS: Table = {
  name: 'former_keys',
  columns: { until: { sql: 'INTEGER NOT NULL DEFAULT 0', since: 3 } },
}

const Until = z.object({ until: z.number() })

const Row = z.object({ content_hash: z.string(), answer: z.string(), expires_at: z.number() })
const Standing = z.object({ key: z.string(), answer: z.string() })
/** Keys that are in memory at the same time while some are looked for by what they stand for. */
const KEYS_AT_ONCE = 2_000
const PERIOD_MS = PUBLISH.deduplicationSeconds * 1_000

export class KeyTables {
  private readonly sql: SqlStorage
  private readonly periods: PeriodTables

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.periods = new PeriodTables(sql, 'deduplication_keys', make, PERIOD_MS)
  }

  /** Whether D1 must be asked for keys, too. */
  mayHaveFormer(now: number): boolean {
    const row = rowOf(this.sql, Until, 'SELECT until FROM former_keys')
    return row !== undefined && row.until > now
  }

  find(key: string, now: number): KeyEntry | null {
    for (const table of this.periods.names) {
      const query = `SELECT content_hash, answer, expires_at FROM ${table} WHERE key = ?`
      const row = rowOf(this.sql, Row, query, key)
      if (row !== undefined && row.expires_at > now) {
        return { contentHash: row.content_hash, answer: row.answer }
      }
    }
    return null
  }

  /** Adds keys that stand for nothing (any more). */
  add(entries: ReadonlyMap<string, KeyEntry>, now: number): void {
    if (entries.size === 0) return
    const table = this.periods.at(now)
    for (const [key, { contentHash, answer }] of entries) {
      // One row: what a key stood for before is over.
      const query = `INSERT OR REPLACE INTO ${table} (key, content_hash, answer, expires_at) VALUES (?, ?, ?, ?)`
      this.sql.exec(query, key, contentHash, answer, now + PERIOD_MS)
    }
  }

  /** The keys that stand for any of these events, alone or with others. */
  keysOf(eventIds: ReadonlySet<string>): readonly string[] {
    return [...this.standingFor(eventIds)].map(({ key }) => key)
  }

  /** Forgets them. */
  forgetEvents(eventIds: ReadonlySet<string>): void {
    for (const { table, key } of this.standingFor(eventIds)) {
      this.sql.exec(`DELETE FROM ${table} WHERE key = ?`, key)
    }
  }

  /** Looks through the keys some at a time, so that memory holds few, and none is half read while another is forgotten. */
  private *standingFor(ids: ReadonlySet<string>): Generator<{ table: string; key: string }> {
    const [oldest] = this.periods.all
    // No key is older than its event.
    const isNeedless = [...ids].every((id) => timeOf(id) < (oldest?.endsAt ?? 0) - 2 * PERIOD_MS)
    if (isNeedless) return
    for (const table of this.periods.names) {
      const query = `SELECT key, answer FROM ${table} WHERE key > ? ORDER BY key LIMIT ?`
      for (let behind: string | null = ''; behind !== null; ) {
        const rows: z.infer<typeof Standing>[] = [
          ...rowsOf(this.sql, Standing, query, behind, KEYS_AT_ONCE),
        ]
        for (const { key, answer } of rows) {
          if (fromAnswer(answer).some(({ id }) => ids.has(id))) yield { table, key }
        }
        behind = rows.length < KEYS_AT_ONCE ? null : (rows.at(-1)?.key ?? null)
      }
    }
  }

  /** Drops what is over; whether anything is left. */
  prune(now: number): boolean {
    // Its last key was added before its end.
    for (const { name } of this.periods.over(now - PERIOD_MS + 1)) this.periods.drop(name)
    return this.periods.names.length > 0
  }
}

function make(table: string): string {
  return `CREATE TABLE ${table} (
    key TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID`
}
