// The jobs of an object: what somebody asked for that goes on in the background, and how far it got.

import { z } from 'zod'
import type { JobProgress } from '../../engine/model/index.ts'
import type { JobEntry } from '../../engine/ports/index.ts'
import { toSentence } from '../../errors.ts'
import { NOW, type Table } from './migrate.ts'
import { changes, rowsOf } from './rows.ts'

/** What a kind of job has beside this is in a table of its own, or in `request` as JSON. */
export const JOBS_TABLE = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    -- Whom it is about: a webhook, or a tenant.
    subject TEXT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER,
    error TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
  ) WITHOUT ROWID`

/** What a job is about is lost: nobody can go on with it. */
const GIVEN_UP = `UPDATE jobs SET state = 'failed', ended_at = ${NOW}, error = 'What it was about is lost.'
  WHERE state = 'running'`

export const JOBS: Table = {
  name: 'jobs',
  columns: {
    kind: { sql: "TEXT NOT NULL DEFAULT ''", restored: GIVEN_UP },
    subject: { sql: "TEXT NOT NULL DEFAULT ''", restored: GIVEN_UP },
    request: { sql: "TEXT NOT NULL DEFAULT ''", restored: GIVEN_UP },
    state: { sql: "TEXT NOT NULL DEFAULT 'failed'" },
    done: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    total: { sql: 'INTEGER' },
    error: { sql: 'TEXT' },
    created_at: {
      sql: 'INTEGER NOT NULL DEFAULT 0',
      restored: `UPDATE jobs SET created_at = ${NOW}`,
    },
    ended_at: { sql: 'INTEGER' },
  },
}

const Row = z.object({
  id: z.string(),
  kind: z.string(),
  subject: z.string(),
  request: z.string(),
  state: z.enum(['elsewhere', 'running', 'done', 'failed', 'cancelled']),
  done: z.number(),
  total: z.number().nullable().default(null),
  error: z.string().nullable().default(null),
  created_at: z.number(),
  ended_at: z.number().nullable().default(null),
})

export interface StoredJob {
  readonly id: string
  readonly kind: string
  readonly subject: string
  /** JSON. */
  readonly request: string
  readonly createdAt: number
  /** Null: another object does it and knows. */
  readonly progress: JobProgress | null
}

export class JobStore {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
  }

  insert({ id, kind, subject, request, createdAt, progress }: StoredJob): void {
    const query = `INSERT INTO jobs (id, kind, subject, request, state, done, total, created_at, ended_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
    const { state = 'elsewhere', done = 0, total = null, endedAt = null } = progress ?? {}
    this.sql.exec(query, id, kind, subject, request, state, done, total, createdAt, endedAt)
  }

  find(id: string): StoredJob | null {
    return this.select('WHERE id = ?', id)[0] ?? null
  }

  running(): readonly StoredJob[] {
    return this.select("WHERE state = 'running' ORDER BY id")
  }

  /** Newest first, below `before`. */
  list({ limit, before }: { readonly limit: number; readonly before: string | null }) {
    // 'g' sorts behind every id.
    return this.select('WHERE id < ? ORDER BY id DESC LIMIT ?', before ?? 'g', limit)
  }

  /** Something more is done; what went wrong before did not keep it from getting on. */
  advance(id: string, count: number): void {
    const query = `UPDATE jobs SET done = done + ?, error = NULL WHERE id = ? AND state = 'running'`
    this.sql.exec(query, count, id)
  }

  /** How far a job got that keeps that in its request. */
  update(
    id: string,
    request: string,
    { done, total }: { readonly done: number; readonly total: number | null },
  ): void {
    const query = `UPDATE jobs SET request = ?, done = ?, total = ?, error = NULL
      WHERE id = ? AND state = 'running'`
    this.sql.exec(query, request, done, total, id)
  }

  /** It failed and is tried again; what is written already is not written anew. */
  note(id: string, error: unknown): void {
    const query = `UPDATE jobs SET error = ?1 WHERE id = ?2 AND state = 'running' AND error IS NOT ?1`
    this.sql.exec(query, toSentence(error), id)
  }

  /** Ends it, if it is running; whether it was. Nobody knew of how many before: then it was of as many as are done. */
  end(id: string, state: 'done' | 'failed' | 'cancelled', at: number, error: string | null = null) {
    const query = `UPDATE jobs SET state = ?, ended_at = ?, error = ?, total = coalesce(total, done)
      WHERE id = ? AND state = 'running'`
    this.sql.exec(query, state, at, error, id)
    return changes(this.sql) > 0
  }

  /** Removes what ended, or was noted, before; whether any are left. */
  prune(before: number): boolean {
    this.sql.exec("DELETE FROM jobs WHERE created_at < ? AND state <> 'running'", before)
    return this.sql.exec('SELECT 1 FROM jobs LIMIT 1').toArray().length > 0
  }

  private select(where: string, ...bindings: (string | number)[]): readonly StoredJob[] {
    return [...rowsOf(this.sql, Row, `SELECT * FROM jobs ${where}`, ...bindings)].map(toStored)
  }
}

function toStored(row: z.infer<typeof Row>): StoredJob {
  const { id, kind, subject, request, state, done, total, error } = row
  const about = { id, kind, subject, request, createdAt: row.created_at }
  if (state === 'elsewhere') return { ...about, progress: null }
  return { ...about, progress: { state, done, total, error, endedAt: row.ended_at } }
}

/** The jobs that a tenant's log does itself; what else it lists a webhook monitor does. */
const OWN_KINDS = ['replay', 'erase'] as const

/** A job as its tenant's log lists it. */
export function toJobEntry({ id, kind, subject, createdAt, progress }: StoredJob): JobEntry {
  const own = OWN_KINDS.find((one) => one === kind)
  return { id, kind: own ?? 'resend', webhookId: subject || null, createdAt, progress }
}
