// The totals of each day: as rows of events have them, and those that are kept when such rows are forgotten.

import { z } from 'zod'
import { type DayTotals, type DayUsage, NO_TOTALS } from '../../../engine/model/index.ts'
import { startOfDay } from '../../../primitives/time.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowsOf } from '../rows.ts'

/** The totals of days of which rows were forgotten while they are still shown. */
export const DAY_TOTALS: OccasionalSchema = {
  name: 'day_totals',
  columns: {
    totals: { sql: "TEXT NOT NULL DEFAULT '{}'", restored: 'DELETE FROM day_totals' },
  },
  occasional: 'CREATE TABLE day_totals (day INTEGER PRIMARY KEY, totals TEXT NOT NULL)',
}

export const Totals = z.object({
  events: z.number(),
  deliveries: z.number(),
  bytes: z.number(),
  // Not counted by 0.1.0.
  invalid: z.number().default(0),
  requests: z.number().default(0),
  rows: z.number().default(0),
})
/** Of a day, as a row has them: with the publishes that brought the events, and the rows that they were written in. */
export type Totals = z.infer<typeof Totals>
/** Of a day on which nothing was accepted. */
export const NONE: Totals = { ...NO_TOTALS, requests: 0, rows: 0 }

const KeptTotals = z.object({ day: z.number(), totals: jsonText(Totals) })
/** A row with a number. */
export const Counted = z.object({ number: z.number(), totals: jsonText(Totals).nullable() })

export class KeptTotalsTable {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, DAY_TOTALS)
  }

  /** Those that are kept of days from `since` (the beginning of one) on. */
  since(since: number): readonly DayUsage[] {
    if (!this.table.exists) return []
    const query = 'SELECT day, totals FROM day_totals WHERE day >= ?'
    return [...rowsOf(this.sql, KeptTotals, query, since)].map(({ day, totals }) => {
      return { day, ...shown(totals) }
    })
  }

  /** Keeps the totals of the days from that of `since` on that stand in a table which is about to go. */
  keep(table: string, since: number): void {
    const query = `SELECT number, totals FROM ${table} WHERE number >= ? AND totals IS NOT NULL`
    const days = new Map<number, Totals>()
    for (const { number, totals } of rowsOf(this.sql, Counted, query, startOfDay(since) * 1_000)) {
      const before = days.get(startOfDay(Math.floor(number / 1_000))) ?? NONE
      if (totals !== null && totals.events > before.events)
        days.set(startOfDay(Math.floor(number / 1_000)), totals)
    }
    if (days.size > 0) this.table.make()
    for (const [day, totals] of days) {
      const keeping = `INSERT INTO day_totals (day, totals) VALUES (?1, ?2) ON CONFLICT (day) DO
        UPDATE SET totals = ?2 WHERE ?2 ->> 'events' > totals ->> 'events'`
      this.sql.exec(keeping, day, JSON.stringify(totals))
    }
  }

  /** Forgets those of days before a time, Unix milliseconds. */
  prune(before: number): void {
    if (this.table.exists) this.sql.exec('DELETE FROM day_totals WHERE day < ?', before)
  }
}

/** Without what nobody is shown. */
export function shown({ requests: _, rows: __, ...totals }: Totals): DayTotals {
  return totals
}
