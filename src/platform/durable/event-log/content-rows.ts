// Rows of events without the content of some: the event stays, with its id, type and time and the webhooks that it was for.

import {
  expunge,
  isExpunged,
  type LoggedEvent,
  publishedAtOf,
} from '../../../engine/model/index.ts'
import { frame } from '../../../primitives/framed-json.ts'
import { firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import { rowsOf } from '../rows.ts'
import { EventRow, parseRow } from './event-rows.ts'
import type { PackTables } from './pack-tables.ts'

/** Rows that one step of an erasure reads. */
const STEP_ROWS = 20

/** Rewrites the rows of these events without their content; returns the ids of those that are there, expunged before or not. */
export function expungeRows(
  sql: SqlStorage,
  tables: PackTables,
  eventIds: ReadonlySet<string>,
  at: number,
): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const query = `SELECT * FROM ${tables.all} WHERE first_event >= ? AND first_event <= ? AND last_event >= ?`
  for (const id of eventIds) {
    const from = firstIdAt(timeOf(id) - LOG.packSpanMs)
    for (const row of [...rowsOf(sql, EventRow, query, from, id, id)]) {
      const name = `${row.source}/${row.first_event}`
      if (done.has(name)) continue
      const events = parseRow(row)
      const meant = events.filter((event) => eventIds.has(event.id))
      if (meant.length === 0) continue
      done.add(name)
      found.push(...meant.map((event) => event.id))
      if (meant.every(isExpunged)) continue
      const left = events.map(({ webhookIds: _, pullWebhookIds, ...event }) => ({
        ...(eventIds.has(event.id) ? expunge(event, at) : event),
        ...(pullWebhookIds && { pullWebhookIds }),
      }))
      const update = `UPDATE ${row.source} SET events = ? WHERE first_event = ? AND last_event = ?`
      sql.exec(update, frame(left), row.first_event, row.last_event)
    }
  }
  return found
}

/** The next rows behind the one that begins with an event, as far as one step reads. */
export function rowsBehind(sql: SqlStorage, tables: PackTables, position: string): EventRow[] {
  const query = `SELECT * FROM ${tables.all} WHERE first_event > ? ORDER BY first_event LIMIT ?`
  const rows: EventRow[] = []
  let chars = 0
  for (const row of rowsOf(sql, EventRow, query, position, STEP_ROWS)) {
    rows.push(row)
    chars += row.events.length
    if (chars >= LOG.readChars) break
  }
  return rows
}

/** Those of a row that were accepted, or published, by a time, and have their content. */
export function eventsBefore(row: EventRow, at: number): readonly LoggedEvent[] {
  const isBefore = row.accepted <= at * 1_000
  return parseRow(row).filter(
    (event) => !isExpunged(event) && (isBefore || publishedAtOf(event) <= at),
  )
}

/** Those of a row that lost their content at a time. */
export function eventsExpungedAt(row: EventRow, at: number): readonly LoggedEvent[] {
  return parseRow(row).filter(({ expungedAt }) => expungedAt === at)
}
