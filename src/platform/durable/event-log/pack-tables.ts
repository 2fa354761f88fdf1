// Where the rows of events stand: in a table for each period in which they were accepted, so that forgetting costs nothing, because a
// table is dropped whole; and in the one table that all had until 0.1.0.

import { z } from 'zod'
import { framedLine } from '../../../primitives/framed-json.ts'
import { LOG, RETENTION } from '../../../tuning.ts'
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
    this.look()
  }

  /** All rows, for a FROM clause; `source` is the table that a row stands in. */
  get all(): string {
    return this.union
  }

  /** Rows whose events have numbers. */
  get numbered(): string {
    const tables = this.tables().filter((table) => table !== FORMER)
    const selects = tables.map((table) => `${select(table)} WHERE number > 0`)
    return `(${selects.length === 0 ? `${select(FORMER)} WHERE FALSE` : selects.join(' UNION ALL ')})`
  }

  /** Rows from before there were numbers. */
  get former(): string {
    const selects = this.unnumbered.map((table) =>
      table === FORMER ? select(table) : `${select(table)} WHERE number = 0`,
    )
    return `(${selects.join(' UNION ALL ')})`
  }

  /** The table for what is accepted now. */
  present(now: number): string {
    const period = Math.floor(now / LOG.periodMs)
    if (!this.periods.has(period)) this.open(period)
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

  /** Forgets what was accepted too long ago, and rows of the former table that end before an id; whether any are left. */
  prune(now: number, beforeId: string): boolean {
    const former = `DELETE FROM ${FORMER} WHERE first_event < ? AND last_event < ?`
    this.sql.exec(former, beforeId, beforeId)
    for (const period of this.periods) {
      const endsAt = (period + 1) * LOG.periodMs
      if (endsAt < now - RETENTION.eventSeconds * 1_000) this.drop(period)
    }
    const any = `SELECT 1 FROM ${FORMER} LIMIT 1`
    return this.periods.size > 0 || this.sql.exec(any).toArray().length > 0
  }

  private open(period: number): void {
    this.sql.exec(`CREATE TABLE ${tableOf(period)} (
      first_event TEXT PRIMARY KEY,
      last_event TEXT NOT NULL,
      ${NUMBER},
      ${TOTALS},
      webhooks TEXT NOT NULL,
      events TEXT NOT NULL,
      accepted INTEGER NOT NULL
    ) WITHOUT ROWID`)
    this.periods.add(period)
    this.look()
  }

  /** SQLite drops no table while any statement of the object's is half read, until it is collected: then it goes next time. */
  private drop(period: number): void {
    try {
      this.sql.exec(`DROP TABLE ${tableOf(period)}`)
    } catch {
      return
    }
    this.periods.delete(period)
    const place = this.unnumbered.indexOf(tableOf(period))
    if (place >= 0) this.unnumbered.splice(place, 1)
    this.look()
  }

  private look(): void {
    this.union = `(${this.tables().map(select).join(' UNION ALL ')})`
  }

  private tables(): readonly string[] {
    return [FORMER, ...[...this.periods].sort((a, b) => a - b).map(tableOf)]
  }
}

function select(table: string): string {
  const added = table === FORMER ? '0 AS number, NULL AS totals' : 'number, totals'
  return `SELECT first_event, last_event, ${added}, webhooks, events, accepted, '${table}' AS source FROM ${table}`
}

function tableOf(period: number): string {
  return `packs_${period}`
}
