// Removes expired deduplication keys. An index on the expiry would double what every claim writes, so the table is
// walked instead, in its own order and in steps that each hold the database for a moment only.

import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { deduplicationKeys } from './schema.ts'

/** Removes at most `limit` keys that expired by `now` (Unix milliseconds); returns how many. */
export async function pruneDeduplicationKeys(
  db: Database,
  { now, limit, stepRows }: { now: number; limit: number; stepRows: number },
): Promise<number> {
  const { tenantId, key, expiresAt } = deduplicationKeys
  let removed = 0
  let start = { tenantId: '', key: '' }
  for (;;) {
    const after = sql`(${tenantId}, ${key}) > (${start.tenantId}, ${start.key})`
    const end = await db
      .select({ tenantId, key })
      .from(deduplicationKeys)
      .where(after)
      .orderBy(tenantId, key)
      .limit(1)
      .offset(stepRows - 1)
      .get()
    const until = end && sql`AND (${tenantId}, ${key}) <= (${end.tenantId}, ${end.key})`
    const { meta } = await db.run(sql`
      DELETE FROM ${deduplicationKeys} WHERE (tenant_id, key) IN (
        SELECT tenant_id, key FROM ${deduplicationKeys}
        WHERE ${after} ${until} AND ${expiresAt} <= ${now} LIMIT ${limit - removed})`)
    removed += meta.changes
    if (end === undefined || removed >= limit) return removed
    start = end
  }
}
