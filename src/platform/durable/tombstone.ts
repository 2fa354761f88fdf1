// An object whose owner was deleted remembers just that, so that what is still under way does not bring it back.

import { z } from 'zod'
import { QUEUE } from '../../tuning.ts'
import { rowOf } from './rows.ts'

const SCHEMA = 'CREATE TABLE IF NOT EXISTS purged (at INTEGER PRIMARY KEY)'

const Row = z.object({ at: z.number() })

export function isPurged(sql: SqlStorage): boolean {
  return purgedAt(sql) !== null
}

/** Forgets everything but that it was forgotten, until no queue can hold a message about it any more. */
export async function purge(storage: DurableObjectStorage, now: number): Promise<void> {
  await storage.deleteAll()
  storage.sql.exec(SCHEMA)
  storage.sql.exec('INSERT INTO purged (at) VALUES (?)', now)
  await storage.setAlarm(forgottenAt(now))
}

/** What the alarm of a purged object does: forgets that as well when it is time, else waits on. */
export async function endPurge(storage: DurableObjectStorage, now: number): Promise<void> {
  const end = forgottenAt(purgedAt(storage.sql) ?? 0)
  if (end > now) await storage.setAlarm(end)
  else await storage.deleteAll()
}

/** Unix milliseconds; null for an object that was not purged. */
function purgedAt(sql: SqlStorage): number | null {
  sql.exec(SCHEMA)
  return rowOf(sql, Row, 'SELECT at FROM purged')?.at ?? null
}

function forgottenAt(purgedAt: number): number {
  return purgedAt + QUEUE.maxRetentionSeconds * 1_000
}
