// Statements that keep subscription rows in step with their webhook. They run in one batch with the write of the
// webhook and do nothing unless the webhook stands at the version they name: a lost update writes nothing.

import { type SQL, sql } from 'drizzle-orm'
import type { WebhookRef } from '../../engine/ports/index.ts'
import type { Database } from './database.ts'
import { subscriptions, webhooks } from './schema.ts'
import type { SubscriptionRow } from './subscription-rows.ts'

interface Expected extends WebhookRef {
  readonly version: string
}

/** No statement when there is nothing to add. */
export function addSubscriptions(
  db: Database,
  webhook: Expected,
  rows: readonly SubscriptionRow[],
) {
  if (rows.length === 0) return []
  return [
    db.insert(subscriptions).select(
      // In the order of the table's columns.
      sql`SELECT ${webhook.tenantId}, value ->> 0, value ->> 1, ${webhook.id}
        FROM json_each(${toJson(rows)}) WHERE ${standsAt(webhook)}`,
    ),
  ]
}

/** No statement when there is nothing to remove. */
export function removeSubscriptions(
  db: Database,
  webhook: Expected,
  rows: readonly SubscriptionRow[],
) {
  return removeWhere(db, webhook, rows, standsAt(webhook))
}

/** The same once the webhook itself is gone, and nothing while it is there. */
export function removeOrphans(db: Database, webhook: WebhookRef, rows: readonly SubscriptionRow[]) {
  const isThere = sql`SELECT 1 FROM ${webhooks} WHERE ${webhooks.tenantId} = ${webhook.tenantId}
    AND ${webhooks.id} = ${webhook.id}`
  return removeWhere(db, webhook, rows, sql`NOT EXISTS (${isThere})`)
}

function removeWhere(
  db: Database,
  webhook: WebhookRef,
  rows: readonly SubscriptionRow[],
  condition: SQL,
) {
  if (rows.length === 0) return []
  return [
    db.delete(subscriptions).where(
      sql`(tenant_id, event_type, scope_entry, webhook_id) IN (
        SELECT ${webhook.tenantId}, value ->> 0, value ->> 1, ${webhook.id}
        FROM json_each(${toJson(rows)})) AND ${condition}`,
    ),
  ]
}

function toJson(rows: readonly SubscriptionRow[]): string {
  return JSON.stringify(rows.map(({ eventType, scopeEntry }) => [eventType, scopeEntry]))
}

function standsAt({ tenantId, id, version }: Expected) {
  return sql`EXISTS (SELECT 1 FROM ${webhooks} WHERE ${webhooks.tenantId} = ${tenantId}
    AND ${webhooks.id} = ${id} AND ${webhooks.version} = ${version})`
}
