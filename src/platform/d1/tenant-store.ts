// Tenants in D1.

import { and, asc, desc, eq, gt, inArray, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { NameConflict, TenantStore } from '../../engine/ports/index.ts'
import { TENANT } from '../../limits.ts'
import { RETENTION } from '../../retention.ts'
import { QUEUE } from '../../tuning.ts'
import type { Database } from './database.ts'
import { isIn, readEpoch, refuseFenced } from './optimistic.ts'
import { deduplicationKeys, formerUids, freedUids, tenants } from './schema.ts'
import {
  conflictOfNames,
  conflictOfUid,
  FORMER,
  idsOfNames,
  isFreeUid,
  restingAmong,
  UID_AFTER,
} from './tenant-names.ts'

/** All of a tenant but what fences its webhooks. */
const COLUMNS = {
  id: tenants.id,
  name: tenants.name,
  uid: tenants.uid,
  metadata: tenants.metadata,
  retentionDays: tenants.retentionDays,
  createdAt: tenants.createdAt,
}

/** A dead letter is kept when its message comes, which may have waited. */
const NAMED_SECONDS = RETENTION.deadLetterSeconds + QUEUE.maxRetentionSeconds

export function createTenantStore(db: Database): TenantStore {
  /** Of a batch: has the uid of a tenant rest, where the condition holds. */
  const rest = (id: string, now: number, condition = sql`TRUE`) =>
    db
      .insert(freedUids)
      .select(sql`SELECT ${tenants.uid}, ${tenants.id}, ${now} FROM ${tenants}
        WHERE ${tenants.id} = ${id} AND ${tenants.uid} IS NOT NULL AND ${condition}`)
      .onConflictDoUpdate({
        target: freedUids.uid,
        set: { tenantId: sql`excluded.tenant_id`, at: sql`excluded.at` },
      })
  const ask = (conflict: SQL<NameConflict | null>) => db.select({ conflict }).from(sql`(SELECT 1)`)
  const forgetRested = (now: number) =>
    db.delete(freedUids).where(lte(freedUids.at, now - TENANT.uidRestMs))
  /** Of a batch, behind `rest`: notes what the tenant was called. */
  const remember = (id: string, now: number) =>
    db
      .insert(formerUids)
      .select(sql`SELECT ${freedUids.tenantId}, ${freedUids.uid}, ${freedUids.at} FROM ${freedUids}
        WHERE ${freedUids.tenantId} = ${id} AND ${freedUids.at} = ${now}`)
      .onConflictDoNothing()
  /** Of a batch, before it is deleted: notes that it was. */
  const rememberId = (id: string, now: number) =>
    db
      .insert(formerUids)
      .select(
        sql`SELECT ${tenants.id}, ${tenants.id}, ${now} FROM ${tenants} WHERE ${tenants.id} = ${id}`,
      )
      .onConflictDoNothing()
  const forgetFormer = (now: number) =>
    db.delete(formerUids).where(lte(formerUids.at, now - NAMED_SECONDS * 1_000))

  return {
    async insert(tenant) {
      const { id, name, uid, metadata, retentionDays, createdAt } = tenant
      const conflict = conflictOfNames({ id, uid, now: createdAt })
      const [[why]] = await db.batch([
        ask(conflict),
        // The epoch is above every one of a former tenant of the same id.
        db
          .insert(tenants)
          .select(sql`SELECT ${id}, ${name}, ${createdAt}, ${createdAt}, ${uid}, ${JSON.stringify(metadata)},
              ${retentionDays}, NULL
            WHERE (${conflict}) IS NULL`),
      ])
      return why?.conflict ?? 'inserted'
    },

    async insertFree(drafts, now) {
      const rows = drafts.map(({ id, name, uid, metadata, retentionDays, createdAt }) => [
        ...[id, name, uid, JSON.stringify(metadata), createdAt, retentionDays],
      ])
      const json = JSON.stringify(rows)
      const [id, uid] = [sql`draft.value ->> 0`, sql`draft.value ->> 2`]
      const resting = restingAmong(json, now)
      const [found] = await db.batch([
        db.select({ uid: sql<string>`resting.uid` }).from(sql`(${resting}) AS resting`),
        db
          .insert(tenants)
          .select(sql`SELECT ${id}, draft.value ->> 1, draft.value ->> 4, draft.value ->> 4, ${uid}, draft.value ->> 3,
              draft.value ->> 5, NULL
            FROM json_each(${json}) AS draft WHERE ${isFreeUid(uid, id, now)} AND NOT EXISTS (${resting})`)
          .onConflictDoNothing(),
      ])
      return found.map(({ uid }) => uid)
    },

    async find(id) {
      return (await db.select(COLUMNS).from(tenants).where(eq(tenants.id, id)).get()) ?? null
    },

    async findIds(names) {
      const rows = await db.all<{ name: string; id: string }>(idsOfNames(names))
      return new Map(rows.map(({ name, id }) => [name, id]))
    },

    async update(id, change, now, epoch) {
      const conflict = conflictOfUid({ id, uid: change.uid, now })
      const isFree = sql`(${conflict}) IS NULL`
      const isWritten = and(isFree, isIn(id, epoch)) ?? isFree
      // Another uid than now, or none any more.
      const frees =
        change.uid === undefined
          ? sql`FALSE`
          : sql`${tenants.uid} IS NOT ${change.uid} AND ${isWritten}`
      const writing = db.update(tenants)
      const [present, [why], , written] = await db.batch([
        readEpoch(db, id),
        ask(conflict),
        rest(id, now, frees),
        writing
          .set({ ...UNCHANGED, ...change })
          .where(and(eq(tenants.id, id), isWritten))
          .returning(COLUMNS),
        ...(change.uid === undefined ? [] : [remember(id, now), forgetFormer(now)]),
        forgetRested(now),
      ])
      if (present.length === 0) return null
      refuseFenced(present, epoch)
      const [tenant] = written
      return why?.conflict ?? tenant ?? null
    },

    async noteErasure(id, at) {
      await db
        .update(tenants)
        .set({ erasedAt: sql`max(coalesce(${tenants.erasedAt}, 0), ${at})` })
        .where(eq(tenants.id, id))
    },

    async namesOf(id) {
      const [present, former] = await db.batch([
        db
          .select({ id: tenants.id, uid: tenants.uid, after: UID_AFTER })
          .from(tenants)
          .where(eq(tenants.id, id)),
        db
          .select({ name: formerUids.uid, ...FORMER })
          .from(formerUids)
          .where(eq(formerUids.tenantId, id)),
      ])
      const names = present.flatMap(({ id, uid, after }) => [
        { name: id, after: null, until: null },
        ...(uid === null ? [] : [{ name: uid, after, until: null }]),
      ])
      return [...names, ...former]
    },

    async list({ limit, after, endings, search, order = 'ascending' }) {
      const isAscending = order === 'ascending'
      return await db
        .select(COLUMNS)
        .from(tenants)
        .where(
          and(
            after === null ? undefined : (isAscending ? gt : lt)(tenants.id, after),
            search === undefined ? undefined : isFound(search),
            endings === undefined ? undefined : inArray(sql`substr(${tenants.id}, -2)`, endings),
          ),
        )
        .orderBy((isAscending ? asc : desc)(tenants.id))
        .limit(limit)
    },

    async delete(id, now) {
      // Keys, webhooks and subscriptions go by foreign key; deduplication keys have none (schema.ts).
      const [, , , deleted] = await db.batch([
        rest(id, now),
        remember(id, now),
        rememberId(id, now),
        db.delete(tenants).where(eq(tenants.id, id)).returning({ id: tenants.id }),
        db.delete(deduplicationKeys).where(eq(deduplicationKeys.tenantId, id)),
        forgetRested(now),
        forgetFormer(now),
      ])
      return deleted.length > 0
    },
  }
}

/** `instr` takes the characters of what is looked for as they are; LIKE would give some a meaning. */
function isFound(search: string): SQL {
  const has = (text: SQL) => sql`instr(lower(${text}), lower(${search})) > 0`
  return sql`(${has(sql`${tenants.name}`)} OR ${has(sql`coalesce(${tenants.uid}, '')`)} OR ${tenants.id} = lower(${search}))`
}

/** An update that changes nothing else is one all the same. */
const UNCHANGED = { createdAt: sql`${tenants.createdAt}` }
