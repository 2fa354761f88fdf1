// Tenants in D1.

import { asc, eq, gt } from 'drizzle-orm'
import type { TenantStore } from '../../engine/ports/index.ts'
import type { Database } from './database.ts'
import { deduplicationKeys, tenants } from './schema.ts'

export function createTenantStore(db: Database): TenantStore {
  return {
    async insert({ id, name, createdAt }) {
      const { meta } = await db
        .insert(tenants)
        .values({ id, name, createdAt })
        .onConflictDoNothing()
        .run()
      return meta.changes > 0
    },

    async find(id) {
      return (await db.select().from(tenants).where(eq(tenants.id, id)).get()) ?? null
    },

    async list({ limit, after }) {
      return await db
        .select()
        .from(tenants)
        .where(after === null ? undefined : gt(tenants.id, after))
        .orderBy(asc(tenants.id))
        .limit(limit)
    },

    async delete(id) {
      // Keys, webhooks and subscriptions go by foreign key; deduplication keys have none (schema.ts).
      const [deleted] = await db.batch([
        db.delete(tenants).where(eq(tenants.id, id)).returning({ id: tenants.id }),
        db.delete(deduplicationKeys).where(eq(deduplicationKeys.tenantId, id)),
      ])
      return deleted.length > 0
    },
  }
}
