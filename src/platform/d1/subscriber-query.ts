// The two look-ups of the consumers: one statement with one parameter each, however many events it is about.

import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { WebhookRef } from '../../engine/ports/index.ts'
import { pack } from '../../primitives/pack.ts'
import { D1 } from '../tuning.ts'
import type { Database } from './database.ts'
import { subscriptions, tenants, webhooks } from './schema.ts'
import type { Candidate } from './subscription-candidates.ts'

export type SubscriberQueries = ReturnType<typeof prepareSubscriberQueries>

/** The look-ups, written as SQL once: every batch makes one of them. */
export function prepareSubscriberQueries(db: Database) {
  const keys = sql`json_each(${sql.placeholder('keys')})`
  // CROSS JOIN keeps SQLite from turning the join around and reading every subscription.
  const byCandidates = selectSubscribers(
    db,
    sql`SELECT s.tenant_id, s.webhook_id FROM ${keys} AS c CROSS JOIN ${subscriptions} AS s
      WHERE s.tenant_id = c.value ->> 0 AND s.event_type = c.value ->> 1
        AND s.scope_entry = c.value ->> 2`,
  )
  const byRef = selectSubscribers(db, sql`SELECT value ->> 0, value ->> 1 FROM ${keys}`)
  return {
    /** Webhooks that have a subscription under one of the candidates, each once. */
    byCandidates: (candidates: readonly Candidate[]) =>
      byCandidates.all({ keys: JSON.stringify(candidates) }),

    /** The webhooks meant, disabled ones included, each once. */
    byRef: (refs: readonly WebhookRef[]) =>
      byRef.all({ keys: JSON.stringify(refs.map(({ tenantId, id }) => [tenantId, id])) }),
  }
}

function selectSubscribers(db: Database, keys: SQL) {
  return db
    .select({
      ...getTableColumns(webhooks),
      tenantName: tenants.name,
      tenantRetentionDays: tenants.retentionDays,
      tenantErasedAt: tenants.erasedAt,
    })
    .from(webhooks)
    .innerJoin(tenants, eq(tenants.id, webhooks.tenantId))
    .where(sql`(${webhooks.tenantId}, ${webhooks.id}) IN (${keys})`)
    .prepare()
}

/** Groups whose JSON fits one parameter: one group, unless somebody publishes very many different types at once. */
export function toParameterGroups<T>(
  values: readonly T[],
  maxChars: number = D1.parameterChars,
): readonly (readonly T[])[] {
  const room = { size: maxChars, sizeOf: (value: T) => JSON.stringify(value).length + 1 }
  return [...pack(values, room)].map(({ items }) => items)
}
