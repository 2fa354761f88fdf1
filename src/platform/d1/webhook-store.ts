// Webhooks in D1, with the subscriptions the consumers find them by. Secrets pass the vault on their way in and out.

import { and, asc, count, eq, getTableColumns, gt, isNotNull, lt, sql } from 'drizzle-orm'
import type { Webhook, WebhookWithTenant } from '../../engine/model/index.ts'
import type {
  WebhookFilter,
  WebhookPage,
  WebhookRef,
  WebhookStore,
} from '../../engine/ports/index.ts'
import type { Vault } from '../vault.ts'
import { type Database, violates } from './database.ts'
import { isIn, LOST, readEpoch, refuseFenced, untilWon } from './optimistic.ts'
import { webhooks } from './schema.ts'
import {
  prepareSubscriberQueries,
  type SubscriberQueries,
  toParameterGroups,
} from './subscriber-query.ts'
import { toCandidates } from './subscription-candidates.ts'
import { diffSubscriptions, toSubscriptions } from './subscription-rows.ts'
import { addSubscriptions, removeOrphans, removeSubscriptions } from './subscription-statements.ts'
import { toCondition } from './webhook-filter.ts'
import {
  toChangeable,
  toOpenColumns,
  toReadable,
  toRow,
  toWritableColumns,
  type WebhookRow,
  withoutNothing,
  withoutSecrets,
} from './webhook-row.ts'

/** What of its tenant a delivery needs. */
type OfTenant = Pick<WebhookWithTenant, 'tenantName' | 'tenantRetentionDays' | 'tenantErasedAt'>

export function createWebhookStore(db: Database, vault: Vault): WebhookStore {
  let prepared: SubscriberQueries | undefined
  const subscribers = (): SubscriberQueries => {
    prepared ??= prepareSubscriberQueries(db)
    return prepared
  }

  async function findRow(ref: WebhookRef): Promise<WebhookRow | undefined> {
    return await db.select().from(webhooks).where(isAt(ref)).get()
  }

  /** Writes `next` over the row that `current` was read from, and moves its subscriptions. */
  async function replace(
    row: WebhookRow,
    current: Webhook,
    next: Webhook,
    epoch: number | undefined,
  ): Promise<Webhook | 'conflict' | typeof LOST> {
    const { removed, added } = diffSubscriptions(toSubscriptions(current), toSubscriptions(next))
    const isClosed = current.unreadable === true
    // Rejects with the reason: whatever they are, they are not written over.
    if (isClosed && next.secrets !== current.secrets) await vault.open(row.sealed, row.id)
    const columns = isClosed ? toOpenColumns(next) : await toWritableColumns(next, vault)
    const written = { tenantId: row.tenantId, id: row.id, version: columns.version }
    try {
      const [present, [state]] = await db.batch([
        readEpoch(db, row.tenantId),
        db
          .update(webhooks)
          .set(columns)
          .where(and(isAt(row, row.version), isIn(row.tenantId, epoch)))
          .returning({ suspendedAt: webhooks.suspendedAt, lane: webhooks.lane }),
        ...removeSubscriptions(db, written, removed),
        ...addSubscriptions(db, written, added),
      ])
      refuseFenced(present, epoch)
      if (state === undefined) return LOST
      return { ...(isClosed ? withoutSecrets(next) : next), ...state }
    } catch (error) {
      if (violates(error, 'UNIQUE')) return 'conflict'
      throw error
    }
  }

  async function remove(
    row: WebhookRow,
    current: Webhook,
    epoch: number | undefined,
  ): Promise<Webhook | typeof LOST> {
    const [present, deleted] = await db.batch([
      readEpoch(db, row.tenantId),
      db
        .delete(webhooks)
        .where(and(isAt(row, row.version), isIn(row.tenantId, epoch)))
        .returning({ id: webhooks.id }),
      // A webhook's id comes once: where it is gone, its subscriptions are nobody's.
      ...removeOrphans(db, row, toSubscriptions(current)),
    ])
    refuseFenced(present, epoch)
    return deleted.length === 0 ? LOST : current
  }

  async function toSubscribers(
    rows: readonly (WebhookRow & OfTenant)[],
  ): Promise<readonly WebhookWithTenant[]> {
    return await Promise.all(
      rows.map(async ({ tenantName, tenantRetentionDays, tenantErasedAt, ...row }) => ({
        ...(await toReadable(row, vault)),
        ...{ tenantName, tenantRetentionDays, tenantErasedAt },
      })),
    )
  }

  return {
    async insert(webhook, most = Number.MAX_SAFE_INTEGER, epoch) {
      const row = await toRow(webhook, vault)
      try {
        const [present, { meta }] = await db.batch([
          readEpoch(db, row.tenantId),
          insertWithin(db, row, most, epoch),
          ...addSubscriptions(db, row, toSubscriptions(webhook)),
        ])
        if (present.length === 0) return 'no_tenant'
        refuseFenced(present, epoch)
        return meta.changes > 0 ? 'inserted' : 'full'
      } catch (error) {
        if (violates(error, 'UNIQUE')) return 'conflict'
        if (violates(error, 'FOREIGN KEY')) return 'no_tenant'
        throw error
      }
    },

    async find(ref) {
      const row = await findRow(ref)
      return row === undefined ? null : await toReadable(row, vault)
    },

    async findChangeable(ref) {
      const row = await findRow(ref)
      return row === undefined ? null : await toChangeable(row, vault)
    },

    async list(filter, { limit, offset = 0, ...page }) {
      const rows = await db
        .select()
        .from(webhooks)
        .where(isOnPage(filter, page))
        .orderBy(asc(webhooks.id))
        .limit(limit)
        .offset(offset)
      return await Promise.all(rows.map((row) => toReadable(row, vault)))
    },

    async listOutlines(filter, { limit, offset = 0, ...page }) {
      const rows = await db
        .select(OUTLINE)
        .from(webhooks)
        .where(isOnPage(filter, page))
        .orderBy(asc(webhooks.id))
        .limit(limit)
        .offset(offset)
      return rows.map(withoutNothing)
    },

    async listIds(filter) {
      const rows = await db
        .select({ id: webhooks.id })
        .from(webhooks)
        .where(toCondition(filter))
        .orderBy(asc(webhooks.id))
      return rows.map(({ id }) => id)
    },

    async count(filter) {
      const row = await db
        .select({ count: count() })
        .from(webhooks)
        .where(toCondition(filter))
        .get()
      return row?.count ?? 0
    },

    update: (ref, change, epoch) =>
      untilWon(async () => {
        const row = await findRow(ref)
        if (row === undefined) return null
        const current = await toChangeable(row, vault)
        const { id, tenantId, createdAt } = current
        return await replace(row, current, { ...change(current), id, tenantId, createdAt }, epoch)
      }),

    delete: (ref, epoch) =>
      untilWon(async () => {
        const row = await findRow(ref)
        return row === undefined ? null : await remove(row, await toReadable(row, vault), epoch)
      }),

    async findSubscribers(topics) {
      const rows = await Promise.all(
        toParameterGroups(toCandidates(topics)).map(subscribers().byCandidates),
      )
      const byId = new Map(rows.flat().map((row) => [row.id, row]))
      return await toSubscribers([...byId.values()])
    },

    async findByRef(refs) {
      return refs.length === 0 ? [] : await toSubscribers(await subscribers().byRef(refs))
    },

    async setState(ref, { version, suspendedAt, lane }) {
      await db
        .update(webhooks)
        .set({ suspendedAt, lane, stateVersion: version })
        .where(and(isAt(ref), lt(webhooks.stateVersion, version)))
    },

    async notePull(ref, at) {
      await db.update(webhooks).set({ pulledAt: at }).where(isAt(ref))
    },

    async listIdle(before, { limit, after }) {
      const { tenantId, id, deleteAfterIdleSeconds, pulledAt, updatedAt } = webhooks
      const usedAt = sql`max(coalesce(${pulledAt}, 0), ${updatedAt})`
      const behind = after && sql`(${tenantId}, ${id}) > (${after.tenantId}, ${after.id})`
      return await db
        .select({ tenantId, id })
        .from(webhooks)
        .where(
          and(
            isNotNull(deleteAfterIdleSeconds),
            sql`${usedAt} + ${deleteAfterIdleSeconds} * 1000 < ${before}`,
            behind ?? undefined,
          ),
        )
        .orderBy(asc(tenantId), asc(id))
        .limit(limit)
    },
  }
}

/** The columns that anybody may read who may see the webhook, and nobody has to open. */
const { sealed: _, version: __, stateVersion: ___, ...OUTLINE } = getTableColumns(webhooks)

function isOnPage(filter: WebhookFilter, { after }: Pick<WebhookPage, 'after'>) {
  return and(toCondition(filter), after === undefined ? undefined : gt(webhooks.id, after))
}

/** Counted by the statement that writes, so that of many at once none is one too many. */
function insertWithin(db: Database, row: WebhookRow, most: number, epoch: number | undefined) {
  const values = new Map<string, unknown>(Object.entries(row))
  const columns = Object.entries(getTableColumns(webhooks)).map(([name, column]) =>
    sql.param(values.get(name), column),
  )
  const count = sql`SELECT count(*) FROM ${webhooks} WHERE tenant_id = ${row.tenantId}`
  return db.insert(webhooks).select(
    sql`SELECT ${sql.join(columns, sql`, `)}
        WHERE (${count}) < ${most} AND ${isIn(row.tenantId, epoch) ?? sql`true`}`,
  )
}

function isAt({ tenantId, id }: WebhookRef, version?: string) {
  return and(
    eq(webhooks.tenantId, tenantId),
    eq(webhooks.id, id),
    version === undefined ? undefined : eq(webhooks.version, version),
  )
}
