// Who changed what, in D1.

import { and, desc, eq, gte, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import {
  AUDIT_ACTIONS,
  AUDIT_ACTOR_KINDS,
  AUDIT_TARGET_KINDS,
  AUDIT_VIAS,
  type AuditDraft,
  type AuditEntry,
} from '../../engine/model/index.ts'
import type { AuditQuery, AuditStore } from '../../engine/ports/index.ts'
import { firstIdAt } from '../../primitives/ids.ts'
import type { Database } from './database.ts'
import { audit, keys, operatorKeys, tenants, webhooks } from './schema.ts'

/** Entries of one statement, of a few KB each at most; ours. */
const WRITTEN_TOGETHER = 200

export function createAuditStore(db: Database): AuditStore {
  const { id } = audit

  const write = async (entries: readonly AuditDraft[]) => {
    const rows = entries.map(({ id, tenantId, action, actor, via, surface, target, changes }) => [
      ...[id, tenantId, action, actor.kind, actor.id, actor.subject, via, surface],
      ...[target.kind, target.id, target.name, JSON.stringify(changes)],
    ])
    const field = (index: number) => sql`entry.value ->> ${sql.raw(String(index))}`
    const [tenantId, actorId, targetId] = [field(1), field(4), field(9)]
    const actorName = sql`coalesce(
      (SELECT ${keys.name} FROM ${keys} WHERE ${keys.id} = ${actorId}),
      (SELECT ${operatorKeys.name} FROM ${operatorKeys} WHERE ${operatorKeys.id} = ${actorId}),
      iif(${actorId} = ${targetId}, ${field(10)}, NULL))`
    const targetName = sql`coalesce(${field(10)},
      (SELECT ${webhooks.name} FROM ${webhooks} WHERE ${webhooks.tenantId} = ${tenantId} AND ${webhooks.id} = ${targetId}))`
    await db
      .insert(audit)
      .select(
        sql`SELECT ${field(0)}, ${tenantId}, ${field(2)}, ${field(3)}, ${actorId}, ${actorName}, ${field(5)},
          ${field(6)}, ${field(7)}, ${field(8)}, ${targetId}, ${targetName}, ${field(11)}
          FROM json_each(${JSON.stringify(rows)}) AS entry
          WHERE ${tenantId} IS NULL OR EXISTS (SELECT 1 FROM ${tenants} WHERE ${tenants.id} = ${tenantId})`,
      )
      .onConflictDoNothing()
  }

  return {
    async append(entries) {
      for (let start = 0; start < entries.length; start += WRITTEN_TOGETHER) {
        await write(entries.slice(start, start + WRITTEN_TOGETHER))
      }
    },

    async list(query) {
      const rows = await db
        .select()
        .from(audit)
        .where(isAsked(query))
        .orderBy(desc(id))
        .limit(query.limit)
      return rows.map(toEntry)
    },

    async prune(before, limit) {
      const old = db
        .select({ id })
        .from(audit)
        .where(lt(id, firstIdAt(before)))
        .limit(limit)
      const { meta } = await db.delete(audit).where(inArray(id, old)).run()
      return meta.changes
    },
  }
}

function isAsked({
  tenantId,
  kindsOfTenants,
  after,
  before,
  action,
  actor,
  target,
  behind,
}: AuditQuery) {
  return and(
    // What a newer version wrote is its to read.
    isAmong(audit.action, AUDIT_ACTIONS),
    isAmong(audit.actorKind, AUDIT_ACTOR_KINDS),
    isAmong(audit.via, AUDIT_VIAS),
    isAmong(audit.targetKind, AUDIT_TARGET_KINDS),
    tenantId === undefined
      ? undefined
      : tenantId === null
        ? isNull(audit.tenantId)
        : eq(audit.tenantId, tenantId),
    kindsOfTenants && or(isNull(audit.tenantId), isAmong(audit.targetKind, kindsOfTenants)),
    after === undefined ? undefined : gte(audit.id, firstIdAt(after + 1)),
    before === undefined ? undefined : lt(audit.id, firstIdAt(before)),
    action === undefined
      ? undefined
      : or(eq(audit.action, action), sql`instr(${audit.action}, ${`${action}.`}) = 1`),
    actor === undefined
      ? undefined
      : or(eq(audit.actorId, actor), eq(audit.actorSubject, actor), eq(audit.actorKind, actor)),
    target === undefined ? undefined : eq(audit.targetId, target),
    behind === null ? undefined : lt(audit.id, behind),
  )
}

function isAmong(column: SQLiteColumn, known: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(known)}))`
}

const Known = z.object({
  action: z.enum(AUDIT_ACTIONS),
  actorKind: z.enum(AUDIT_ACTOR_KINDS),
  via: z.enum(AUDIT_VIAS),
  targetKind: z.enum(AUDIT_TARGET_KINDS),
})

function toEntry(row: typeof audit.$inferSelect): AuditEntry {
  const { id, tenantId, surface, changes } = row
  const { action, actorKind, via, targetKind } = Known.parse(row)
  return {
    ...{ id, tenantId, action, via, surface, changes },
    actor: {
      kind: actorKind,
      id: row.actorId,
      name: row.actorName,
      subject: row.actorSubject,
    },
    target: { kind: targetKind, id: row.targetId, name: row.targetName },
  }
}
