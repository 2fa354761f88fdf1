// Tenants in D1.

import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { TenantStore } from '../../engine/ports/index.ts'
import type { Database } from './database.ts'
import { deduplicationKeys, tenants } from './schema.ts'

/** All of a tenant but what fences its webhooks. */
const TENANT = { id: tenants.id, name: tenants.name, createdAt: tenants.createdAt }

export function createTenantStore(db: Database): TenantStore {
  return {
    async insert({ id, name, createdAt }) {
      const { meta } = await db
        .insert(tenants)
        // Above every epoch of a former tenant of the same id.
        .values({ id, name, createdAt, epoch: createdAt })
        .onConflictDoNothing()
        .run()
      return meta.changes > 0
    },

    async find(id) {
      return (await db.select(TENANT).from(tenants).where(eq(tenants.id, id)).get()) ?? null
    },

    async list({ limit, after, endings }) {
      return await db
        .select(TENANT)
        .from(tenants)
        .where(
          and(
            after === null ? undefined : gt(tenants.id, after),
            endings === undefined ? undefined : inArray(sql`substr(${tenants.id}, -2)`, endings),
          ),
        )
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
