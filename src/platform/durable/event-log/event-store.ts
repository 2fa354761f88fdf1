// What a tenant published, one packed row per batch. Ids are time-ordered and a row spans a minute at most, so its
// first and last id find an event in a bounded scan, without an index that every write would pay for.

import { z } from 'zod'
import { EventSchema } from '../../../engine/model/event-schema.ts'
import type { LoggedEvent } from '../../../engine/model/index.ts'
import type { EventQuery } from '../../../engine/ports/index.ts'
import { byteLength, frame, framedLine, unframe } from '../../../primitives/framed-json.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { pack } from '../../../primitives/pack.ts'
import { LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'
import { RecentIds } from './recent-ids.ts'

/** As 0.1.0 made it. */
export const PACKS_TABLE = `
  CREATE TABLE IF NOT EXISTS packs (
    first_event TEXT PRIMARY KEY,
    last_event TEXT NOT NULL,
    -- For each event the ids of the webhooks it was for, as JSON.
    webhooks TEXT NOT NULL,
    events TEXT NOT NULL
  ) WITHOUT ROWID`

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
  },
}

/** Its texts are read only of rows that may hold what is looked for. */
const Row = z.object({
  first_event: z.string(),
  last_event: z.string(),
  webhooks: z.string(),
  events: z.string(),
})
type Row = z.infer<typeof Row>
const Events = z.string().transform(unframe).pipe(z.array(EventSchema))
const WebhookIds = jsonText(z.array(z.array(z.string())))
const Newest = z.object({ newest: z.string().nullable() })
const Last = z.object({ last: z.string().nullable() })

/** Where a reader stands: behind an event of a row, which its first event names. */
export interface LogPosition {
  readonly row: string
  readonly event: string
}

interface LogRow {
  readonly first: string
  readonly events: readonly LoggedEvent[]
}

export class EventStore {
  private readonly sql: SqlStorage
  private readonly recent = new RecentIds()
  /** Where the newest row begins that a former object wrote: rows behind it hold recent ids only. */
  private readonly newestAtStart: string

  constructor(sql: SqlStorage) {
    this.sql = sql
    const query = 'SELECT max(first_event) AS newest FROM packs'
    this.newestAtStart = rowOf(sql, Newest, query)?.newest ?? ''
  }

  /** Adds the events that are not there yet; returns the first and last of each row that came of it. */
  append(events: readonly LoggedEvent[]): { readonly first: string; readonly last: string }[] {
    const unique = new Map(events.map((event) => [event.id, event]))
    const groups = toGroups([...unique.values()])
    const rows = groups.flatMap((group) => this.insert(this.missing(group)))
    this.recent.add([...unique.keys()])
    return rows
  }

  /** Those of a group that no row holds; a row that may hold one of them, and was written before this object started, is read once. */
  private missing(group: readonly LoggedEvent[]): readonly LoggedEvent[] {
    const first = group[0]?.id ?? ''
    const last = group.at(-1)?.id ?? ''
    const from = firstIdAt(timeOf(first) - LOG.packSpanMs)
    const upTo = this.recent.reachesBackTo(first) ? earlier(last, this.newestAtStart) : last
    const query =
      'SELECT * FROM packs WHERE first_event >= ? AND first_event <= ? AND last_event >= ?'
    const known = new Set<string>()
    for (const row of rowsOf(this.sql, Row, query, from, upTo, first)) {
      const isNear = group.some(({ id }) => id >= row.first_event && id <= row.last_event)
      if (isNear) for (const { id } of parse(row)) known.add(id)
    }
    return group.filter(({ id }) => !known.has(id) && !this.recent.has(id))
  }

  private insert(group: readonly LoggedEvent[]) {
    const [first] = group
    const last = group.at(-1)
    if (first === undefined || last === undefined) return []
    const webhooks = JSON.stringify(group.map(({ webhookIds }) => webhookIds))
    const packed = frame(group.map(({ webhookIds: _, ...event }) => event))
    const query =
      'INSERT INTO packs (first_event, last_event, webhooks, events) VALUES (?, ?, ?, ?)'
    this.sql.exec(query, first.id, last.id, webhooks, packed)
    return [{ first: first.id, last: last.id }]
  }

  /** Adds webhooks to those that these events were for; writes only rows in which one is new. */
  addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): void {
    const wanted = new Set(eventIds)
    const [first = '', last = ''] = [eventIds.toSorted().at(0), eventIds.toSorted().at(-1)]
    const from = firstIdAt(timeOf(first) - LOG.packSpanMs)
    const query =
      'SELECT * FROM packs WHERE first_event >= ? AND first_event <= ? AND last_event >= ?'
    for (const row of rowsOf(this.sql, Row, query, from, last, first)) {
      const former = parse(row).map((event) => ({ ...event, isWanted: wanted.has(event.id) }))
      const added = former.map((event) =>
        event.isWanted ? [...new Set([...event.webhookIds, ...webhookIds])] : event.webhookIds,
      )
      if (added.every((ids, index) => ids.length === former[index]?.webhookIds.length)) continue
      const update = 'UPDATE packs SET webhooks = ? WHERE first_event = ?'
      this.sql.exec(update, JSON.stringify(added), row.first_event)
    }
  }

  find(id: string): LoggedEvent | null {
    const from = firstIdAt(timeOf(id) - LOG.packSpanMs)
    const query =
      'SELECT * FROM packs WHERE first_event >= ? AND first_event <= ? AND last_event >= ?'
    for (const row of rowsOf(this.sql, Row, query, from, id, id)) {
      const found = parse(row).find((event) => event.id === id)
      if (found) return found
    }
    return null
  }

  /** Events in the order that is asked for, from a position on. Both bounds of the query are exclusive. */
  select(
    { type, after, before, order }: Pick<EventQuery, 'type' | 'after' | 'before' | 'order'>,
    position: string | null,
  ): Generator<LoggedEvent> {
    // The first id of the millisecond behind `after`, and of `before` itself.
    const from = after === undefined ? firstIdAt(0) : firstIdAt(after + 1)
    const below = before === undefined ? AFTER_ALL_IDS : firstIdAt(before)
    return order === 'oldest'
      ? this.oldestFirst(
          position === null || position < from ? from : position,
          below,
          type ?? null,
        )
      : this.newestFirst(from, position === null ? below : earlier(below, position), type ?? null)
  }

  /** Events with an id in [from, below), newest first; of one type, or of all when it is null. */
  *newestFirst(from: string, below: string, type: string | null): Generator<LoggedEvent> {
    // Rows overlap: an event may leave once every row that could hold a newer one was read.
    const lowest = firstIdAt(timeOf(from) - LOG.packSpanMs)
    // Rows without the type's text are passed over before they are parsed.
    const query = `SELECT * FROM packs WHERE first_event >= ? AND first_event < ? AND last_event >= ?
      AND instr(events, ?) > 0 ORDER BY first_event DESC`
    let waiting: LoggedEvent[] = []
    for (const row of rowsOf(this.sql, Row, query, lowest, below, from, typeText(type))) {
      const limit = this.lastBefore(row.first_event)
      const inRange = selectEvents(row, from, below, type)
      waiting = [...waiting, ...inRange].toSorted((a, b) => (a.id < b.id ? 1 : -1))
      let ready = 0
      while ((waiting[ready]?.id ?? '') > limit) ready += 1
      yield* waiting.splice(0, ready)
    }
    yield* waiting
  }

  /** The highest id in rows that begin before `first`. */
  private lastBefore(first: string): string {
    const from = firstIdAt(timeOf(first) - LOG.packSpanMs)
    const query =
      'SELECT max(last_event) AS last FROM packs WHERE first_event >= ? AND first_event < ?'
    return rowOf(this.sql, Last, query, from, first)?.last ?? ''
  }

  /** The same, oldest first. */
  *oldestFirst(from: string, below: string, type: string | null): Generator<LoggedEvent> {
    const lowest = firstIdAt(timeOf(from) - LOG.packSpanMs)
    const query = `SELECT * FROM packs WHERE first_event >= ? AND first_event < ? AND last_event >= ?
      AND instr(events, ?) > 0 ORDER BY first_event`
    const rows = rowsOf(this.sql, Row, query, lowest, below, from, typeText(type))
    yield* merge(rows, (row) => selectEvents(row, from, below, type))
  }

  /**
   * Rows with an event in [from, below) behind a position, oldest first, with those of their events: so many rows at
   * most, and no more once they have `LOG.askedEvents` events or `LOG.readChars` characters.
   */
  rowsBehind(position: LogPosition, from: string, below: string, limit: number): LogRow[] {
    const query = `SELECT * FROM packs
      WHERE first_event >= ?1 AND NOT (first_event = ?1 AND last_event <= ?2)
        AND first_event >= ?3 AND first_event < ?4 AND last_event >= ?5
      ORDER BY first_event LIMIT ?6`
    const lowest = firstIdAt(timeOf(from) - LOG.packSpanMs)
    const { row, event } = position
    const rows: LogRow[] = []
    let [count, chars] = [0, 0]
    for (const found of rowsOf(this.sql, Row, query, row, event, lowest, below, from, limit)) {
      const events = parse(found).filter(
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
    const query = `SELECT * FROM packs WHERE first_event >= ? AND last_event > ? AND instr(events, ?) > 0
      ORDER BY first_event`
    const lowest = after === '' ? '' : firstIdAt(timeOf(after) - LOG.packSpanMs)
    const rows = rowsOf(this.sql, Row, query, lowest, after, JSON.stringify(requestId))
    yield* merge(rows, (row) =>
      parse(row).filter((event) => event.requestId === requestId && event.id > after),
    )
  }

  /** Whether any are left. */
  prune(beforeId: string): boolean {
    this.sql.exec('DELETE FROM packs WHERE last_event < ?', beforeId)
    return this.sql.exec('SELECT 1 FROM packs LIMIT 1').toArray().length > 0
  }
}

/** What is wanted of rows in order of their first event, oldest first; rows may overlap. */
function* merge(
  rows: Iterable<Row>,
  select: (row: Row) => readonly LoggedEvent[],
): Generator<LoggedEvent> {
  let waiting: LoggedEvent[] = []
  for (const row of rows) {
    // No row from here on holds an older event than this one's first.
    const ready = waiting.findIndex(({ id }) => id > row.first_event)
    yield* waiting.splice(0, ready === -1 ? waiting.length : ready)
    waiting = [...waiting, ...select(row)].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
  yield* waiting
}

function earlier(id: string, other: string): string {
  return id < other ? id : other
}

/** Stands in a row that has an event of the type. */
function typeText(type: string | null): string {
  return type === null ? '' : `"type":${JSON.stringify(type)}`
}

function selectEvents(row: Row, from: string, below: string, type: string | null): LoggedEvent[] {
  return parse(row).filter(
    (event) => event.id >= from && event.id < below && (type === null || event.type === type),
  )
}

/** Groups in order of id that span a minute and a megabyte at most. */
function toGroups(events: readonly LoggedEvent[]): LoggedEvent[][] {
  const ordered = events.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const packs = pack(ordered, {
    size: LOG.packBytes,
    sizeOf: (event) => byteLength(frame(event)),
    belongs: ({ id }, first) => timeOf(id) - timeOf(first.id) < LOG.packSpanMs,
  })
  return [...packs].map(({ items }) => items)
}

function parse(row: Row): LoggedEvent[] {
  const webhookIds = WebhookIds.parse(row.webhooks)
  return Events.parse(row.events).map((event, index) => ({
    ...event,
    webhookIds: webhookIds[index] ?? [],
  }))
}
