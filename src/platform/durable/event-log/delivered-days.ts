// How many first attempts delivered, by hour, of outcomes that were moved to segments: a row for each day, which a later day takes
// over, so that nothing is ever deleted.

import { z } from 'zod'
import {
  addActivity,
  deliveredIn,
  type FirstOutcome,
  type HourActivity,
  HourlySums,
  NO_ACTIVITY,
  priceOfLog,
} from '../../../engine/model/index.ts'
import { DAY_MS, startOfDay } from '../../../primitives/time.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowOf } from '../rows.ts'

export const DELIVERED_DAYS: OccasionalSchema = {
  name: 'delivered_days',
  columns: {
    day: { sql: 'INTEGER NOT NULL DEFAULT 0', restored: 'DELETE FROM delivered_days' },
    hours: { sql: "TEXT NOT NULL DEFAULT '[]'", restored: 'DELETE FROM delivered_days' },
  },
  occasional:
    'CREATE TABLE delivered_days (slot INTEGER PRIMARY KEY, day INTEGER NOT NULL, hours TEXT NOT NULL)',
}

/** Days of which there is a row: as long as attempts are kept, and what is moved later. */
const SLOTS = 40

const Hour = z.object({
  hour: z.number(),
  delivered: z.number().default(0),
  microdollars: z.number().default(0),
  latencyMs: z.number().default(0),
  latencies: z.array(z.number()).default([]),
})
const Row = z.object({ hours: jsonText(z.array(Hour)) })

export class DeliveredDays {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, DELIVERED_DAYS)
  }

  /** The hours of a day (its beginning). */
  of(day: number): readonly HourActivity[] {
    if (!this.table.exists) return []
    const query = 'SELECT hours FROM delivered_days WHERE slot = ? AND day = ?'
    const hours = rowOf(this.sql, Row, query, slotOf(day), day)?.hours ?? []
    return hours.map(({ hour, ...sums }) => ({ hour, ...addActivity(NO_ACTIVITY, sums) }))
  }

  /** Adds to what there is of their days, within the present transaction. */
  add(hours: readonly HourActivity[]): void {
    for (const [day, added] of Map.groupBy(hours, ({ hour }) => startOfDay(hour))) {
      this.table.make()
      const sums = new HourlySums()
      for (const { hour, ...one } of [...this.of(day), ...added]) sums.add(hour, one)
      const kept = sums.hours.map(({ hour, delivered, microdollars, latencyMs, latencies }) => {
        return { hour, delivered, microdollars, latencyMs, latencies }
      })
      const query = 'INSERT OR REPLACE INTO delivered_days (slot, day, hours) VALUES (?, ?, ?)'
      this.sql.exec(query, slotOf(day), day, JSON.stringify(kept))
    }
  }

  /** Looks again: a transaction was undone. */
  reload(): void {
    this.table.reload()
  }
}

function slotOf(day: number): number {
  return Math.floor(day / DAY_MS) % SLOTS
}

/** What rows of outcomes come to, by hour, with what they cost; of one day (its beginning), or of all. */
export function toHours(
  rows: readonly (readonly FirstOutcome[])[],
  day: number | null = null,
): readonly HourActivity[] {
  const sums = new HourlySums()
  for (const row of rows) {
    const [first] = row
    if (first !== undefined) sums.add(first.at, { microdollars: priceOfLog(0, 1) })
    for (const { at, delivered } of row) {
      if (delivered !== null) sums.add(at, deliveredIn(delivered.durationMs))
    }
  }
  return sums.hours.filter(({ hour }) => day === null || startOfDay(hour) === day)
}
