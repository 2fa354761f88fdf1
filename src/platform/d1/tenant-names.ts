// Whether a tenant may be called so: ids and uids name tenants alike, so none of them may name two.

import { type SQL, sql } from 'drizzle-orm'
import type { NameConflict } from '../../engine/ports/index.ts'
import { TENANT } from '../../limits.ts'
import { formerUids, freedUids, tenants } from './schema.ts'

interface Wanted {
  readonly id: string
  /** Undefined where it is not asked for one. */
  readonly uid: string | null | undefined
  readonly now: number
}

/** `lower(uid)` as the index has it, so that it is found there. */
const isUid = (name: SQL | string) => sql`lower(uid) = lower(${name}) AND ${tenants.uid} = ${name}`

/** A uid that is a tenant's, other than `id`, or that is an id, `id` among them. */
const isUidTaken = (uid: SQL | string, id: SQL | string) =>
  sql`(lower(${uid}) = ${id} OR EXISTS (SELECT 1 FROM ${tenants} WHERE ${isUid(uid)} AND ${tenants.id} <> ${id})
    OR EXISTS (SELECT 1 FROM ${tenants} WHERE ${tenants.id} = lower(${uid})))`

/** A uid that another tenant than `id` had lately. */
const isUidResting = (uid: SQL | string, id: SQL | string, now: number) =>
  sql`EXISTS (SELECT 1 FROM ${freedUids} WHERE ${freedUids.uid} = ${uid}
    AND ${freedUids.tenantId} <> ${id} AND ${freedUids.at} > ${now - TENANT.uidRestMs})`

/** The uids that another tenant had lately, of rows in JSON: an id and, behind a name, a uid each. */
export function restingAmong(rows: string, now: number): SQL {
  return sql`SELECT ${freedUids.uid} FROM json_each(${rows}) AS any_draft CROSS JOIN ${freedUids}
    WHERE ${freedUids.uid} = any_draft.value ->> 2 AND ${freedUids.tenantId} <> any_draft.value ->> 0
      AND ${freedUids.at} > ${now - TENANT.uidRestMs}`
}

/** An id that is a uid, in whichever case, or was one lately. */
const isIdAUid = (id: string, now: number) =>
  sql`(EXISTS (SELECT 1 FROM ${tenants} WHERE lower(uid) = ${id} AND uid IS NOT NULL)
    OR EXISTS (SELECT 1 FROM ${freedUids} WHERE lower(${freedUids.uid}) = ${id}
      AND ${freedUids.at} > ${now - TENANT.uidRestMs}))`

/** Whether a tenant of the database may have a free uid: what is true where nothing stands against it. */
export function isFreeUid(uid: SQL, id: SQL, now: number): SQL {
  return sql`NOT ${isUidTaken(uid, id)} AND NOT ${isUidResting(uid, id, now)}`
}

/** Why a tenant that is there may not have a uid, as a text of SQL; null where it may. */
export function conflictOfUid({ id, uid, now }: Wanted): SQL<NameConflict | null> {
  if (uid === null || uid === undefined) return sql`NULL`
  return sql`CASE WHEN ${isUidTaken(uid, id)} THEN 'uid_taken'
    WHEN ${isUidResting(uid, id, now)} THEN 'uid_resting' END`
}

/** The same of a tenant that is to be made, and of its id. */
export function conflictOfNames(wanted: Wanted): SQL<NameConflict | null> {
  const { id, now } = wanted
  return sql`CASE WHEN EXISTS (SELECT 1 FROM ${tenants} WHERE ${tenants.id} = ${id})
    OR ${isIdAUid(id, now)} THEN 'id_taken' ELSE ${conflictOfUid(wanted)} END`
}

// Written out with their tables: of a query of one table drizzle leaves those out, and in here the names would be another row's.

/** Whether another tenant has, or had, the uid after the tenant of a row of `former_uids` gave it up. */
const isAnothers = sql`(EXISTS (SELECT 1 FROM ${tenants} AS present
    WHERE lower(present.uid) = lower(former_uids.uid) AND present.uid = former_uids.uid
      AND present.id <> former_uids.tenant_id)
  OR EXISTS (SELECT 1 FROM ${formerUids} AS other
    WHERE other.uid = former_uids.uid AND other.tenant_id <> former_uids.tenant_id AND other.at > former_uids.at))`

/** When the tenant of a row of `former_uids` was last deleted; null: it was not, or its id is a tenant's again. */
const deletedAt = sql`(SELECT max(gone.at) FROM ${formerUids} AS gone
  WHERE gone.tenant_id = former_uids.tenant_id AND gone.uid = former_uids.tenant_id
    AND NOT EXISTS (SELECT 1 FROM ${tenants} AS present WHERE present.id = former_uids.tenant_id))`

/** Of a row of `former_uids`: until when its name meant another tenant before, and when it meant its own last (`TenantName`). */
export const FORMER = {
  after: sql<number | null>`(SELECT max(other.at) FROM ${formerUids} AS other
    WHERE other.uid = former_uids.uid AND other.tenant_id <> former_uids.tenant_id AND other.at < former_uids.at)`,
  until: sql<number | null>`CASE WHEN ${isAnothers} THEN former_uids.at ELSE ${deletedAt} END`,
}

/** Whether a name is, or was, any tenant's. */
export function isAnyTenants(name: string | null): SQL {
  return sql`(EXISTS (SELECT 1 FROM ${tenants} WHERE ${tenants.id} = lower(${name}))
    OR EXISTS (SELECT 1 FROM ${tenants} WHERE ${isUid(sql`${name}`)})
    OR EXISTS (SELECT 1 FROM ${formerUids} WHERE ${formerUids.uid} = ${name}
      OR (${formerUids.uid} = ${formerUids.tenantId} AND ${formerUids.uid} = lower(${name}))))`
}

/** Of a row of `tenants`: until when its uid meant another one. */
export const UID_AFTER = sql<number | null>`(SELECT max(other.at) FROM ${formerUids} AS other
  WHERE other.uid = tenants.uid AND other.tenant_id <> tenants.id)`

/** The tenants that are called by the names in a JSON array: `name` and `id`. */
export function idsOfNames(names: readonly string[]): SQL {
  const list = sql`json_each(${JSON.stringify(names)}) AS names`
  // CROSS JOIN keeps SQLite from reading every tenant to look it up among the names.
  return sql`SELECT names.value AS name, ${tenants.id} AS id FROM ${list} CROSS JOIN ${tenants}
      WHERE ${tenants.id} = lower(names.value)
    UNION SELECT names.value AS name, ${tenants.id} AS id FROM ${list} CROSS JOIN ${tenants}
      WHERE ${isUid(sql`names.value`)}`
}
