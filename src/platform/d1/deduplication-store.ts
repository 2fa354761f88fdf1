// Deduplication keys in D1. A claim writes one row; nothing is read or written per key in a statement of its own.

import { sql } from 'drizzle-orm'
import { D1 } from '../../config.ts'
import type { DeduplicationEntry, DeduplicationStore } from '../../engine/ports.ts'
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
          .innerJoin(
            deduplicationKeys,
            sql`${deduplicationKeys.tenantId} = ${tenantId} AND ${key} = claims.value ->> 0
              AND ${deduplicationKeys.expiresAt} > ${now}`,
          ),
        db.run(sql`
          INSERT INTO ${deduplicationKeys}
            (tenant_id, key, content_hash, answer, confirmed, expires_at)
          SELECT ${tenantId}, value ->> 0, value ->> 1, value ->> 2, 0, ${expiresAt}
          FROM json_each(${claims}) WHERE true
          ON CONFLICT (tenant_id, key) DO UPDATE SET
            content_hash = excluded.content_hash, answer = excluded.answer,
            confirmed = 0, expires_at = excluded.expires_at
          WHERE ${deduplicationKeys.expiresAt} <= ${now}`),
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
      await db.run(sql`
        UPDATE ${deduplicationKeys} SET confirmed = 1
        WHERE ${isOneOf(tenantId, keys)} AND confirmed = 0`)
    },

    async release(tenantId, keys) {
      await db.run(sql`
        DELETE FROM ${deduplicationKeys} WHERE ${isOneOf(tenantId, keys)} AND confirmed = 0`)
    },

    prune: (now, limit) => pruneDeduplicationKeys(db, { now, limit, stepRows: D1.pruneStepRows }),
  }
}

function isOneOf(tenantId: string, keys: readonly string[]) {
  return sql`tenant_id = ${tenantId} AND key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`
}
