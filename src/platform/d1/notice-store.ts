// Notices by e-mail in D1, one row for each kind of what happened to a webhook.

import { and, eq, gt, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type {
  ConfirmationMail,
  MailLimit,
  NoticeStore,
  WaitingNotice,
} from '../../engine/ports/index.ts'
import { newId } from '../../primitives/ids.ts'
import type { Database } from './database.ts'
import { confirmationMails, noticeAddresses, notices } from './notice-tables.ts'

const Kind = z.enum([
  'webhook.failing',
  'webhook.suspended',
  'webhook.resumed',
  'webhook.exhausted',
])

export function createNoticeStore(db: Database): NoticeStore {
  const usable = (tenantId: string, codeHash: string, now: number) =>
    and(
      eq(noticeAddresses.tenantId, tenantId),
      eq(noticeAddresses.codeHash, codeHash),
      gt(noticeAddresses.expiresAt, now),
    )
  return {
    async addressesOf(tenantIds) {
      if (tenantIds.length === 0) return new Map()
      const asked = sql`(SELECT value FROM json_each(${JSON.stringify(tenantIds)}))`
      const rows = await db
        .select()
        .from(noticeAddresses)
        .where(inArray(noticeAddresses.tenantId, asked))
      return new Map(
        rows.flatMap(({ tenantId, address, confirmedAt }) =>
          tenantId === null ? [] : [[tenantId, { address, isConfirmed: confirmedAt !== null }]],
        ),
      )
    },
    async setAddress(tenantId, asked) {
      const forget = db.delete(notices).where(eq(notices.tenantId, tenantId))
      if (asked === null) {
        const remove = db.delete(noticeAddresses).where(eq(noticeAddresses.tenantId, tenantId))
        await db.batch([forget, remove])
        return
      }
      const set = { ...asked, confirmedAt: null }
      const target = noticeAddresses.tenantId
      const write = db.insert(noticeAddresses).values({ tenantId, ...set })
      await db.batch([forget, write.onConflictDoUpdate({ target, set })])
    },
    async look(tenantId, codeHash, now) {
      const row = await db
        .select({ address: noticeAddresses.address })
        .from(noticeAddresses)
        .where(usable(tenantId, codeHash, now))
        .get()
      return row?.address ?? null
    },
    async confirm(tenantId, codeHash, now) {
      const { meta } = await db
        .update(noticeAddresses)
        .set({ confirmedAt: now, codeHash: null })
        .where(usable(tenantId, codeHash, now))
        .run()
      return meta.changes > 0
    },
    async admitConfirmation(mail, limits) {
      const full = sql`SELECT max(until) AS until FROM (${sql.join(
        limits.map((limit) => fullUntil(mail, limit)),
        sql` UNION ALL `,
      )})`
      const { tenantId, addressHash, at } = mail
      const admitted = await db.all(sql`INSERT INTO ${confirmationMails}
        (at, id, tenant_id, address_hash)
        SELECT ${at}, ${newId(at)}, ${tenantId}, ${addressHash} WHERE (${full}) IS NULL
        RETURNING at`)
      if (admitted.length > 0) return null
      const row = await db.get<{ until: number | null }>(full)
      // There may be room again by now.
      return row?.until ?? at
    },
    async add(id, { tenantId, webhookId, kind, at, cause, failingSince, suspendsAt }) {
      const latest = sql`${at}, ${id}, ${cause}, ${failingSince}, ${suspendsAt}`
      await db.run(sql`INSERT INTO ${notices}
          (tenant_id, webhook_id, kind, count, first_at, at, last_id, cause, failing_since, suspends_at)
        SELECT ${tenantId}, ${webhookId}, ${kind}, 1, ${at}, ${latest} FROM ${noticeAddresses}
        WHERE tenant_id = ${tenantId} AND confirmed_at IS NOT NULL
        ON CONFLICT (tenant_id, webhook_id, kind) DO UPDATE SET
          first_at = CASE WHEN count = 0 THEN excluded.first_at ELSE first_at END,
          count = count + 1, at = excluded.at, last_id = excluded.last_id, cause = excluded.cause,
          failing_since = excluded.failing_since, suspends_at = excluded.suspends_at
        WHERE last_id <> excluded.last_id`)
    },
    async claim({ tenantId, webhookId }, now, triedBefore) {
      const isOwn = and(eq(notices.tenantId, tenantId), eq(notices.webhookId, webhookId))
      // Of no row that is updated, so that it is asked once.
      const lastTry = sql`(SELECT coalesce(max(tried_at), 0) FROM notices
        WHERE tenant_id = ${tenantId} AND webhook_id = ${webhookId})`
      const rows = await db
        .update(notices)
        .set({ triedAt: now })
        .where(and(isOwn, gt(notices.count, 0), lte(lastTry, triedBefore)))
        .returning()
      return rows.map(toWaiting)
    },
    async markSent(sent) {
      const [first, ...others] = sent.map(({ tenantId, webhookId, kind, count }) =>
        db
          .update(notices)
          .set({ count: sql`max(0, ${notices.count} - ${count})` })
          .where(
            and(
              eq(notices.tenantId, tenantId),
              eq(notices.webhookId, webhookId),
              eq(notices.kind, kind),
            ),
          ),
      )
      if (first !== undefined) await db.batch([first, ...others])
    },
    async listDue(triedBefore, limit) {
      return await db
        .select({ tenantId: notices.tenantId, webhookId: notices.webhookId })
        .from(notices)
        .groupBy(notices.tenantId, notices.webhookId)
        .having(
          sql`sum(${notices.count}) > 0 AND coalesce(max(${notices.triedAt}), 0) <= ${triedBefore}`,
        )
        .limit(limit)
    },
    async prune(before) {
      const [lost] = await db.batch([
        db
          .delete(notices)
          .where(and(gt(notices.count, 0), lte(notices.firstAt, before)))
          .returning({ count: notices.count }),
        db
          .delete(notices)
          .where(
            and(eq(notices.count, 0), isNotNull(notices.triedAt), lte(notices.triedAt, before)),
          ),
        db.delete(confirmationMails).where(lte(confirmationMails.at, before)),
      ])
      return lost.reduce((sum, { count }) => sum + count, 0)
    },
  }
}

/** Until when a limit leaves no room for a mail: a row, or none where there is some. */
function fullUntil(mail: ConfirmationMail, { of, most, seconds }: MailLimit): SQL {
  const alike = {
    tenant: sql`tenant_id = ${mail.tenantId}`,
    address: sql`address_hash = ${mail.addressHash}`,
    deployment: sql`TRUE`,
  }[of]
  const ms = seconds * 1_000
  return sql`SELECT until FROM (SELECT at + ${ms} AS until FROM ${confirmationMails}
    WHERE at > ${mail.at - ms} AND ${alike} ORDER BY at DESC LIMIT 1 OFFSET ${most - 1})`
}

function toWaiting({
  kind,
  lastId: _,
  triedAt: __,
  ...notice
}: typeof notices.$inferSelect): WaitingNotice {
  return { ...notice, kind: Kind.parse(kind) }
}
