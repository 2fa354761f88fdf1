// Queue messages that could not be processed, in D1.

import { asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm'
import { plain, tenantNamedIn } from '../../engine/messages/tells-of.ts'
import type { DeadLetterStore } from '../../engine/ports/index.ts'
import { DEAD_LETTER } from '../../tuning.ts'
import type { Database } from './database.ts'
import { deadLetters, formerUids, tenants } from './schema.ts'
import { FORMER, isAnyTenants, UID_AFTER } from './tenant-names.ts'

/** Rows that one statement of an erasure reads, of up to 128 KB each; ours. */
const ERASED_TOGETHER = 50

const SENT_AT = sql<number>`coalesce(${deadLetters.sentAt}, ${deadLetters.at})`

export function createDeadLetterStore(db: Database): DeadLetterStore {
  return {
    async insert({ id, queue, reason, body, at, sentAt }) {
      // Ids are taken in either case.
      const isNamed = sql`(instr(lower(letter.text), json_quote(${tenants.id})) > 0
        OR (instr(letter.text, json_quote(${tenants.uid})) > 0 AND coalesce(${UID_AFTER}, -1) < ${sentAt}))`
      const isFormer = sql`(instr(letter.text, json_quote(${formerUids.uid})) > 0
          OR (${formerUids.uid} = ${formerUids.tenantId} AND instr(lower(letter.text), json_quote(${formerUids.uid})) > 0))
        AND coalesce(${FORMER.after}, -1) < ${sentAt} AND coalesce(${FORMER.until}, ${sentAt}) >= ${sentAt}`
      // The text is looked through for few: CASE holds the order.
      const isTold = sql`CASE WHEN EXISTS (SELECT 1 FROM ${tenants} AS own
          WHERE own.id = ${formerUids.tenantId} AND own.erased_at >= ${sentAt})
        OR EXISTS (SELECT 1 FROM ${formerUids} AS gone
          WHERE gone.tenant_id = ${formerUids.tenantId} AND gone.uid = gone.tenant_id AND gone.at >= ${sentAt})
        THEN ${isFormer} END`
      // Whose it is nobody can tell: it may be of whoever had something erased since.
      const isNobodys = sql`((EXISTS (SELECT 1 FROM ${tenants} WHERE ${tenants.erasedAt} >= ${sentAt})
          OR EXISTS (SELECT 1 FROM ${formerUids} WHERE ${formerUids.uid} = ${formerUids.tenantId} AND ${formerUids.at} >= ${sentAt}))
        AND NOT ${isAnyTenants(tenantNamedIn(body))})`
      const isErased = sql`(EXISTS (
          SELECT 1 FROM ${tenants} WHERE ${tenants.erasedAt} >= ${sentAt} AND ${isNamed})
        OR EXISTS (SELECT 1 FROM ${formerUids} WHERE ${isTold}) OR ${isNobodys})`
      const text = plain(body)
      await db
        .insert(deadLetters)
        .select(sql`SELECT ${id}, ${queue}, iif(letter.erased, ${DEAD_LETTER.erasedReason}, ${reason}),
          iif(letter.erased, '', letter.body), ${at}, ${sentAt}
          FROM (SELECT body, ${isErased} AS erased
            FROM (SELECT ${body} AS body, coalesce(${text === body ? null : text}, ${body}) AS text) AS letter) AS letter
          WHERE TRUE`)
        .onConflictDoNothing()
    },

    async list({ limit, before }) {
      const { at, id, queue, reason, body } = deadLetters
      const marker = db
        .select({ at, id })
        .from(deadLetters)
        .where(eq(id, before ?? ''))
      return await db
        .select({ id, queue, reason, body, at })
        .from(deadLetters)
        .where(before === null ? undefined : sql`(${at}, ${id}) < ${marker}`)
        .orderBy(desc(at), desc(id))
        .limit(limit)
    },

    async erase(isErased) {
      for (let after = ''; ; ) {
        const rows = await db
          .select({ id: deadLetters.id, body: deadLetters.body, sentAt: SENT_AT })
          .from(deadLetters)
          .where(gt(deadLetters.id, after))
          .orderBy(asc(deadLetters.id))
          .limit(ERASED_TOGETHER)
        const erased = rows.filter(isErased).map(({ id }) => id)
        if (erased.length > 0) {
          await db
            .update(deadLetters)
            .set({ body: '', reason: DEAD_LETTER.erasedReason })
            .where(inArray(deadLetters.id, erased))
        }
        const last = rows.at(-1)
        if (last === undefined || rows.length < ERASED_TOGETHER) return
        after = last.id
      }
    },

    async prune(before) {
      const { meta } = await db.delete(deadLetters).where(lt(deadLetters.at, before)).run()
      return meta.changes
    },
  }
}
