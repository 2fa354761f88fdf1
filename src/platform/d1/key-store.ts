// Keys in D1: the hash of a secret, never the secret.

import { and, asc, eq, gt } from 'drizzle-orm'
import type { Key } from '../../engine/model/index.ts'
import type { KeyStore } from '../../engine/ports/index.ts'
import { notFound } from '../../errors.ts'
import { type Database, violates } from './database.ts'
import { keys } from './schema.ts'

export function createKeyStore(db: Database): KeyStore {
  return {
    /** Throws `not_found` when the tenant is not there (any more). */
    async insert(key, secretHash) {
      try {
        await db.insert(keys).values({ ...key, secretHash })
      } catch (error) {
        if (violates(error, 'FOREIGN KEY')) throw notFound('tenant')
        throw error
      }
    },

    async find(id) {
      const row = await db.select().from(keys).where(eq(keys.id, id)).get()
      return row === undefined ? null : { key: toKey(row), secretHash: row.secretHash }
    },

    async list(tenantId, { limit, after }) {
      const rows = await db
        .select()
        .from(keys)
        .where(and(eq(keys.tenantId, tenantId), after === null ? undefined : gt(keys.id, after)))
        .orderBy(asc(keys.id))
        .limit(limit)
      return rows.map(toKey)
    },

    async delete(tenantId, id) {
      const { meta } = await db
        .delete(keys)
        .where(and(eq(keys.tenantId, tenantId), eq(keys.id, id)))
        .run()
      return meta.changes > 0
    },
  }
}

function toKey({ secretHash: _, ...key }: typeof keys.$inferSelect): Key {
  return key
}
