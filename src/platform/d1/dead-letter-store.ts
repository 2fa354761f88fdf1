// Queue messages that could not be processed, in D1.

import { desc, eq, lt, sql } from 'drizzle-orm'
import type { DeadLetterStore } from '../../engine/ports/index.ts'
import type { Database } from './database.ts'
import { deadLetters } from './schema.ts'

export function createDeadLetterStore(db: Database): DeadLetterStore {
  return {
    async insert({ id, queue, reason, body, at }) {
      await db.insert(deadLetters).values({ id, queue, reason, body, at }).onConflictDoNothing()
    },

    async list({ limit, before }) {
      const { at, id } = deadLetters
      const marker = db
        .select({ at, id })
        .from(deadLetters)
        .where(eq(id, before ?? ''))
      return await db
        .select()
        .from(deadLetters)
        .where(before === null ? undefined : sql`(${at}, ${id}) < ${marker}`)
        .orderBy(desc(at), desc(id))
        .limit(limit)
    },

    async prune(before) {
      const { meta } = await db.delete(deadLetters).where(lt(deadLetters.at, before)).run()
      return meta.changes
    },
  }
}
