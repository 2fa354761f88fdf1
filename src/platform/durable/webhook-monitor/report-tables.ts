// The tables of a webhook monitor's reports, and how they are read: within bounds of when they were written, a table after the other.

import { z } from 'zod'
import { timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { rowsOf } from '../rows.ts'
import { MonitorTables } from './monitor-tables.ts'

/** As 0.1.0 made it; later columns are steps of their own (schema.ts). */
export const REPORTS_TABLE = `
  CREATE TABLE IF NOT EXISTS reports (
    -- Microseconds of its writing: ascending, and a bound for "written since".
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    first_event TEXT NOT NULL,
    last_event TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    diverted INTEGER NOT NULL,
    -- Milliseconds of each delivered attempt, as a JSON array.
    latencies TEXT NOT NULL,
    health TEXT NOT NULL,
    attempts TEXT NOT NULL
  )`

/** Something of a report's attempts, as SQL. */
const ofAttempts = (value: string, where = 'true') =>
  `(SELECT ${value} FROM json_each(reports.attempts) WHERE ${where})`

export const REPORTS: Table = {
  name: 'reports',
  columns: {
    id: { sql: "TEXT NOT NULL DEFAULT ''" },
    first_event: {
      sql: "TEXT NOT NULL DEFAULT ''",
      restored: `UPDATE reports SET first_event = coalesce(${ofAttempts("min(value ->> 'eventId')")}, '')`,
    },
    last_event: {
      sql: "TEXT NOT NULL DEFAULT ''",
      restored: `UPDATE reports SET last_event = coalesce(${ofAttempts("max(value ->> 'eventId')")}, '')`,
    },
    delivered: {
      sql: 'INTEGER NOT NULL DEFAULT 0',
      restored: `UPDATE reports SET delivered = ${ofAttempts('count(*)', "value ->> 'outcome' = 'delivered'")}`,
    },
    failed: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    diverted: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    unsendable: { sql: 'INTEGER NOT NULL DEFAULT 0', since: 2 },
    latencies: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    health: {
      sql: "TEXT NOT NULL DEFAULT '{}'",
      // The configuration takes no state that is older than the one it has: this is greater than any number of changes.
      restored: "UPDATE reports SET health = json_object('version', unixepoch())",
    },
    attempts: { sql: "TEXT NOT NULL DEFAULT '[]'" },
  },
}

/** Which reports are read: by when they were written, a condition in SQL with parameters from `?4` on, and how many. */
interface Asked {
  readonly columns: string
  /** The first and last `seq`. */
  readonly from?: number
  readonly upTo?: number
  readonly where?: string
  readonly newestFirst?: boolean
  readonly limit?: number
}

export class ReportTables {
  private readonly sql: SqlStorage
  private readonly tables: MonitorTables<number>

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.tables = new MonitorTables(sql, {
      table: REPORTS,
      make: (table, columns) => `CREATE TABLE ${table} (seq INTEGER PRIMARY KEY, ${columns})`,
      key: 'seq',
      schema: z.number(),
      timeOf: msOf,
      keyAt: (ms) => ms * 1_000,
    })
  }

  insert(seq: number, values: Readonly<Record<string, SqlStorageValue>>): void {
    const names = ['seq', ...Object.keys(values)]
    const query = `INSERT INTO ${this.tables.for(seq)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    this.sql.exec(query, seq, ...Object.values(values))
  }

  /** In the order in which they were written, or the other way round. */
  *read<Row>(
    schema: z.ZodType<Row>,
    { columns, from = 0, upTo = Number.MAX_SAFE_INTEGER, where = 'TRUE', ...asked }: Asked,
    ...bindings: readonly SqlStorageValue[]
  ): Generator<Row, void> {
    const { newestFirst = false, limit = -1 } = asked
    const tables = this.tables.within(msOf(from), msOf(upTo))
    let left = limit
    for (const table of newestFirst ? tables.toReversed() : tables) {
      if (left === 0) return
      const query = `SELECT ${columns} FROM ${table} WHERE seq >= ?1 AND seq <= ?2 AND ${where}
        ORDER BY seq ${newestFirst ? 'DESC' : ''} LIMIT ?3`
      for (const row of rowsOf(this.sql, schema, query, from, upTo, left, ...bindings)) {
        left -= 1
        yield row
      }
    }
  }

  /** Reports that may tell of one of these events: none is older than the first of them, by the clock of whoever made the attempts. */
  *readAbout<Row>(
    schema: z.ZodType<Row>,
    columns: string,
    eventIds: readonly string[],
  ): Generator<Row, void> {
    const ids = eventIds.toSorted()
    const [first] = ids
    const last = ids.at(-1)
    if (first === undefined || last === undefined) return
    const asked = { columns, from: firstSeqAt(timeOf(first)), where: ABOUT_EVENTS }
    yield* this.read(schema, asked, last, first)
  }

  /** Writes the attempts of a report anew. */
  rewrite(seq: number, attempts: string): void {
    for (const table of this.tables.having(seq)) {
      this.sql.exec(`UPDATE ${table} SET attempts = ? WHERE seq = ?`, attempts, seq)
    }
  }

  /** Removes what was written before a time, but never the last report; whether anything else is left. */
  prune(before: number, last: number): boolean {
    const former = `DELETE FROM ${REPORTS.name} WHERE seq < ? AND seq < ?`
    this.sql.exec(former, before * 1_000, last)
    this.tables.prune(before, before, `seq = ${last}`)
    return this.tables.hasMoreThan(1)
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.tables.reload()
  }
}

/** Of a last event and a first one. */
export const ABOUT_EVENTS = 'first_event <= ?4 AND last_event >= ?5'

/** A bound below every report written at or after `ms` on another machine's clock. */
export function firstSeqAt(ms: number): number {
  return Math.max(0, ms - LOG.clockSkewMs) * 1_000
}

function msOf(seq: number): number {
  return Math.floor(seq / 1_000)
}
