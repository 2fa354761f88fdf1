// Deduplication keys in D1. A claim writes one row; nothing is read or written per key in a statement of its own.

import { and, eq, gt, lte, sql } from 'drizzle-orm'
import type { DeduplicationEntry, DeduplicationStore } from '../../engine/ports/index.ts'
import { D1 } from '../tuning.ts'
import type { Database } from './database.ts'
import { pruneDeduplicationKeys } from './deduplication-pruning.ts'
import { deduplicationKeys } from './schema.ts'

export function createDeduplicationStore(db: Database): DeduplicationStore {
  return {
    async claim(tenantId, entries, { now, expiresAt }) {
      if (entries.length === 0) return []
      const claims = JSON.stringify(
        entries.map(({ key, contentHash, answer }) => [key, contentHash, answer]),
      )
      const { key, contentHash, answer, confirmed } = deduplicationKeys
      // One transaction: what the first statement does not find is free, and the second one takes it.
      const [taken] = await db.batch([
        db
          .select({
            position: sql<number>`claims.key`.as('position'),
            contentHash,
            answer,
            confirmed,
          })
          .from(sql`json_each(${claims}) AS claims`)
          // CROSS JOIN keeps SQLite from reading every key of the tenant to look it up among the claims.
          .crossJoin(deduplicationKeys)
          .where(
            and(
              eq(deduplicationKeys.tenantId, tenantId),
              eq(key, sql`claims.value ->> 0`),
              gt(deduplicationKeys.expiresAt, now),
            ),
          ),
        db
          .insert(deduplicationKeys)
          .select(
            // In the order of the table's columns. "WHERE true" keeps ON CONFLICT from being read as a join.
            sql`SELECT ${tenantId}, value ->> 0, value ->> 1, value ->> 2, 0, ${expiresAt}
              FROM json_each(${claims}) WHERE true`,
          )
          .onConflictDoUpdate({
            target: [deduplicationKeys.tenantId, key],
            set: {
              contentHash: sql`excluded.content_hash`,
              answer: sql`excluded.answer`,
              confirmed: false,
              expiresAt,
            },
            setWhere: lte(deduplicationKeys.expiresAt, now),
          }),
      ])
      const takenAt = new Map(taken.map((row) => [row.position, row]))
      const claimedHere = new Map<string, DeduplicationEntry>()
      return entries.map((entry, position) => {
        const earlier = takenAt.get(position)
        if (earlier !== undefined) {
          return {
            key: entry.key,
            contentHash: earlier.contentHash,
            answer: earlier.answer,
            confirmed: earlier.confirmed,
          }
        }
        const sibling = claimedHere.get(entry.key)
        if (sibling !== undefined) return { ...sibling, confirmed: false }
        claimedHere.set(entry.key, entry)
        return null
      })
    },

    async confirm(tenantId, keys) {
      await db
        .update(deduplicationKeys)
        .set({ confirmed: true })
        .where(areUnconfirmed(tenantId, keys))
    },

    async release(tenantId, keys) {
      await db.delete(deduplicationKeys).where(areUnconfirmed(tenantId, keys))
    },

    prune: (now, limit) => pruneDeduplicationKeys(db, { now, limit, stepRows: D1.pruneStepRows }),
  }
}

function areUnconfirmed(tenantId: string, keys: readonly string[]) {
  return and(
    eq(deduplicationKeys.tenantId, tenantId),
    sql`${deduplicationKeys.key} IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`,
    eq(deduplicationKeys.confirmed, false),
  )
}
