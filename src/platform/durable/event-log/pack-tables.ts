// Where the rows of events stand: in a table for each period in which they were accepted; events that say for how long they are kept, in
// a table for the day on which they go (period-tables.ts); and in the one table that all had until 0.1.0.

import { z } from 'zod'
import { framedLine } from '../../../primitives/framed-json.ts'
import { DAY_MS } from '../../../primitives/time.ts'
import type { Table } from '../migrate.ts'
import { PeriodTables, unionAll } from '../period-tables.ts'
import { rowOf } from '../rows.ts'

/** The one table that 0.1.0 had. */
export const PACKS_TABLE = `
  CREATE TABLE IF NOT EXISTS packs (
    first_event TEXT PRIMARY KEY,
    last_event TEXT NOT NULL,
    -- For each event the ids of the webhooks it was for, as JSON.
    webhooks TEXT NOT NULL,
    events TEXT NOT NULL
  ) WITHOUT ROWID`

/**
 * Rows of this version and later: what became of their events is noted here, too. The moment of their acceptance (webhook-history.ts);
 * 0 in rows of 0.1.0, and 1 where it was not noted.
 */
export const ACCEPTED_COLUMN = 'ALTER TABLE packs ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0'

export const PACKS: Table = {
  name: 'packs',
  columns: {
    last_event: {
      sql: "TEXT NOT NULL DEFAULT ''",
      restored: `UPDATE packs SET last_event = json_extract(${framedLine('events')}, '$[#-1].id')`,
    },
    webhooks: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    // A row without its events is nothing to keep.
    events: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM packs' },
    accepted: { sql: 'INTEGER NOT NULL DEFAULT 0', since: 3 },
  },
}

const Newest = z.object({ newest: z.string().nullable() })
const FORMER = 'packs'
/** The column of tables that had it from the begin, and of those that were made before there were numbers. */
const NUMBER = 'number INTEGER NOT NULL CHECK (number > 0)'
const ADDED = 'number INTEGER NOT NULL DEFAULT 0'
/** JSON (`DayTotals`); null in rows from before there were totals, and in those that came on the same day. */
const TOTALS = 'totals TEXT'

export class PackTables {
  private readonly sql: SqlStorage
  private readonly periods: PeriodTables
  /** Tables with rows from before there were numbers. */
  private readonly unnumbered: string[] = [FORMER]

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.periods = new PeriodTables(sql, FORMER, make)
    for (const { name, sql: made } of this.periods.all) {
      if (!made.includes(' number ')) sql.exec(`ALTER TABLE ${name} ADD COLUMN ${ADDED}`)
      if (!made.includes(` ${TOTALS}`)) sql.exec(`ALTER TABLE ${name} ADD COLUMN ${TOTALS}`)
      if (!made.includes(NUMBER)) this.unnumbered.push(name)
    }
  }

  /** Whether there are events that say for how long they are kept. */
  get hasOwn(): boolean {
    return this.periods.own.length > 0
  }

  /** All rows, for a FROM clause; `source` is the table that a row stands in. */
  get all(): string {
    return `(${unionAll(this.tables().map(select))})`
  }

  /**
   * A statement for rows that meet a condition, with numbered parameters, newest first. It orders within each table, by its key, and
   * merges: `ORDER BY` on `all` would sort every row with all its events before the first is read.
   */
  newestFirst(condition: string): string {
    const selects = this.tables().map((table) => `${select(table)} WHERE ${condition}`)
    return `${unionAll(selects)} ORDER BY first_event DESC`
  }

  /** Rows whose events have numbers. */
  get numbered(): string {
    const tables = this.tables().filter((table) => table !== FORMER)
    const selects = tables.map((table) => `${select(table)} WHERE number > 0`)
    return `(${selects.length === 0 ? `${select(FORMER)} WHERE FALSE` : unionAll(selects)})`
  }

  /** Rows from before there were numbers. */
  get former(): string {
    const selects = this.unnumbered.map((table) =>
      table === FORMER ? select(table) : `${select(table)} WHERE number = 0`,
    )
    return `(${unionAll(selects)})`
  }

  /** The table for what is accepted now, and is kept for some days where it says so itself. */
  present(now: number, retentionDays?: number): string {
    return retentionDays === undefined
      ? this.periods.at(now)
      : this.periods.until(now, retentionDays)
  }

  /** The first event of the row that begins last; '' when there is none. */
  newest(): string {
    const newest = this.tables().map((table) => {
      const query = `SELECT max(first_event) AS newest FROM ${table}`
      return rowOf(this.sql, Newest, query)?.newest ?? ''
    })
    return newest.toSorted().at(-1) ?? ''
  }

  /**
   * Forgets what is kept no longer, where events are kept for so many days unless they say so themselves, and rows of the former table
   * that end before an id; whether any are left. `onDrop` is told of each table before it goes, and when its last event was accepted
   * at the latest.
   */
  prune(
    now: number,
    retentionDays: number,
    beforeId: string,
    onDrop: (table: string, until: number) => void,
  ): boolean {
    const former = `DELETE FROM ${FORMER} WHERE first_event < ? AND last_event < ?`
    this.sql.exec(former, beforeId, beforeId)
    for (const { name, endsAt } of this.periods.over(now - retentionDays * DAY_MS)) {
      onDrop(name, endsAt)
      this.drop(name)
    }
    for (const { name } of this.periods.ended(now)) {
      onDrop(name, now)
      this.drop(name)
    }
    const any = `SELECT 1 FROM ${FORMER} LIMIT 1`
    return this.periods.names.length > 0 || this.sql.exec(any).toArray().length > 0
  }

  /** When the next table goes of those whose events say for how long they are kept, Unix milliseconds; null: there is none. */
  get nextEnd(): number | null {
    return this.periods.nextEnd
  }

  private drop(table: string): void {
    if (!this.periods.drop(table)) return
    const place = this.unnumbered.indexOf(table)
    if (place >= 0) this.unnumbered.splice(place, 1)
  }

  private tables(): readonly string[] {
    return [FORMER, ...this.periods.names]
  }
}

function make(table: string): string {
  return `CREATE TABLE ${table} (
    first_event TEXT PRIMARY KEY,
    last_event TEXT NOT NULL,
    ${NUMBER},
    ${TOTALS},
    webhooks TEXT NOT NULL,
    events TEXT NOT NULL,
    accepted INTEGER NOT NULL
  ) WITHOUT ROWID`
}

function select(table: string): string {
  const added = table === FORMER ? '0 AS number, NULL AS totals' : 'number, totals'
  return `SELECT first_event, last_event, ${added}, webhooks, events, accepted, '${table}' AS source FROM ${table}`
}
