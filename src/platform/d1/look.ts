// What a look at the database tells, in bounded reads: whether it has what this version asks of it, and under which keys
// the secrets in it are sealed.

import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import { EngineError } from '../../errors.ts'
import { DIAGNOSTICS } from '../../tuning.ts'
import * as schema from './schema.ts'

/**
 * Names every column of every table and reads no row: SQLite compares the names when it prepares the statement. Qualified,
 * because it takes an unknown `"name"` for a text.
 */
const EVERY_COLUMN = `SELECT ${Object.values(schema)
  .filter((one) => is(one, SQLiteTable))
  .map((table) => {
    const name = getTableName(table)
    const columns = Object.values(getTableColumns(table)).map((column) => `${name}.${column.name}`)
    return `EXISTS (SELECT ${columns.join(', ')} FROM ${name} LIMIT 0)`
  })
  .join(', ')}`

/** Rejects unless the database answers and has been migrated to this version. */
export async function lookAtTables(d1: D1Database): Promise<void> {
  try {
    await d1.prepare(EVERY_COLUMN).first()
  } catch (cause) {
    if (!(cause instanceof Error) || !/no such (table|column)/.test(cause.message)) throw cause
    const why =
      'The database has not been migrated to this version of Hookline. Run npm run migrate.'
    throw new EngineError('unavailable', why, { cause })
  }
}

/** How many of the webhooks looked at have sealed secrets that begin like this. */
const SealedUnder = z.object({ prefix: z.string(), webhooks: z.number() })
type SealedUnder = z.infer<typeof SealedUnder>

/**
 * The beginnings of what is sealed, `length` characters of each: of the first and of the last webhooks in the order in
 * which they are re-encrypted, so that a rotation that was left half-way shows.
 */
export async function lookAtSealed(
  d1: D1Database,
  length: number,
): Promise<readonly SealedUnder[]> {
  const end = (order: 'ASC' | 'DESC') =>
    `SELECT * FROM (SELECT tenant_id, id, substr(sealed, 1, ?1) AS prefix FROM webhooks
      ORDER BY tenant_id ${order}, id ${order} LIMIT ?2)`
  const { results } = await d1
    .prepare(
      `SELECT prefix, count(*) AS webhooks FROM (${end('ASC')} UNION ${end('DESC')}) GROUP BY prefix`,
    )
    .bind(length, DIAGNOSTICS.sealedAtEachEnd)
    .all()
  return z.array(SealedUnder).parse(results)
}
