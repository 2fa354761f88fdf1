// What a tenant published, one packed row per group that was accepted together. Ids are time-ordered and a row spans a minute at most, so its
// first and last id find an event in a bounded scan, without an index that every write would pay for.

import { z } from 'zod'
import { type LoggedEvent, usageStart } from '../../../engine/model/index.ts'
import type { EventQuery } from '../../../engine/ports/index.ts'
import { RETENTION_DAYS } from '../../../limits.ts'
import { frame } from '../../../primitives/framed-json.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { DAY_MS, startOfDay } from '../../../primitives/time.ts'
import { LOG } from '../../../tuning.ts'
import { rowOf, rowsOf } from '../rows.ts'
import {
  EventRow,
  earlier,
  merge,
  type PlacedEvent,
  parseRow,
  selectEvents,
  toGroups,
  typeText,
} from './event-rows.ts'
import { NumberedRows } from './numbered-rows.ts'
import { PackTables } from './pack-tables.ts'
import { RecentIds } from './recent-ids.ts'

/** Where a reader stands: behind an event of a row, which its first event names. */
export interface LogPosition {
  readonly row: string
  readonly event: string
}

interface Asked extends Pick<EventQuery, 'after' | 'before' | 'order'> {
  readonly type?: string | null | undefined
}

const Last = z.object({ last: z.string().nullable() })

interface LogRow {
  readonly first: string
  readonly events: readonly LoggedEvent[]
}

export class EventStore {
  private readonly sql: SqlStorage
  readonly tables: PackTables
  readonly numbers: NumberedRows
  private readonly recent = new RecentIds()
  /** The highest id in rows that a former object wrote: what is above is in none of them, and known to `recent`. */
  private readonly highestAtStart: string

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.tables = new PackTables(sql)
    this.numbers = new NumberedRows(sql, this.tables)
    this.highestAtStart = this.highest()
  }

  /**
   * Adds the events that are not there yet; returns the first and last of each row that came of it. `accepted`: the moment of their
   * acceptance, 0 of what an earlier version accepted.
   */
  append(
    events: readonly LoggedEvent[],
    accepted: number,
    now: number,
    requests = 1,
  ): { readonly first: string; readonly last: string }[] {
    const unique = new Map(events.map((event) => [event.id, event]))
    const groups = byRetention([...unique.values()]).flatMap(toGroups)
    const rows = groups.flatMap((group, index) =>
      this.insert(this.missing(group), accepted, now, index === 0 ? requests : 0),
    )
    this.recent.add([...unique.keys()])
    return rows
  }

  /** Those of a group that no row holds; a row that may hold one of them, and was written before this object started, is read once. */
  private missing(group: readonly LoggedEvent[]): readonly LoggedEvent[] {
    const first = group[0]?.id ?? ''
    const last = group.at(-1)?.id ?? ''
    if (this.isKnown(first)) return group.filter(({ id }) => !this.recent.has(id))
    const from = firstIdAt(timeOf(first) - LOG.packSpanMs)
    const upTo = this.recent.reachesBackTo(first) ? earlier(last, this.highestAtStart) : last
    const query = `SELECT * FROM ${this.tables.all} WHERE first_event >= ? AND first_event <= ? AND last_event >= ?`
    const known = new Set<string>()
    for (const row of rowsOf(this.sql, EventRow, query, from, upTo, first)) {
      const isNear = group.some(({ id }) => id >= row.first_event && id <= row.last_event)
      if (isNear) for (const { id } of parseRow(row)) known.add(id)
    }
    return group.filter(({ id }) => !known.has(id) && !this.recent.has(id))
  }

  private insert(group: readonly LoggedEvent[], accepted: number, now: number, requests: number) {
    const [first] = group
    const last = group.at(-1)
    if (first === undefined || last === undefined) return []
    const webhooks = JSON.stringify(group.map(({ webhookIds }) => webhookIds))
    const packed = frame(group.map(({ webhookIds: _, ...event }) => event))
    const table = this.tables.present(now, first.retentionDays)
    const { number, totals } = this.numbers.next(group, requests, now)
    const query = `INSERT INTO ${table}
      (first_event, last_event, number, totals, webhooks, events, accepted) VALUES (?, ?, ?, ?, ?, ?, ?)`
    const counted = totals && JSON.stringify(totals)
    this.sql.exec(query, first.id, last.id, number, counted, webhooks, packed, accepted)
    return [{ first: first.id, last: last.id }]
  }

  /**
   * Adds webhooks to those that these events were for; writes only rows in which one is new. Returns the events, each with
   * the webhooks that are new to it.
   */
  addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): readonly LoggedEvent[] {
    const news: LoggedEvent[] = []
    const wanted = new Set(eventIds)
    const [first = '', last = ''] = [eventIds.toSorted().at(0), eventIds.toSorted().at(-1)]
    const from = firstIdAt(timeOf(first) - LOG.packSpanMs)
    const query = `SELECT * FROM ${this.tables.all} WHERE first_event >= ? AND first_event <= ? AND last_event >= ?`
    for (const row of rowsOf(this.sql, EventRow, query, from, last, first)) {
      const former = parseRow(row).map((event) => ({ ...event, isWanted: wanted.has(event.id) }))
      const added = former.map((event) =>
        event.isWanted ? [...new Set([...event.webhookIds, ...webhookIds])] : event.webhookIds,
      )
      if (added.every((ids, index) => ids.length === former[index]?.webhookIds.length)) continue
      const update = `UPDATE ${row.source} SET webhooks = ? WHERE first_event = ?`
      this.sql.exec(update, JSON.stringify(added), row.first_event)
      for (const { isWanted, ...event } of former) {
        const fresh = webhookIds.filter((id) => !event.webhookIds.includes(id))
        if (isWanted && fresh.length > 0) news.push({ ...event, webhookIds: fresh })
      }
    }
    return news
  }

  /** `find`, without reading a row for an id that is certainly new. */
  findKnown(id: string): LoggedEvent | null {
    return this.isKnown(id) && !this.recent.has(id) ? null : this.find(id)
  }

  /** Whether `recent` tells of this id, and of all above it, if there is such an event. */
  private isKnown(id: string): boolean {
    return id > this.highestAtStart && this.recent.reachesBackTo(id)
  }

  /** Accepted events from this id on, oldest first. */
  *acceptedFrom(from: string): Generator<LoggedEvent> {
    const lowest = firstIdAt(timeOf(from) - LOG.packSpanMs)
    const query = `SELECT * FROM ${this.tables.all}
      WHERE first_event >= ? AND last_event >= ? AND accepted > 0 ORDER BY first_event`
    for (const row of rowsOf(this.sql, EventRow, query, lowest, from)) {
      for (const event of parseRow(row)) if (event.id >= from) yield event
    }
  }

  find(id: string): LoggedEvent | null {
    return this.findAccepted(id)?.event ?? null
  }

  /** With the moment of its acceptance; where that was not noted, the time in its id. */
  findAccepted(id: string): { readonly event: LoggedEvent; readonly at: number } | null {
    const from = firstIdAt(timeOf(id) - LOG.packSpanMs)
    const query = `SELECT * FROM ${this.tables.all} WHERE first_event >= ? AND first_event <= ? AND last_event >= ?`
    for (const row of rowsOf(this.sql, EventRow, query, from, id, id)) {
      const event = parseRow(row).find((one) => one.id === id)
      if (event) return { event, at: row.accepted > 1 ? row.accepted : timeOf(id) * 1_000 }
    }
    return null
  }

  /** Events in the order that is asked for, from behind a position on. Both bounds of the query are exclusive. */
  *select(
    { type = null, after, before, order }: Asked,
    position: string | null,
  ): Generator<PlacedEvent> {
    // The first id of the millisecond behind `after`, and of `before` itself.
    const from = after === undefined ? firstIdAt(0) : firstIdAt(after + 1)
    const below = before === undefined ? AFTER_ALL_IDS : firstIdAt(before)
    if (order === 'oldest') {
      yield* this.oldestFirst(position, from, below, type)
    } else {
      const end = position === null ? below : earlier(below, position)
      for (const event of this.newestFirst(from, end, type)) yield { event, position: event.id }
    }
  }

  /** Events with an id in [from, below), newest first; of one type, or of all when it is null. */
  *newestFirst(from: string, below: string, type: string | null): Generator<LoggedEvent> {
    // Rows overlap: an event may leave once every row that could hold a newer one was read.
    const lowest = firstIdAt(timeOf(from) - LOG.packSpanMs)
    // Rows without the type's text are passed over before they are parsed.
    const query = this.tables.newestFirst(
      'first_event >= ?1 AND first_event < ?2 AND last_event >= ?3 AND instr(events, ?4) > 0',
    )
    let waiting: LoggedEvent[] = []
    for (const row of rowsOf(this.sql, EventRow, query, lowest, below, from, typeText(type))) {
      const limit = this.lastBefore(row.first_event)
      const inRange = selectEvents(row, from, below, type)
      waiting = [...waiting, ...inRange].toSorted((a, b) => (a.id < b.id ? 1 : -1))
      let ready = 0
      while ((waiting[ready]?.id ?? '') > limit) ready += 1
      yield* waiting.splice(0, ready)
    }
    yield* waiting
  }

  private highest(): string {
    const newest = this.tables.newest()
    return newest === '' ? '' : this.lastBefore(AFTER_ALL_IDS, newest)
  }

  /** The highest id in rows that begin before `first`; the newest of which is known to begin with `newest`, or can be. */
  private lastBefore(first: string, newest: string = first): string {
    const from = firstIdAt(timeOf(newest) - LOG.packSpanMs)
    const query = `SELECT max(last_event) AS last FROM ${this.tables.all} WHERE first_event >= ? AND first_event < ?`
    return rowOf(this.sql, Last, query, from, first)?.last ?? ''
  }

  /** The same in the order in which they were accepted, behind a position; first those from before there were numbers, by their ids. */
  private *oldestFirst(
    position: string | null,
    from: string,
    below: string,
    type: string | null,
  ): Generator<PlacedEvent> {
    if (position === null || position.includes('-')) {
      const first = position === null || position < from ? from : position
      const lowest = firstIdAt(timeOf(first) - LOG.packSpanMs)
      const query = `SELECT * FROM ${this.tables.former} WHERE first_event >= ? AND first_event < ? AND last_event >= ?
        AND instr(events, ?) > 0 ORDER BY first_event`
      const rows = rowsOf(this.sql, EventRow, query, lowest, below, first, typeText(type))
      for (const event of merge(rows, (row) => selectEvents(row, first, below, type))) {
        // The position itself was shown.
        if (event.id !== position) yield { event, position: event.id }
      }
    }
    const text = typeText(type)
    const numbered = this.numbers.inOrder(position, from, below, (row) => row.events.includes(text))
    for (const placed of numbered) if (type === null || placed.event.type === type) yield placed
  }

  /**
   * Rows with an event in [from, below) behind a position, oldest first, with those of their events: so many rows at
   * most, and no more once they have `LOG.askedEvents` events or `LOG.readChars` characters.
   */
  rowsBehind(position: LogPosition, from: string, below: string, limit: number): LogRow[] {
    const query = `SELECT * FROM ${this.tables.all}
      WHERE first_event >= ?1 AND NOT (first_event = ?1 AND last_event <= ?2)
        AND first_event >= ?3 AND first_event < ?4 AND last_event >= ?5
      ORDER BY first_event LIMIT ?6`
    const lowest = firstIdAt(timeOf(from) - LOG.packSpanMs)
    const { row, event } = position
    const rows: LogRow[] = []
    let [count, chars] = [0, 0]
    for (const found of rowsOf(this.sql, EventRow, query, row, event, lowest, below, from, limit)) {
      const events = parseRow(found).filter(
        ({ id }) => id >= from && id < below && (found.first_event !== row || id > event),
      )
      rows.push({ first: found.first_event, events })
      count += events.length
      chars += found.events.length
      if (count >= LOG.askedEvents || chars >= LOG.readChars) break
    }
    return rows
  }

  /**
   * Events behind `after` that carry a request id, oldest first: a scan, by text first, that goes as far as it is read.
   */
  *ofRequest(requestId: string, after: string): Generator<LoggedEvent> {
    const query = `SELECT * FROM ${this.tables.all} WHERE first_event >= ? AND last_event > ? AND instr(events, ?) > 0
      ORDER BY first_event`
    const lowest = after === '' ? '' : firstIdAt(timeOf(after) - LOG.packSpanMs)
    const rows = rowsOf(this.sql, EventRow, query, lowest, after, JSON.stringify(requestId))
    yield* merge(rows, (row) =>
      parseRow(row).filter((event) => event.requestId === requestId && event.id > after),
    )
  }

  /** Forgets what is kept no longer, for so many days unless it says so itself; whether any are left. */
  prune(now: number, retentionDays: number): boolean {
    this.numbers.prune(now - RETENTION_DAYS.max * DAY_MS - LOG.periodMs)
    const shownSince = usageStart(now)
    const before = firstIdAt(now - retentionDays * DAY_MS)
    return this.tables.prune(now, retentionDays, before, (table, until) => {
      if (startOfDay(until - 1) >= startOfDay(shownSince)) this.numbers.kept.keep(table, shownSince)
    })
  }
}

/** What is kept for as long stands together: almost always all of it. */
function byRetention(events: readonly LoggedEvent[]): readonly (readonly LoggedEvent[])[] {
  const lengths = new Set(events.map(({ retentionDays }) => retentionDays))
  if (lengths.size <= 1) return [events]
  return [...lengths].map((days) => events.filter(({ retentionDays }) => retentionDays === days))
}
