// Sessions in D1: the hash of what their holders are known by, never that itself.

import { eq, isNull, lte, sql } from 'drizzle-orm'
import type { KnownSession, SessionStore } from '../../engine/ports/index.ts'
import type { Database } from './database.ts'
import { selectKnownKey, toKnownKey } from './key-store.ts'
import { sessions } from './schema.ts'

export function createSessionStore(db: Database): SessionStore {
  return {
    async insert({ session, proof, secretHash }) {
      await db.insert(sessions).values({ ...session, proof, secretHash })
    },
    async find(id) {
      const keyId = sql`(SELECT ${sessions.keyId} FROM ${sessions} WHERE ${sessions.id} = ${id})`
      const [[row], [key]] = await db.batch([
        db.select().from(sessions).where(eq(sessions.id, id)),
        selectKnownKey(db, keyId),
      ])
      return row === undefined ? null : { ...toKnown(row), key: key ? toKnownKey(key) : null }
    },
    async delete(id) {
      await db.delete(sessions).where(eq(sessions.id, id))
    },
    async deleteAll(keyId) {
      const isMeant = keyId === null ? isNull(sessions.keyId) : eq(sessions.keyId, keyId)
      const rows = await db.delete(sessions).where(isMeant).returning({ id: sessions.id })
      return rows.map(({ id }) => id)
    },
    async prune(now) {
      await db.delete(sessions).where(lte(sessions.expiresAt, now))
    },
  }
}

function toKnown({ proof, secretHash, ...session }: typeof sessions.$inferSelect): KnownSession {
  return { session, proof, secretHash }
}
