// Consumers of webhooks that keep their positions here, in D1.

import { and, asc, eq, sql } from 'drizzle-orm'
import type { PullConsumerStore, WebhookRef } from '../../engine/ports/index.ts'
import { notFound } from '../../errors.ts'
import { type Database, violates } from './database.ts'
import { pullConsumers } from './schema.ts'

export function createPullConsumerStore(db: Database): PullConsumerStore {
  const { tenantId, webhookId, name, position, committedAt } = pullConsumers
  const columns = { name, position, committedAt }
  const isOf = (ref: WebhookRef) => and(eq(tenantId, ref.tenantId), eq(webhookId, ref.id))

  return {
    async find(ref, called) {
      const isMeant = and(isOf(ref), eq(name, called))
      return (await db.select(columns).from(pullConsumers).where(isMeant).get()) ?? null
    },
    async list(ref) {
      return db.select(columns).from(pullConsumers).where(isOf(ref)).orderBy(asc(name))
    },
    async put(ref, consumer, most) {
      // Counted by the statement that writes, so that of many at once none is one too many.
      const others = sql`SELECT count(*) FROM ${pullConsumers}
        WHERE ${isOf(ref)} AND ${name} <> ${consumer.name}`
      try {
        const { meta } = await db
          .insert(pullConsumers)
          .select(
            sql`SELECT ${ref.tenantId}, ${ref.id}, ${consumer.name}, ${consumer.position}, ${consumer.committedAt}
                WHERE (${others}) < ${most}`,
          )
          .onConflictDoUpdate({
            target: [tenantId, webhookId, name],
            set: { position: consumer.position, committedAt: consumer.committedAt },
          })
        return meta.changes > 0 ? 'kept' : 'full'
      } catch (error) {
        if (violates(error, 'FOREIGN KEY')) throw notFound('webhook')
        throw error
      }
    },
    async delete(ref, called) {
      const isMeant = and(isOf(ref), eq(name, called))
      const rows = await db.delete(pullConsumers).where(isMeant).returning({ name })
      return rows.length > 0
    },
  }
}
