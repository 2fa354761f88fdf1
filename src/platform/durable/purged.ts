// An object whose owner was deleted remembers just that, so that what is still under way does not bring it back.

import { QUEUE } from '../../config.ts'

const SCHEMA = 'CREATE TABLE IF NOT EXISTS purged (at INTEGER PRIMARY KEY)'

export function isPurged(sql: SqlStorage): boolean {
  sql.exec(SCHEMA)
  return sql.exec('SELECT 1 FROM purged').toArray().length > 0
}

/** Forgets everything but that it was forgotten, until no queue can hold a message about it any more. */
export async function purge(storage: DurableObjectStorage, now: number): Promise<void> {
  await storage.deleteAll()
  storage.sql.exec(SCHEMA)
  storage.sql.exec('INSERT INTO purged (at) VALUES (?)', now)
  await storage.setAlarm(now + QUEUE.maxRetentionSeconds * 1_000)
}
