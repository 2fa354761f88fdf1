// The attempts of a webhook, one row per report with the health after it: the newest row is the present health, so a
// report costs one written row.

import { z } from 'zod'
import { isAskedFor } from '../../../engine/health/attempt-filter.ts'
import { INITIAL_HEALTH, toMonitorState } from '../../../engine/health/health.ts'
import type { Attempt, Health, HealthReport } from '../../../engine/model/index.ts'
import type {
  AttemptQuery,
  DeliveryKey,
  LastAnswer,
  MonitorState,
} from '../../../engine/ports/index.ts'
import { Histogram } from '../../../primitives/histogram.ts'
import { AFTER_ALL_IDS, timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import type { AttemptPosition } from '../cursor.ts'
import { RecentIds } from '../event-log/recent-ids.ts'
import type { Table } from '../migrate.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'
import {
  eraseExcerpts,
  findLastAnswers,
  isOfOne,
  type Latest,
  LatestRow,
  type MonitorSubject,
  StoredAttempt,
  timeOfKey,
} from './stored-report.ts'

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

/** What of an attempt tells how its delivery stands. */
const MADE = { eventId: true, run: true, outcome: true, attempt: true, at: true } as const
const Made = StoredAttempt.pick(MADE)
type Made = z.infer<typeof Made>

/** Attempts among which some are looked for: only what is found is read through its schema. */
const SearchedRow = z.object({ attempts: jsonText(z.array(z.unknown())) })
const PageRow = z.object({ seq: z.number(), attempts: jsonText(z.array(StoredAttempt)) })
const SummaryRow = z.object({
  ...{ delivered: z.number(), failed: z.number(), diverted: z.number() },
  unsendable: z.number().default(0),
  latencies: jsonText(z.array(z.number())),
})

const NO_COUNTS = { delivered: 0, failed: 0, diverted: 0, unsendable: 0 }

interface ReportRow {
  readonly id: string
  readonly health: Health
  /** Null: who was known before. */
  readonly of?: MonitorSubject | null
  readonly counts?: HealthReport['totals']
  readonly latencies?: readonly number[]
  readonly attempts?: readonly Attempt[]
}

export class ReportStore {
  private readonly sql: SqlStorage
  private latest: Latest
  /** Rows up to here were written before `recent` began. */
  private newestAtStart: number
  private recent = new RecentIds()

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.latest = this.readLatest()
    this.newestAtStart = this.latest.seq
  }

  get health(): Health {
    return this.latest.health
  }

  /** Whose monitor this is, null until a report said it, and when the last one was written, Unix milliseconds; 0 for never. */
  get last(): { readonly of: MonitorSubject | null; readonly at: number } {
    return { of: this.latest.of, at: Math.floor(this.latest.seq / 1_000) }
  }

  /** What others are told of it. */
  get state(): MonitorState {
    return toMonitorState(this.latest.health)
  }

  insert(
    { id, health, of = null, counts = NO_COUNTS, latencies = [], attempts = [] }: ReportRow,
    now: number,
  ): void {
    const subject = of ?? this.latest.of
    const seq = Math.max(now * 1_000, this.latest.seq + 1)
    const eventIds = attempts.map(({ eventId }) => eventId).toSorted()
    this.sql.exec(
      `INSERT INTO reports
        (seq, id, first_event, last_event, delivered, failed, diverted, unsendable, latencies, health, attempts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      seq,
      id,
      eventIds[0] ?? '',
      eventIds.at(-1) ?? '',
      counts.delivered,
      counts.failed,
      counts.diverted,
      counts.unsendable,
      JSON.stringify(latencies),
      JSON.stringify({ ...health, of: subject }),
      JSON.stringify(attempts),
    )
    this.latest = { seq, health, of: subject }
    this.recent.add([id, `${wholeOf(id)}/`])
  }

  /** Forgets what was not committed. */
  reload(): void {
    this.latest = this.readLatest()
    this.newestAtStart = this.latest.seq
    this.recent = new RecentIds()
  }

  /**
   * Whether a report of this id was written, or the whole of which it is a piece, or any piece of it: then all of its
   * pieces are on their way. Ids tell when they were made; rows are read only where `recent` does not reach back.
   */
  has(id: string): boolean {
    const whole = wholeOf(id)
    if ([id, whole, `${id}/`].some((known) => this.recent.has(known))) return true
    const upTo = this.recent.reachesBackTo(id) ? this.newestAtStart : this.latest.seq
    const query = `SELECT 1 FROM reports
      WHERE seq >= ?1 AND seq <= ?4 AND (id IN (?2, ?3) OR (id > ?2 || '/' AND id < ?2 || '0')) LIMIT 1`
    const since = this.seqAt(timeOf(id))
    if (upTo < since) return false
    return this.sql.exec(query, since, id, whole, upTo).toArray().length > 0
  }

  /**
   * The delivered attempts of those deliveries that have one, by `keyOf`: one pass over the reports since the oldest of
   * them, however many are asked for.
   */
  findDelivered(keys: readonly DeliveryKey[]): ReadonlyMap<string, Made> {
    const found = new Map<string, Made>()
    const ids = keys.map(({ eventId }) => eventId).toSorted()
    const [first] = ids
    const last = ids.at(-1)
    if (first === undefined || last === undefined) return found
    const missing = new Set(keys.map(keyOf))
    const eventIds = new Set<unknown>(ids)
    const since = keys.reduce(
      (oldest, key) => Math.min(oldest, timeOfKey(key)),
      Number.MAX_SAFE_INTEGER,
    )
    const query = `SELECT attempts FROM reports
      WHERE seq >= ? AND first_event <= ? AND last_event >= ? AND delivered > 0 ORDER BY seq`
    const rows = rowsOf(this.sql, SearchedRow, query, this.seqAt(since), last, first)
    for (const { attempts } of rows) {
      for (const stored of attempts) {
        if (!isOfOne(stored, eventIds)) continue
        const attempt = Made.parse(stored)
        if (attempt.outcome !== 'delivered') continue
        const key = keyOf(attempt)
        if (missing.delete(key)) found.set(key, attempt)
      }
      if (missing.size === 0) break
    }
    return found
  }

  /** In order; null for an event that no report tells of. */
  lastAnswers(eventIds: readonly string[]): (LastAnswer | null)[] {
    return findLastAnswers(this.sql, eventIds)
  }

  /** Removes what responses to attempts of events said, or to one attempt; the events that attempts were made of. */
  eraseExcerpts(eventIds: readonly string[], attemptId?: string): ReadonlySet<string> {
    return eraseExcerpts(this.sql, eventIds, attemptId)
  }

  /** Newest first. */
  list(
    asked: AttemptQuery,
    from: AttemptPosition | null,
  ): { readonly items: readonly Attempt[]; readonly next: AttemptPosition | null } {
    const items: Attempt[] = []
    const [top, shown] = from ?? [Number.MAX_SAFE_INTEGER, 0]
    const query = `SELECT seq, attempts FROM reports
      WHERE seq <= ? AND seq >= ? AND first_event <= ? AND last_event >= ? ORDER BY seq DESC`
    const { eventId, after, limit } = asked
    // No attempt of an event is older than the event.
    const since = eventId === undefined ? after : Math.max(after ?? 0, timeOf(eventId))
    const bottom = since === undefined ? 0 : this.seqAt(since)
    const ids = [eventId ?? AFTER_ALL_IDS, eventId ?? '']
    for (const row of rowsOf(this.sql, PageRow, query, top, bottom, ...ids)) {
      const attempts = row.attempts.toSorted((a, b) => b.at - a.at)
      for (const [index, attempt] of attempts.entries()) {
        if (row.seq === top && index < shown) continue
        if (!isAskedFor(attempt, asked)) continue
        if (items.length === limit) return { items, next: [row.seq, index] }
        items.push(attempt)
      }
    }
    return { items, next: null }
  }

  /** Totals and latencies of what was written since a time. */
  summarize(since: number) {
    const totals = { ...NO_COUNTS }
    const latencies = new Histogram()
    const query =
      'SELECT delivered, failed, diverted, unsendable, latencies FROM reports WHERE seq >= ?'
    for (const row of rowsOf(this.sql, SummaryRow, query, since * 1_000)) {
      totals.delivered += row.delivered
      totals.failed += row.failed
      totals.diverted += row.diverted
      totals.unsendable += row.unsendable
      for (const ms of row.latencies) latencies.add(ms)
    }
    return { totals, latencies: latencies.toPairs() }
  }

  /** Removes what was written before a time, but never the present health; whether anything else is left. */
  prune(before: number): boolean {
    this.sql.exec('DELETE FROM reports WHERE seq < ? AND seq < ?', before * 1_000, this.latest.seq)
    return this.sql.exec('SELECT 1 FROM reports LIMIT 2').toArray().length > 1
  }

  private readLatest(): Latest {
    const query = 'SELECT seq, health FROM reports ORDER BY seq DESC LIMIT 1'
    const row = rowOf(this.sql, LatestRow, query)
    return row ? { seq: row.seq, ...row.health } : { seq: 0, health: INITIAL_HEALTH, of: null }
  }

  /** A bound below every report written at or after `ms` on another machine's clock. */
  private seqAt(ms: number): number {
    return Math.max(0, ms - LOG.clockSkewMs) * 1_000
  }
}

/** A delivery as the key of a map. */
export function keyOf({ eventId, run }: DeliveryKey): string {
  return `${eventId}/${run}`
}

/** Of a piece the report it is of; of a whole one that itself. */
function wholeOf(id: string): string {
  return id.split('/')[0] ?? id
}
