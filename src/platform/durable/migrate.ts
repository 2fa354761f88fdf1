// The tables of a Durable Object change with versions of Hookline; what an earlier one stored is brought up to date when the
// object starts. A step is never changed once it was released: what comes later is a step of its own.
//
// Beside the steps stands what the tables are today. A column that is missing all the same is added, so that an object opens
// whatever became of its storage: without it each statement that names the column would throw, and with that every report.

import { z } from 'zod'
import { rowOf, rowsOf } from './rows.ts'

const SCHEMA = 'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)'

/** Unix milliseconds, in a step. */
export const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

/** A table and its columns, without those of its primary key, which no table can be without and none can be given. */
export interface Table {
  readonly name: string
  readonly columns: Readonly<Record<string, Column>>
  /** `CREATE INDEX IF NOT EXISTS …` of those that a missing column may have taken along. */
  readonly indexes?: string
  /** The step that drops it. */
  readonly until?: number
  /** `CREATE TABLE …` of one that no step makes: the object gets it with its first row (occasional.ts). */
  readonly occasional?: string
}

interface Column {
  /** Its type, and the default that rows get which have lost it: as `ALTER TABLE … ADD COLUMN` takes them. */
  readonly sql: string
  /** The step that adds it; where it is left out, the one that makes the table. */
  readonly since?: number
  /** Statements for rows that a constant does not do for, once the column is there again. */
  readonly restored?: string
  /** No step adds it: the table gets it with its first value (occasional.ts). */
  readonly occasional?: true
}

export interface ObjectSchema {
  /** What its storage became with each version of Hookline. */
  readonly steps: readonly string[]
  readonly tables: readonly Table[]
}

/**
 * Runs the steps that this storage has not had, in order, and adds what is missing, all or nothing. The first step is what
 * 0.1.0 made without counting: it must do nothing where that is there already.
 */
export function migrate(storage: MigratedStorage, { steps, tables }: ObjectSchema): void {
  const { sql } = storage
  sql.exec(SCHEMA)
  const version = rowOf(sql, Version, 'SELECT max(version) AS version FROM schema_version')
  const had = version?.version ?? 0
  if (had >= steps.length && isWhole(sql, tables)) return
  storage.transactionSync(() => {
    // A step reads columns, too.
    restore(sql, tables, Math.max(had, 1))
    for (const step of steps.slice(had)) sql.exec(step)
    restore(sql, tables, steps.length)
    if (had >= steps.length) return
    sql.exec('DELETE FROM schema_version')
    sql.exec('INSERT INTO schema_version (version) VALUES (?)', steps.length)
  })
}

/** What of an object's storage that takes. */
export interface MigratedStorage {
  readonly sql: SqlStorage
  transactionSync<T>(work: () => T): T
}

const Version = z.object({ version: z.number().nullable() })
const ColumnInfo = z.object({ name: z.string() })

/** Whether every column is there. Reads no row of a table: SQLite compares the names when it prepares the statement. */
function isWhole(sql: SqlStorage, tables: readonly Table[]): boolean {
  const named = tables
    .filter((table) => table.until === undefined && isExpected(sql, table))
    .map(({ name, columns }) => {
      // Qualified, because SQLite takes an unknown name alone for a text.
      const expected = Object.entries(columns).filter(([, { occasional }]) => !occasional)
      const all = expected.map(([column]) => `${name}.${column}`)
      return `EXISTS (SELECT ${all.join(', ')} FROM ${name} LIMIT 0)`
    })
  try {
    sql.exec(`SELECT ${named.join(', ')}`).toArray()
    return true
  } catch {
    return false
  }
}

function isExpected(sql: SqlStorage, { name, occasional }: Table): boolean {
  return occasional === undefined || hasTable(sql, name)
}

/** Whether an object has a table. */
export function hasTable(sql: SqlStorage, name: string): boolean {
  const query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
  return sql.exec(query, name).toArray().length > 0
}

/** Whether a table has a column. */
export function hasColumn(sql: SqlStorage, table: string, column: string): boolean {
  return [...rowsOf(sql, ColumnInfo, `PRAGMA table_info(${table})`)].some(
    ({ name }) => name === column,
  )
}

/** Adds the columns that tables lack and have had at a version. */
function restore(sql: SqlStorage, tables: readonly Table[], version: number): void {
  for (const { name: table, columns, indexes } of tables) {
    const info = [...rowsOf(sql, ColumnInfo, `PRAGMA table_info(${table})`)]
    const present = new Set(info.map(({ name }) => name))
    if (present.size === 0) continue
    const missing = Object.entries(columns).filter(
      ([name, { since = 1, occasional }]) => since <= version && !occasional && !present.has(name),
    )
    for (const [name, column] of missing) {
      sql.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${column.sql}`)
    }
    for (const [, { restored }] of missing) if (restored !== undefined) sql.exec(restored)
    if (missing.length > 0 && indexes !== undefined) sql.exec(indexes)
  }
}
