// Deduplication keys that stand in D1 since before the event logs had them (0.1.0): read for as long as one of them counts.

import { and, eq, gt, sql } from 'drizzle-orm'
import type { KeyEntry } from '../../engine/intake/acceptance.ts'
import { openDatabase } from './database.ts'
import { deduplicationKeys } from './schema.ts'

/** By the name of the key. One that was never confirmed stands for nothing: its publish is completed by its repetition. */
export async function findFormerKeys(
  d1: D1Database,
  tenantId: string,
  names: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, KeyEntry>> {
  const { key, contentHash, answer, expiresAt } = deduplicationKeys
  const rows = await openDatabase(d1)
    .select({ key, contentHash, answer })
    .from(sql`json_each(${JSON.stringify(names)}) AS names`)
    // CROSS JOIN keeps SQLite from reading every key of the tenant to look it up among the names.
    .crossJoin(deduplicationKeys)
    .where(
      and(
        eq(deduplicationKeys.tenantId, tenantId),
        eq(key, sql`names.value`),
        eq(deduplicationKeys.confirmed, true),
        gt(expiresAt, now),
      ),
    )
  return new Map(rows.map((row) => [row.key, row]))
}
