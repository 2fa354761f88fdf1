// Outcomes sorted by webhook. A run is what was moved at once: one row that says what it spans, and its segments in order of
// webhook, so that a webhook's part of each run is found by one look-up, however many other webhooks there are.

import { z } from 'zod'
import type { FirstOutcome } from '../../../engine/model/index.ts'
import type { Table } from '../migrate.ts'
import { rowOf, rowsOf } from '../rows.ts'
import { boundsOf, type Head, readHead, readSegment, type Segment } from './outcome-segment.ts'

export const OUTCOME_TABLES = `
  CREATE TABLE IF NOT EXISTS outcome_runs (
    -- Microseconds of its writing: ascending, and a bound for "written since".
    run INTEGER PRIMARY KEY,
    first_event TEXT NOT NULL,
    last_event TEXT NOT NULL,
    -- Unix milliseconds of the attempts; the highest of this and all former runs.
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    highest_at INTEGER NOT NULL,
    -- Of the newest row when it was written.
    watermark TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS outcome_segments (
    run INTEGER NOT NULL,
    last_webhook TEXT NOT NULL,
    part INTEGER NOT NULL,
    first_webhook TEXT NOT NULL,
    first_event TEXT NOT NULL,
    last_event TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    -- A line of JSON for the types of events, and one for what each line of the body comes to.
    heads TEXT NOT NULL,
    -- A line of JSON for each webhook.
    body TEXT NOT NULL,
    PRIMARY KEY (run, last_webhook, part)
  ) WITHOUT ROWID`

/** Spans that were lost are taken for as wide as they can be. */
const SPANS = {
  first_event: { sql: "TEXT NOT NULL DEFAULT ''" },
  last_event: { sql: "TEXT NOT NULL DEFAULT 'g'" },
  first_at: { sql: 'INTEGER NOT NULL DEFAULT 0' },
} as const

/** The latest time an attempt of a run can have: a minute after it was written. */
const lastAt = (table: string, column: string) => ({
  sql: 'INTEGER NOT NULL DEFAULT 0',
  restored: `UPDATE ${table} SET ${column} = run / 1000 + 60000`,
})

export const OUTCOME_RUNS: Table = {
  name: 'outcome_runs',
  columns: {
    ...SPANS,
    last_at: lastAt('outcome_runs', 'last_at'),
    highest_at: lastAt('outcome_runs', 'highest_at'),
    watermark: { sql: "TEXT NOT NULL DEFAULT ''" },
  },
}

export const OUTCOME_SEGMENTS: Table = {
  name: 'outcome_segments',
  columns: {
    ...SPANS,
    first_webhook: { sql: "TEXT NOT NULL DEFAULT ''" },
    last_at: lastAt('outcome_segments', 'last_at'),
    // A segment without either is nothing to keep.
    heads: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM outcome_segments' },
    body: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM outcome_segments' },
  },
}

const NewestRun = z.object({ run: z.number(), highest_at: z.number(), watermark: z.string() })
type NewestRun = z.infer<typeof NewestRun>
const RunRow = z.object({ run: z.number(), highest_at: z.number() })
type OutcomeRun = z.infer<typeof RunRow>
const SegmentRow = z.object({
  run: z.number(),
  last_webhook: z.string(),
  part: z.number(),
  first_webhook: z.string(),
  first_event: z.string(),
  last_event: z.string(),
  last_at: z.number(),
})
/** A row of a segment, without what it holds. */
export type SegmentRow = z.infer<typeof SegmentRow>
const HeadsRow = z.object({ heads: z.string() })
const Contents = z.object({ heads: z.string(), body: z.string() })

/** What runs, or segments, are to reach into; bounds are inclusive. */
interface Reach {
  readonly events: readonly [first: string, last: string]
  readonly times: readonly [first: number, last: number]
}

/** Runs looked up at once: no cursor is left open, which would keep a table from being dropped. */
const RUNS_AT_ONCE = 50

export class OutcomeRuns {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
  }

  newest(): NewestRun | undefined {
    const query = 'SELECT run, highest_at, watermark FROM outcome_runs ORDER BY run DESC LIMIT 1'
    return rowOf(this.sql, NewestRun, query)
  }

  /** `run` is above that of the newest one. */
  add(run: number, segments: readonly Segment[], watermark: string): void {
    const events = boundsOf(segments.flatMap((one) => [one.firstEvent, one.lastEvent]))
    const times = boundsOf(segments.flatMap((one) => [one.firstAt, one.lastAt]))
    if (events === null || times === null) return
    const highest = Math.max(times[1], this.newest()?.highest_at ?? 0)
    const query = `INSERT INTO outcome_runs
      (run, first_event, last_event, first_at, last_at, highest_at, watermark) VALUES (?, ?, ?, ?, ?, ?, ?)`
    this.sql.exec(query, run, ...events, ...times, highest, watermark)
    for (const [part, one] of segments.entries()) this.insert(run, part, one)
  }

  private insert(run: number, part: number, one: Segment): void {
    const query = `INSERT INTO outcome_segments
      (run, last_webhook, part, first_webhook, first_event, last_event, first_at, last_at, heads, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
    const keys = [run, one.lastWebhook, part, one.firstWebhook]
    const spans = [one.firstEvent, one.lastEvent, one.firstAt, one.lastAt]
    this.sql.exec(query, ...keys, ...spans, one.heads, one.body)
  }

  /** Runs written since a `seq` that reach into something. */
  *select(since: number, { events, times }: Reach, order: 'ASC' | 'DESC'): Generator<OutcomeRun> {
    const query = `SELECT run, highest_at FROM outcome_runs
      WHERE run > ? AND run < ? AND last_event >= ? AND first_event <= ? AND last_at >= ? AND first_at <= ?
      ORDER BY run ${order} LIMIT ${RUNS_AT_ONCE}`
    let [above, below] = [since - 1, Number.MAX_SAFE_INTEGER]
    for (;;) {
      const found = [...rowsOf(this.sql, RunRow, query, above, below, ...events, ...times)]
      yield* found
      const last = found.at(-1)
      if (last === undefined || found.length < RUNS_AT_ONCE) return
      if (order === 'ASC') above = last.run
      else below = last.run
    }
  }

  /** The segments of a run that can have something of a webhook. */
  ofWebhook(run: number, webhookId: string, { events, times }: Reach): SegmentRow[] {
    // Those that end with it, and the next one, which can begin with it.
    const next = `SELECT last_webhook FROM outcome_segments
      WHERE run = ?1 AND last_webhook > ?2 ORDER BY last_webhook LIMIT 1`
    const query = `SELECT run, last_webhook, part, first_webhook, first_event, last_event, last_at FROM outcome_segments
      WHERE run = ?1 AND last_webhook >= ?2 AND last_webhook <= coalesce((${next}), ?2) AND first_webhook <= ?2
        AND last_event >= ?3 AND first_event <= ?4 AND last_at >= ?5 AND first_at <= ?6`
    return [...rowsOf(this.sql, SegmentRow, query, run, webhookId, ...events, ...times)]
  }

  /** All segments of a run that reach into some events. */
  ofEvents(run: number, first: string, last: string): SegmentRow[] {
    const query = `SELECT run, last_webhook, part, first_webhook, first_event, last_event, last_at FROM outcome_segments
      WHERE run = ? AND last_event >= ? AND first_event <= ?`
    return [...rowsOf(this.sql, SegmentRow, query, run, first, last)]
  }

  /** What a segment has of a webhook in sum; undefined when it has nothing of it. */
  headOf(row: SegmentRow, webhookId: string): Head | undefined {
    const query = `SELECT heads FROM outcome_segments
      WHERE run = ? AND last_webhook = ? AND part = ? AND instr(heads, ?) > 0`
    const found = rowOf(this.sql, HeadsRow, query, ...keyOf(row), webhookId)
    return found && readHead(found.heads, webhookId)
  }

  /** What a segment has of a webhook. */
  outcomesOf(row: SegmentRow, webhookId: string): FirstOutcome[] {
    const query = `SELECT heads, body FROM outcome_segments
      WHERE run = ? AND last_webhook = ? AND part = ? AND instr(heads, ?) > 0`
    const found = rowOf(this.sql, Contents, query, ...keyOf(row), webhookId)
    return found ? readSegment(found, new Set([webhookId])) : []
  }

  /** What a segment has of the webhooks that are wanted, or of all (null). */
  read(row: SegmentRow, wanted: ReadonlySet<string> | null): FirstOutcome[] {
    const query =
      'SELECT heads, body FROM outcome_segments WHERE run = ? AND last_webhook = ? AND part = ?'
    const found = rowOf(this.sql, Contents, query, ...keyOf(row))
    return found ? readSegment(found, wanted) : []
  }

  /** Removes the runs whose last attempt was made before a time (Unix milliseconds); whether any are left. */
  prune(before: number): boolean {
    this.sql.exec(
      'DELETE FROM outcome_segments WHERE run IN (SELECT run FROM outcome_runs WHERE last_at < ?)',
      before,
    )
    this.sql.exec('DELETE FROM outcome_runs WHERE last_at < ?', before)
    return this.newest() !== undefined
  }
}

function keyOf({ run, last_webhook, part }: SegmentRow): [number, string, number] {
  return [run, last_webhook, part]
}
