// Keys in D1: the hash of a secret, never the secret.

import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { Key, OperatorKey } from '../../engine/model/index.ts'
import type { KeyStore, KnownKey } from '../../engine/ports/index.ts'
import { notFound } from '../../errors.ts'
import { type Database, violates } from './database.ts'
import { CATALOGUE_ROW, type CatalogueMark, NO_CATALOGUE } from './event-type-store.ts'
import { catalogue, keys, operatorKeys } from './schema.ts'

/** What is known of the key with an id, of a tenant or of the operator, in one statement; `toKnownKey` reads its row. */
export function selectKnownKey(db: Database, id: SQL) {
  const proof = ({
    id,
    permissions,
    secretHash,
    expiresAt,
  }: typeof keys | typeof operatorKeys) => ({
    ...{ id, permissions, secretHash, expiresAt },
  })
  const none = sql<string | null>`NULL`
  const noFlags = sql<readonly string[] | null>`NULL`
  return db
    .select({
      ...proof(keys),
      tenantId: sql<string | null>`${keys.tenantId}`.as('tenant_id'),
      ...{ subject: keys.subject, featureFlags: keys.featureFlags },
    })
    .from(keys)
    .where(eq(keys.id, id))
    .unionAll(
      db
        .select({
          ...proof(operatorKeys),
          ...{ tenantId: none, subject: none, featureFlags: noFlags },
        })
        .from(operatorKeys)
        .where(eq(operatorKeys.id, id)),
    )
}

type KnownKeyRow = Awaited<ReturnType<typeof selectKnownKey>>[number]

export function toKnownKey({ secretHash, expiresAt, ...caller }: KnownKeyRow): KnownKey {
  const kind = caller.tenantId === null ? 'operator' : 'tenant'
  return { caller: { ...caller, kind }, expiresAt, secretHash }
}

/** `seen` is told which catalogue a look for a key saw, and when the look began: no statement has to ask for that alone. */
export function createKeyStore(
  db: Database,
  seen: (mark: CatalogueMark, at: number) => void,
): KeyStore {
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
      const at = Date.now()
      const known = selectKnownKey(db, sql`${id}`).as('known')
      const isPresent = eq(catalogue.id, CATALOGUE_ROW)
      const row = await db.select().from(known).leftJoin(catalogue, isPresent).get()
      if (row === undefined) return null
      seen(row.catalogue ?? NO_CATALOGUE, at)
      return toKnownKey(row.known)
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
      const isMeant = and(eq(keys.tenantId, tenantId), eq(keys.id, id))
      const [row] = await db.delete(keys).where(isMeant).returning()
      return row === undefined ? null : toKey(row)
    },

    async expire(tenantId, id, expiresAt) {
      const [row] = await db
        .update(keys)
        .set({ expiresAt: sql`MIN(IFNULL(${keys.expiresAt}, ${expiresAt}), ${expiresAt})` })
        .where(and(eq(keys.tenantId, tenantId), eq(keys.id, id)))
        .returning()
      return row === undefined ? null : toKey(row)
    },

    async insertOperatorKey(key, secretHash) {
      await db.insert(operatorKeys).values({ ...key, secretHash })
    },

    async listOperatorKeys({ limit, after }) {
      const rows = await db
        .select()
        .from(operatorKeys)
        .where(after === null ? undefined : gt(operatorKeys.id, after))
        .orderBy(asc(operatorKeys.id))
        .limit(limit)
      return rows.map(toOperatorKey)
    },

    async deleteOperatorKey(id) {
      const [row] = await db.delete(operatorKeys).where(eq(operatorKeys.id, id)).returning()
      return row === undefined ? null : toOperatorKey(row)
    },
  }
}

function toKey({ secretHash: _, ...key }: typeof keys.$inferSelect): Key {
  return key
}

function toOperatorKey({ secretHash: _, ...key }: typeof operatorKeys.$inferSelect): OperatorKey {
  return key
}
