// Where an event log keeps the erasures that it was asked for: how far each got, and, for as long as a queue may hold an event that
// was published before, what it was about. Of a scope only digests are kept: what is erased stands here no more than elsewhere.

import { z } from 'zod'
import { ONE_SHARD, type ShardSchedule } from '../../../engine/model/index.ts'
import { newId } from '../../../primitives/ids.ts'
import { QUEUE } from '../../../tuning.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'
import { ContentKind, type ContentPosition } from '../webhook-monitor/erase.ts'

/** What it was about is lost; that it was not finished shows in its job. */
const LOST = 'DELETE FROM erasures'

/** Which of its tenant's event logs one is. */
export interface ShardPlace {
  readonly shard: number
  readonly schedule: ShardSchedule
}

export const ONLY_SHARD: ShardPlace = { shard: 0, schedule: ONE_SHARD }
const ONLY_SHARD_TEXT = JSON.stringify(ONLY_SHARD)

export const ERASURES: OccasionalSchema = {
  name: 'erasures',
  columns: {
    at: { sql: 'INTEGER NOT NULL DEFAULT 0', restored: LOST },
    salt: { sql: "TEXT NOT NULL DEFAULT ''", restored: LOST },
    scope: { sql: "TEXT NOT NULL DEFAULT '[]'", restored: LOST },
    position: { sql: 'TEXT' },
    untold: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    event_ids: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    keys: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    found: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    // It begins again: nothing says whom it told.
    told: { sql: "TEXT DEFAULT ''" },
    asked: { sql: "TEXT DEFAULT ''" },
    untold_webhooks: { sql: "TEXT NOT NULL DEFAULT '[]'" },
    only_webhooks: { sql: 'TEXT' },
    days: { sql: 'INTEGER' },
    // Nothing says where they stood: what they have is read from the start.
    reading: { sql: "TEXT NOT NULL DEFAULT '{}'" },
    place: { sql: `TEXT NOT NULL DEFAULT '${ONLY_SHARD_TEXT}'` },
    ended: { sql: 'INTEGER NOT NULL DEFAULT 0' },
  },
  occasional: `
  CREATE TABLE erasures (
    -- The job; or, without one, what has to be told again.
    id TEXT PRIMARY KEY,
    -- When it was asked for, Unix milliseconds.
    at INTEGER NOT NULL,
    salt TEXT NOT NULL,
    -- Digests of the entries that a scope must have, as JSON: one that is * for all events; of an erasure by ids none.
    scope TEXT NOT NULL,
    -- The row behind which it goes on; null: all rows were looked through.
    position TEXT,
    -- Ids of expunged events of which monitors are told at once, as JSON.
    untold TEXT NOT NULL,
    -- The ids that it is about, as JSON; by a scope none.
    event_ids TEXT NOT NULL DEFAULT '[]',
    -- Digests of the deduplication keys that stood for them, as JSON: a copy of what was published before may come in later.
    keys TEXT NOT NULL DEFAULT '[]',
    -- Ids of expunged events that keys still stand for, as JSON.
    found TEXT NOT NULL DEFAULT '[]',
    -- The row behind which the telling goes on; null: the monitors of all rows were told.
    told TEXT DEFAULT '',
    -- The webhook behind which the asking goes on; null: all were asked what they still have.
    asked TEXT DEFAULT '',
    -- Webhooks whose monitors did not answer, as JSON: they are told and asked once more.
    untold_webhooks TEXT NOT NULL DEFAULT '[]',
    -- Those that are alone told and asked this time, as JSON; null: all are.
    only_webhooks TEXT,
    -- Where webhooks stand of which one step could not read all they have, by their ids, as JSON.
    reading TEXT NOT NULL DEFAULT '{}',
    -- Days for which the tenant's events are kept from then on; null of what is not about that.
    days INTEGER,
    -- Which shard this is, as JSON.
    place TEXT NOT NULL DEFAULT '${ONLY_SHARD_TEXT}',
    ended INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID`,
}

const Place: z.ZodType<ShardPlace> = z.object({
  shard: z.number(),
  schedule: z.array(z.object({ shards: z.number(), since: z.number() })),
})
const Reading: z.ZodType<Readonly<Record<string, ContentPosition>>> = z.record(
  z.string(),
  z.object({ kind: ContentKind, behind: z.string() }),
)
const Texts = jsonText(z.array(z.string()))
const Row = z
  .object({
    id: z.string(),
    at: z.number(),
    salt: z.string(),
    scope: Texts,
    position: z.string().nullable(),
    untold: Texts,
    event_ids: Texts,
    keys: Texts,
    found: Texts,
    told: z.string().nullable(),
    asked: z.string().nullable(),
    untold_webhooks: Texts,
    only_webhooks: Texts.nullable(),
    place: jsonText(Place),
    days: z.number().nullable(),
    reading: jsonText(Reading),
  })
  .transform(({ event_ids: eventIds, untold_webhooks: missed, only_webhooks: only, ...row }) => ({
    ...row,
    ...{ eventIds, missed, only },
  }))

export type Erasure = z.infer<typeof Row>
/** What nobody asked for, and nobody is told yet. */
export function toNobody(now: number): Erasure {
  const about = { id: newId(now), at: now, salt: '', scope: [], eventIds: [], keys: [] }
  const place = ONLY_SHARD
  const progress = { position: null, untold: [], found: [], told: null, asked: null, reading: {} }
  return { ...about, ...progress, place, missed: [], only: null, days: null }
}

/** How far it got. */
type Progress = Pick<
  Erasure,
  'position' | 'untold' | 'found' | 'told' | 'asked' | 'missed' | 'only' | 'reading'
>
/** What tells of an event whether it was published before an erasure that is about it, too. */
export type ErasedScope = Pick<Erasure, 'at' | 'salt' | 'scope' | 'keys'>

export class ErasureStore {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, ERASURES)
  }

  insert({ id, at, salt, scope, eventIds, keys, place, days, ...progress }: Erasure): void {
    this.table.make()
    const query = `INSERT INTO erasures (id, at, salt, scope, event_ids, keys, place, days, position, untold, found, told, asked,
      untold_webhooks, only_webhooks, reading) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
    const about = [
      id,
      at,
      salt,
      JSON.stringify(scope),
      JSON.stringify(eventIds),
      JSON.stringify(keys),
      JSON.stringify(place),
      days,
    ]
    this.sql.exec(query, ...about, ...valuesOf(progress))
  }

  /** One that has not ended. */
  find(id: string): Erasure | undefined {
    if (!this.table.exists) return undefined
    return rowOf(this.sql, Row, 'SELECT * FROM erasures WHERE id = ? AND ended = 0', id)
  }

  underWay(): readonly Erasure[] {
    if (!this.table.exists) return []
    return [...rowsOf(this.sql, Row, 'SELECT * FROM erasures WHERE ended = 0 ORDER BY id')]
  }

  /** Those that events may come in for, by their scope or their keys, whether they have ended or not. */
  scopes(): readonly ErasedScope[] {
    if (!this.table.exists) return []
    return [...rowsOf(this.sql, Row, "SELECT * FROM erasures WHERE scope <> '[]' OR keys <> '[]'")]
  }

  /** Forgets how many days webhooks were to be told of: a number that is told later would be the one that counts. */
  deleteRetention(): void {
    if (!this.table.exists) return
    this.sql.exec('DELETE FROM erasures WHERE days IS NOT NULL AND ended = 0')
  }

  move(erasure: Erasure, progress: Partial<Progress>): void {
    const query = `UPDATE erasures
      SET position = ?, untold = ?, found = ?, told = ?, asked = ?, untold_webhooks = ?, only_webhooks = ?, reading = ?
      WHERE id = ?`
    this.sql.exec(query, ...valuesOf({ ...erasure, ...progress }), erasure.id)
  }

  /** Of what it was about is left what an event is known by that comes in later. */
  end(id: string): void {
    this.sql.exec("UPDATE erasures SET ended = 1, event_ids = '[]' WHERE id = ?", id)
  }

  /** Forgets what ended so long ago that no queue can hold an event from before; whether any are left. */
  prune(now: number): boolean {
    if (!this.table.exists) return false
    const before = now - 2 * QUEUE.maxRetentionSeconds * 1_000
    this.sql.exec('DELETE FROM erasures WHERE ended = 1 AND at < ?', before)
    return this.sql.exec('SELECT 1 FROM erasures LIMIT 1').toArray().length > 0
  }
}

function valuesOf({ position, untold, found, told, asked, missed, only, reading }: Progress) {
  const far = [position, JSON.stringify(untold), JSON.stringify(found), told, asked]
  return [...far, JSON.stringify(missed), only && JSON.stringify(only), JSON.stringify(reading)]
}
