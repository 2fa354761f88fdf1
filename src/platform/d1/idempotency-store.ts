// Keys of calls that may be repeated, in D1, with what the calls were answered, which is sealed.

import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import type { CallClaim, IdempotencyStore } from '../../engine/ports/index.ts'
import type { Vault } from '../vault.ts'
import type { Database } from './database.ts'
import { idempotencyKeys, tenants } from './schema.ts'

/** A call that is under way. */
const OPEN = { sealed: null, contentOf: null }

export function createIdempotencyStore(db: Database, vault: Vault): IdempotencyStore {
  const { key: keyColumn, owner, sealed, contentHash, expiresAt } = idempotencyKeys
  const isOpen = (claim: CallClaim) =>
    and(eq(keyColumn, claim.key), eq(owner, claim.owner), isNull(sealed))

  return {
    async claim(claim, times) {
      // One transaction: what the first statement does not find is free, and the second one takes it.
      const [[held]] = await db.batch([
        db
          .select({ contentHash, sealed })
          .from(idempotencyKeys)
          .where(and(eq(keyColumn, claim.key), gt(expiresAt, times.now))),
        db
          .insert(idempotencyKeys)
          .values({ ...claim, ...OPEN, expiresAt: times.expiresAt })
          .onConflictDoUpdate({
            target: keyColumn,
            set: { ...claim, ...OPEN, expiresAt: times.expiresAt },
            setWhere: lte(expiresAt, times.now),
          }),
      ])
      if (held === undefined) return null
      const answer = held.sealed === null ? null : await vault.open(held.sealed, claim.key)
      return { contentHash: held.contentHash, answer }
    },

    async complete(claim, answer, until, contentOf = null) {
      const closed = await vault.seal(answer, claim.key)
      const { tenantId = null, since = 0 } = contentOf ?? {}
      const keep = db
        .update(idempotencyKeys)
        .set({ sealed: closed, expiresAt: until, contentOf: tenantId })
        .where(isOpen(claim))
      if (tenantId === null) return void (await keep)
      const isErased = sql`NOT EXISTS (SELECT 1 FROM ${tenants}
        WHERE ${tenants.id} = ${tenantId} AND coalesce(${tenants.erasedAt}, -1) < ${since})`
      await db.batch([db.delete(idempotencyKeys).where(and(isOpen(claim), isErased)), keep])
    },

    async release(claim) {
      await db.delete(idempotencyKeys).where(isOpen(claim))
    },

    async eraseContentOf(tenantId) {
      await db.delete(idempotencyKeys).where(eq(idempotencyKeys.contentOf, tenantId))
    },

    async prune(now, limit) {
      const { meta } = await db.run(sql`
        DELETE FROM ${idempotencyKeys} WHERE key IN (
          SELECT key FROM ${idempotencyKeys} WHERE ${expiresAt} <= ${now} LIMIT ${limit})`)
      return meta.changes
    },
  }
}
