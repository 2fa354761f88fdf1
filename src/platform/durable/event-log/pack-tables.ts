// Where the rows of events stand: in a table for each period in which they were accepted, so that forgetting costs nothing, because a
// table is dropped whole; events that say for how long they are kept, in a table for the day on which they go; and in the one table
// that all had until 0.1.0.

import { z } from 'zod'
import { framedLine } from '../../../primitives/framed-json.ts'
import { pack } from '../../../primitives/pack.ts'
import { DAY_MS } from '../../../primitives/time.ts'
import { LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { rowOf, rowsOf } from '../rows.ts'

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

const Schema = z.object({ name: z.string(), sql: z.string() })
const Newest = z.object({ newest: z.string().nullable() })
const NAME = /^packs_(\d+)$/
/** By the day (UTC, since 1970) at whose begin it is dropped. */
const OWN_NAME = /^packs_until_(\d+)$/
const FORMER = 'packs'
/** The column of tables that had it from the begin, and of those that were made before there were numbers. */
const NUMBER = 'number INTEGER NOT NULL CHECK (number > 0)'
const ADDED = 'number INTEGER NOT NULL DEFAULT 0'
/** JSON (`DayTotals`); null in rows from before there were totals, and in those that came on the same day. */
const TOTALS = 'totals TEXT'

export class PackTables {
  private readonly sql: SqlStorage
  /** Periods that have a table, by their number since 1970. */
  private readonly periods: Set<number>
  /** The days at whose begin a table of events goes that say for how long they are kept. */
  private readonly ends: Set<number>
  /** Tables with rows from before there were numbers. */
  private readonly unnumbered: string[] = [FORMER]
  private union = ''

  constructor(sql: SqlStorage) {
    this.sql = sql
    const query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name GLOB 'packs_*'"
    const tables = [...rowsOf(sql, Schema, query)]
    for (const { name, sql: made } of tables) {
      if (!made.includes(' number ')) sql.exec(`ALTER TABLE ${name} ADD COLUMN ${ADDED}`)
      if (!made.includes(` ${TOTALS}`)) sql.exec(`ALTER TABLE ${name} ADD COLUMN ${TOTALS}`)
      if (!made.includes(NUMBER)) this.unnumbered.push(name)
    }
    const numbers = tables.map(({ name }) => NAME.exec(name)?.[1])
    this.periods = new Set(numbers.flatMap((text) => (text === undefined ? [] : [Number(text)])))
    const ends = tables.map(({ name }) => OWN_NAME.exec(name)?.[1])
    this.ends = new Set(ends.flatMap((text) => (text === undefined ? [] : [Number(text)])))
    this.look()
  }

  /** Whether there are events that say for how long they are kept. */
  get hasOwn(): boolean {
    return this.ends.size > 0
  }

  /** All rows, for a FROM clause; `source` is the table that a row stands in. */
  get all(): string {
    return this.union
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
    if (retentionDays !== undefined) {
      const end = endOf(now, retentionDays)
      if (!this.ends.has(end)) this.open(ownTableOf(end), () => this.ends.add(end))
      return ownTableOf(end)
    }
    const period = Math.floor(now / LOG.periodMs)
    if (!this.periods.has(period)) this.open(tableOf(period), () => this.periods.add(period))
    return tableOf(period)
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
    for (const period of this.periods) {
      const endsAt = (period + 1) * LOG.periodMs
      if (endsAt >= now - retentionDays * DAY_MS) continue
      onDrop(tableOf(period), endsAt)
      if (this.drop(tableOf(period))) this.periods.delete(period)
    }
    for (const end of this.ends) {
      if (end * DAY_MS > now) continue
      onDrop(ownTableOf(end), now)
      if (this.drop(ownTableOf(end))) this.ends.delete(end)
    }
    this.look()
    const any = `SELECT 1 FROM ${FORMER} LIMIT 1`
    return this.periods.size + this.ends.size > 0 || this.sql.exec(any).toArray().length > 0
  }

  /** When the next table goes of those whose events say for how long they are kept, Unix milliseconds; null: there is none. */
  get nextEnd(): number | null {
    return this.ends.size === 0 ? null : Math.min(...this.ends) * DAY_MS
  }

  private open(table: string, note: () => void): void {
    this.sql.exec(`CREATE TABLE ${table} (
      first_event TEXT PRIMARY KEY,
      last_event TEXT NOT NULL,
      ${NUMBER},
      ${TOTALS},
      webhooks TEXT NOT NULL,
      events TEXT NOT NULL,
      accepted INTEGER NOT NULL
    ) WITHOUT ROWID`)
    note()
    this.look()
  }

  /** Whether it is gone: SQLite drops no table while any statement of the object's is half read, until it is collected: then it goes next time. */
  private drop(table: string): boolean {
    try {
      this.sql.exec(`DROP TABLE ${table}`)
    } catch {
      return false
    }
    const place = this.unnumbered.indexOf(table)
    if (place >= 0) this.unnumbered.splice(place, 1)
    return true
  }

  private look(): void {
    this.union = `(${unionAll(this.tables().map(select))})`
  }

  private tables(): readonly string[] {
    const ascending = (numbers: ReadonlySet<number>) => [...numbers].sort((a, b) => a - b)
    return [
      FORMER,
      ...ascending(this.periods).map(tableOf),
      ...ascending(this.ends).map(ownTableOf),
    ]
  }
}

/**
 * Terms of a compound SELECT at most in a Durable Object (workerd, SQLITE_LIMIT_COMPOUND_SELECT): what has more is nested. SQLite takes
 * it apart again, so that each table is still searched by its key, and what is ordered merged.
 */
const MOST_TERMS = 5

function unionAll(selects: readonly string[]): string {
  if (selects.length <= MOST_TERMS) return selects.join(' UNION ALL ')
  const groups = pack(selects, { count: Math.ceil(selects.length / MOST_TERMS) })
  return [...groups].map(({ items }) => `SELECT * FROM (${unionAll(items)})`).join(' UNION ALL ')
}

function select(table: string): string {
  const added = table === FORMER ? '0 AS number, NULL AS totals' : 'number, totals'
  return `SELECT first_event, last_event, ${added}, webhooks, events, accepted, '${table}' AS source FROM ${table}`
}

function tableOf(period: number): string {
  return `packs_${period}`
}

function ownTableOf(end: number): string {
  return `packs_until_${end}`
}

/** The day at whose begin what is kept for so many days from now on goes: to the day for a week, else in steps of `LOG.periodMs`. */
function endOf(now: number, retentionDays: number): number {
  const step = retentionDays <= LOG.exactDays ? 1 : LOG.periodMs / DAY_MS
  return Math.ceil((now + retentionDays * DAY_MS) / DAY_MS / step) * step
}
