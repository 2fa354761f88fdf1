// The order in which a log accepted its events: each gets the next number when it is written, and a reader that stands behind a number
// misses nothing, whatever ids the later ones have. A number begins with the time (microseconds since 1970), so that rows of one time
// are found by their ids, which tell nearly the same: rows of which they do not are named in a table of their own. Each row also has
// the totals of its day so far, so that those of a day are in its last row.

import { z } from 'zod'
import { addEvents, type DayUsage, type LoggedEvent } from '../../../engine/model/index.ts'
import type { Usage } from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { DAY_MS, HOUR_MS, startOfDay } from '../../../primitives/time.ts'
import { LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { rowOf, rowsOf } from '../rows.ts'
import { Counted, KeptTotalsTable, NONE, shown, type Totals } from './day-totals.ts'
import { EventRow, type PlacedEvent, placedOf } from './event-rows.ts'
import type { PackTables } from './pack-tables.ts'

/** Rows whose ids tell another time than when they were accepted. */
export const LATE_PACKS_TABLE =
  'CREATE TABLE IF NOT EXISTS late_packs (number INTEGER PRIMARY KEY, first_event TEXT NOT NULL)'

export const LATE_PACKS: Table = {
  name: 'late_packs',
  columns: {
    first_event: { sql: "TEXT NOT NULL DEFAULT ''", since: 5, restored: 'DELETE FROM late_packs' },
  },
}

const Key = z.object({ first_event: z.string(), number: z.number() })
type Key = z.infer<typeof Key>
/** A row, as far as the next one goes on from it. */
interface LastRow {
  /** 0: there is none with a number. */
  readonly number: number
  /** Of its day up to it; null where an earlier version, which did not count, had a part in the day. */
  readonly totals: Totals | null
}

interface WrittenRow {
  /** Unix milliseconds. */
  readonly at: number
  readonly totals: Totals | null
}

export class NumberedRows {
  private readonly sql: SqlStorage
  private readonly tables: PackTables
  readonly kept: KeptTotalsTable
  /** The row that was written last; null until it is looked up. */
  private last: LastRow | null = null

  constructor(sql: SqlStorage, tables: PackTables) {
    this.sql = sql
    this.tables = tables
    this.kept = new KeptTotalsTable(sql)
  }

  /** Of the event that was written last; 0: there is none. */
  get newestNumber(): number {
    return (this.last ?? this.newest()).number
  }

  /** What a row that is written now has: the number of its last event, and the totals of its day. `requests`: that it is the first row of. */
  next(events: readonly LoggedEvent[], requests: number, now: number): LastRow {
    const before = this.last ?? this.newest()
    const number = Math.max(before.number + 1, now * 1_000) + events.length - 1
    const goesOn = before.number === 0 || dayOf(before.number) === dayOf(number)
    const totals = goesOn ? before.totals : NONE
    const rows = { requests: (totals?.requests ?? 0) + requests, rows: (totals?.rows ?? 0) + 1 }
    this.last = { number, totals: totals && { ...addEvents(totals, events), ...rows } }
    const firstEvent = events[0]?.id ?? ''
    if (isLate({ first_event: firstEvent, number })) {
      const query = 'INSERT INTO late_packs (number, first_event) VALUES (?, ?)'
      this.sql.exec(query, number, firstEvent)
    }
    return this.last
  }

  /** The totals of the days from that of `since` on. */
  usage(since: number, now: number): Usage {
    const counted = this.countedInRows(since, now)
    const kept = this.kept.since(counted.since)
    if (kept.length === 0) return counted
    const all = [...counted.days, ...kept]
    // Totals grow with the day: of two the greater is the later.
    const days = [...Map.groupBy(all, ({ day }) => day).values()].flatMap(
      (ofDay) => ofDay.toSorted((a, b) => b.events - a.events)[0] ?? [],
    )
    return { ...counted, days: days.toSorted((a, b) => b.day - a.day) }
  }

  /** When the last row before a time (Unix milliseconds) was written, 0 for none, and the totals of its day then. */
  lastBefore(ms: number): WrittenRow {
    return toWritten(this.lastBelow(ms * 1_000))
  }

  /** The same of the newest. */
  get latest(): WrittenRow {
    this.last ??= this.newest()
    return toWritten(this.last)
  }

  /** The totals of a day (its beginning) at the end of each of its hours up to `now`; null where nobody knows. */
  totalsByHour(day: number, now: number): readonly (Totals | null)[] {
    const hours = Math.min(24, Math.floor((now - day) / HOUR_MS) + 1)
    const totals: (Totals | null)[] = []
    // From the last one on: what a row tells holds for all hours since it was written.
    for (let hour = hours - 1; hour >= 0; ) {
      const row = this.lastBelow((day + (hour + 1) * HOUR_MS) * 1_000)
      const isOfDay = row !== undefined && dayOf(row.number) === day
      const since = isOfDay ? Math.floor((row.number / 1_000 - day) / HOUR_MS) : 0
      for (; hour >= since; hour -= 1) totals[hour] = isOfDay ? row.totals : NONE
    }
    return totals
  }

  private countedInRows(since: number, now: number): Usage {
    const from = startOfDay(since)
    const newest = this.last ?? this.newest()
    if (newest.number === 0) {
      return { since: newest.totals === null ? startOfDay(now) + DAY_MS : from, days: [] }
    }
    const days: DayUsage[] = []
    for (let row: LastRow | undefined = newest; row !== undefined; ) {
      const day = dayOf(row.number)
      if (day < from) break
      if (row.totals === null) return { since: day + DAY_MS, days }
      days.push({ day, ...shown(row.totals) })
      row = this.lastBelow(day * 1_000)
    }
    return { since: from, days }
  }

  /**
   * Events with an id in [from, below), in the order in which they were accepted, behind a position: one of this log, or the id of an
   * event, up to which it was read in order of ids. `wants`: whether a row is worth reading, by its text.
   */
  *inOrder(
    position: string | null,
    from: string,
    below: string,
    wants: (row: EventRow) => boolean,
  ): Generator<PlacedEvent> {
    const behind = this.numberOf(position)
    for (const key of this.keysBehind(behind, from, below)) {
      const row = this.rowAt(key)
      if (row === undefined || !wants(row)) continue
      for (const placed of placedOf(row)) {
        const { id } = placed.event
        if (Number(placed.position) > behind && id >= from && id < below) yield placed
      }
    }
  }

  /** Rows with an event behind a number, in the order in which they were accepted. */
  *rowsBehind(number: number): Generator<EventRow> {
    for (const key of this.keysBehind(number, firstIdAt(0), AFTER_ALL_IDS)) {
      const row = this.rowAt(key)
      if (row !== undefined) yield row
    }
  }

  /** Forgets which rows were late that are forgotten themselves. */
  prune(before: number): void {
    this.sql.exec('DELETE FROM late_packs WHERE number < ?', before * 1_000)
    this.kept.prune(before)
  }

  /** Up to which number everything was read. */
  private numberOf(position: string | null): number {
    if (position === null) return 0
    return position.includes('-') ? this.numberBehind(position) : Number(position)
  }

  /** The number before the first event that a reader in order of ids, who has read up to this one, may not have seen. */
  private numberBehind(id: string): number {
    const from = firstIdAt(timeOf(id) - LOG.packSpanMs)
    const holding = `SELECT first_event, number FROM ${this.tables.numbered}
      WHERE first_event >= ? AND first_event <= ? AND last_event >= ?`
    const own = [...rowsOf(this.sql, Key, holding, from, id, id)]
      .flatMap((key) => this.placedAt(key))
      .find(({ event }) => event.id === id)
    // Of one from before there were numbers nobody knows what came before it: events are rather shown again than not at all.
    const read = own ? id : firstIdAt(timeOf(id) - 2 * LOG.clockSkewMs)
    const query = `SELECT first_event, number FROM ${this.tables.numbered}
      WHERE first_event >= ? AND last_event > ? ORDER BY number LIMIT 1`
    const key = rowOf(this.sql, Key, query, firstIdAt(timeOf(read) - LOG.packSpanMs), read)
    const unseen = key && this.placedAt(key).find(({ event }) => event.id > read)
    const numbers = [own ? Number(own.position) : null, unseen ? Number(unseen.position) - 1 : null]
    const known = numbers.filter((number) => number !== null)
    return known.length === 0 ? 0 : Math.min(...known)
  }

  private rowAt({ first_event, number }: Key): EventRow | undefined {
    const query = `SELECT * FROM ${this.tables.numbered} WHERE first_event = ? AND number = ?`
    return rowOf(this.sql, EventRow, query, first_event, number)
  }

  private placedAt(key: Key): readonly PlacedEvent[] {
    const row = this.rowAt(key)
    return row ? placedOf(row) : []
  }

  /** Rows with a number above this one, by their numbers, that may have an id in [from, below). */
  private *keysBehind(number: number, from: string, below: string): Generator<Key> {
    const late = [
      ...rowsOf(
        this.sql,
        Key,
        'SELECT first_event, number FROM late_packs WHERE number > ? ORDER BY number',
        number,
      ),
    ].filter(({ first_event }) => first_event < below)
    const lowest = [
      firstIdAt(Math.floor(number / 1_000) - LOG.clockSkewMs),
      firstIdAt(timeOf(from) - LOG.packSpanMs),
    ].toSorted()[1]
    const query = `SELECT first_event, number FROM ${this.tables.numbered}
      WHERE first_event >= ? AND first_event < ? AND number > ? ORDER BY first_event`
    const waiting: Key[] = late
    for (const key of rowsOf(this.sql, Key, query, lowest ?? '', below, number)) {
      if (isLate(key)) continue
      // No row from here on has a lower number, or it would be late.
      const least = (timeOf(key.first_event) - LOG.clockSkewMs) * 1_000
      const ready = waiting.findIndex((one) => one.number >= least)
      yield* waiting.splice(0, ready === -1 ? waiting.length : ready)
      const place = waiting.findLastIndex((one) => one.number < key.number)
      waiting.splice(place + 1, 0, key)
    }
    yield* waiting
  }

  private newest(): LastRow {
    const newest = this.lastBelow(Number.MAX_SAFE_INTEGER)
    if (newest !== undefined) return newest
    const former = `SELECT 1 FROM ${this.tables.former} LIMIT 1`
    const isFirst = this.sql.exec(former).toArray().length === 0
    return { number: 0, totals: isFirst ? NONE : null }
  }

  /** The row with the highest number below this one. */
  private lastBelow(number: number): LastRow | undefined {
    const lateRows =
      'SELECT number, first_event FROM late_packs WHERE number < ? ORDER BY number DESC LIMIT 1'
    const late = rowOf(this.sql, Key, lateRows, number)
    // Of the others, the one with the highest number is no more than twice the difference of clocks before the newest.
    const end = firstIdAt(Math.floor(number / 1_000) + LOG.clockSkewMs + 1)
    const byId = `SELECT first_event, number FROM ${this.tables.numbered}
      WHERE first_event < ? AND number < ? AND number NOT IN (SELECT number FROM late_packs)
      ORDER BY first_event DESC LIMIT 1`
    const newest = rowOf(this.sql, Key, byId, end, number)
    const from = newest ? firstIdAt(timeOf(newest.first_event) - 2 * LOG.clockSkewMs) : end
    const byNumber = `SELECT number, totals FROM ${this.tables.numbered}
      WHERE first_event >= ? AND first_event < ? AND number < ? ORDER BY number DESC LIMIT 1`
    const regular = rowOf(this.sql, Counted, byNumber, from, end, number)
    if (late === undefined || late.number <= (regular?.number ?? 0)) return regular
    const named = `SELECT number, totals FROM ${this.tables.numbered}
      WHERE first_event = ? AND number = ?`
    const row = rowOf(this.sql, Counted, named, late.first_event, late.number)
    // It may be forgotten already.
    return row ?? { number: late.number, totals: null }
  }
}

function toWritten(row: LastRow | undefined): WrittenRow {
  return row === undefined
    ? { at: 0, totals: NONE }
    : { at: Math.floor(row.number / 1_000), totals: row.totals }
}

/** When the day of a number began. */
function dayOf(number: number): number {
  return startOfDay(Math.floor(number / 1_000))
}

/** The ids of the row tell another time than its number, by more than clocks differ. */
function isLate({ first_event: first, number }: Key): boolean {
  return Math.abs(Math.floor(number / 1_000) - timeOf(first)) > LOG.clockSkewMs
}
