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
import { RETENTION } from '../../../retention.ts'
import type { AttemptPosition } from '../cursor.ts'
import { RecentIds } from '../event-log/recent-ids.ts'
import { jsonText } from '../rows.ts'
import { ABOUT_EVENTS, firstSeqAt, ReportTables } from './report-tables.ts'
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

/** What of an attempt tells how its delivery stands. */
const MADE = { eventId: true, run: true, outcome: true, attempt: true, at: true } as const
const Made = StoredAttempt.pick(MADE)
type Made = z.infer<typeof Made>

const IdRow = z.object({ id: z.string() })
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
  /** What is read of reports without their store. */
  readonly tables: ReportTables
  private latest: Latest
  /** Rows up to here were written before `recent` began. */
  private newestAtStart: number
  private recent = new RecentIds()

  constructor(sql: SqlStorage) {
    this.tables = new ReportTables(sql)
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
    this.tables.insert(seq, {
      id,
      first_event: eventIds[0] ?? '',
      last_event: eventIds.at(-1) ?? '',
      ...counts,
      latencies: JSON.stringify(latencies),
      health: JSON.stringify({ ...health, of: subject }),
      attempts: JSON.stringify(attempts),
    })
    this.latest = { seq, health, of: subject }
    this.recent.add([id, `${wholeOf(id)}/`])
  }

  /** Forgets what was not committed. */
  reload(): void {
    this.tables.reload()
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
    const from = firstSeqAt(timeOf(id))
    if (upTo < from) return false
    const where = "id IN (?4, ?5) OR (id > ?4 || '/' AND id < ?4 || '0')"
    const asked = { columns: 'id', from, upTo, where: `(${where})`, limit: 1 }
    return [...this.tables.read(IdRow, asked, id, whole)].length > 0
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
    const where = `${ABOUT_EVENTS} AND delivered > 0`
    const asked = { columns: 'attempts', from: firstSeqAt(since), where }
    for (const { attempts } of this.tables.read(SearchedRow, asked, last, first)) {
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
    return findLastAnswers(this.tables, eventIds)
  }

  /** Removes what responses to attempts of events said, or to one attempt; the events that attempts were made of. */
  eraseExcerpts(eventIds: readonly string[], attemptId?: string): ReadonlySet<string> {
    return eraseExcerpts(this.tables, eventIds, attemptId)
  }

  /** Newest first. */
  list(
    asked: AttemptQuery,
    from: AttemptPosition | null,
  ): { readonly items: readonly Attempt[]; readonly next: AttemptPosition | null } {
    const items: Attempt[] = []
    const [top, shown] = from ?? [Number.MAX_SAFE_INTEGER, 0]
    const { eventId, after, limit } = asked
    // No attempt of an event is older than the event.
    const eventAt = eventId === undefined ? 0 : timeOf(eventId)
    // What goes with its table, some days later, is not shown until then.
    const oldest = Date.now() - RETENTION.attemptSeconds * 1_000
    const since = Math.max(after ?? 0, eventAt, oldest)
    const bounds = { from: firstSeqAt(since), upTo: top }
    const order = { where: ABOUT_EVENTS, newestFirst: true }
    const asking = { columns: 'seq, attempts', ...bounds, ...order }
    const ids = [eventId ?? AFTER_ALL_IDS, eventId ?? '']
    for (const row of this.tables.read(PageRow, asking, ...ids)) {
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
    const columns = 'delivered, failed, diverted, unsendable, latencies'
    for (const row of this.tables.read(SummaryRow, { columns, from: since * 1_000 })) {
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
    return this.tables.prune(before, this.latest.seq)
  }

  private readLatest(): Latest {
    const newest = { columns: 'seq, health', newestFirst: true, limit: 1 }
    const [row] = this.tables.read(LatestRow, newest)
    return row ? { seq: row.seq, ...row.health } : { seq: 0, health: INITIAL_HEALTH, of: null }
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
