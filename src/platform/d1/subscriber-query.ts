// The two look-ups of the pipeline: one statement with one parameter each, however many events it is about.

import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { D1 } from '../../config.ts'
import type { WebhookRef } from '../../engine/ports.ts'
import type { Database } from './database.ts'
import { subscriptions, tenants, webhooks } from './schema.ts'
import type { Candidate } from './subscription-candidates.ts'

/** Webhooks that have a subscription under one of the candidates, each once. */
export function selectByCandidates(db: Database, candidates: readonly Candidate[]) {
  // CROSS JOIN keeps SQLite from turning the join around and reading every subscription.
  return selectSubscribers(
    db,
    sql`SELECT s.tenant_id, s.webhook_id
      FROM json_each(${JSON.stringify(candidates)}) AS c CROSS JOIN ${subscriptions} AS s
      WHERE s.tenant_id = c.value ->> 0 AND s.event_type = c.value ->> 1
        AND s.scope_entry = c.value ->> 2`,
  )
}

/** The webhooks meant, disabled ones included, each once. */
export function selectByRef(db: Database, refs: readonly WebhookRef[]) {
  const pairs = JSON.stringify(refs.map(({ tenantId, id }) => [tenantId, id]))
  return selectSubscribers(db, sql`SELECT value ->> 0, value ->> 1 FROM json_each(${pairs})`)
}

function selectSubscribers(db: Database, keys: SQL) {
  return db
    .select({ ...getTableColumns(webhooks), tenantName: tenants.name })
    .from(webhooks)
    .innerJoin(tenants, eq(tenants.id, webhooks.tenantId))
    .where(sql`(${webhooks.tenantId}, ${webhooks.id}) IN (${keys})`)
}

/** Groups whose JSON fits one parameter: one group, unless somebody publishes very many different types at once. */
export function toParameterGroups<T>(
  values: readonly T[],
  maxChars: number = D1.parameterChars,
): readonly (readonly T[])[] {
  const groups: T[][] = []
  let chars = Number.POSITIVE_INFINITY
  for (const value of values) {
    const size = JSON.stringify(value).length + 1
    if (chars + size > maxChars) {
      groups.push([])
      chars = 0
    }
    groups.at(-1)?.push(value)
    chars += size
  }
  return groups
}
