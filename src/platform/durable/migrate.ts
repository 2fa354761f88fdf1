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
}

interface Column {
  /** Its type, and the default that rows get which have lost it: as `ALTER TABLE … ADD COLUMN` takes them. */
  readonly sql: string
  /** The step that adds it; where it is left out, the one that makes the table. */
  readonly since?: number
  /** Statements for rows that a constant does not do for, once the column is there again. */
  readonly restored?: string
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
  if (had === 0 && isNew(sql, tables)) {
    storage.transactionSync(() => {
      for (const statement of present({ steps, tables })) sql.exec(statement)
      sql.exec('INSERT INTO schema_version (version) VALUES (?)', steps.length)
    })
    return
  }
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

const Name = z.object({ name: z.string() })

/** Whether no version of Hookline stored anything here. */
function isNew(sql: SqlStorage, tables: readonly Table[]): boolean {
  const names = JSON.stringify(tables.map(({ name }) => name))
  const query = `SELECT name FROM sqlite_master WHERE type = 'table'
    AND name IN (SELECT value FROM json_each(?)) LIMIT 1`
  return rowOf(sql, Name, query, names) === undefined
}

/**
 * What the steps come to where there is nothing yet, as statements: each table at once with all of its columns. A new object costs a
 * written row for each statement, and most objects are small.
 */
function present({ steps, tables }: ObjectSchema): readonly string[] {
  const created = new Map<string, string>()
  const indexes: (readonly [table: string, statement: string])[] = []
  const added = new Map<string, string[]>()
  for (const statement of steps.flatMap(statementsOf)) {
    const [, made] = /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/.exec(statement) ?? []
    const [, indexed] = /^CREATE (?:UNIQUE )?INDEX .*? ON (\w+)/s.exec(statement) ?? []
    const [, altered = '', column = ''] =
      /^ALTER TABLE (\w+) ADD COLUMN (.+)$/s.exec(statement) ?? []
    const [, dropped] = /^DROP TABLE (\w+)/.exec(statement) ?? []
    if (made !== undefined) created.set(made, statement)
    else if (indexed !== undefined) indexes.push([indexed, statement])
    else if (column !== '') added.set(altered, [...(added.get(altered) ?? []), column])
    else if (dropped !== undefined) created.delete(dropped)
    // What is left moves rows, and there are none.
  }
  for (const { name: table, columns } of tables) {
    for (const [name, { sql }] of Object.entries(columns)) {
      const known = [created.get(table) ?? '', ...(added.get(table) ?? [])]
      const isKnown = known.some((text) => new RegExp(`(?:^|[(,])\\s*${name} `).test(text))
      if (!isKnown) added.set(table, [...(added.get(table) ?? []), `${name} ${sql}`])
    }
  }
  return [
    ...[...created].map(([table, statement]) => {
      const columns = (added.get(table) ?? []).map((column) => `${column}, `)
      return statement.replace('(', `(${columns.join('')}`)
    }),
    ...indexes.flatMap(([table, statement]) => (created.has(table) ? [statement] : [])),
  ]
}

/** None of the schemas has a semicolon or two hyphens in a text. */
function statementsOf(step: string): readonly string[] {
  const parts = step.replaceAll(/--.*$/gm, '').split(';')
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

const Version = z.object({ version: z.number().nullable() })
const ColumnInfo = z.object({ name: z.string() })

/** Whether every column is there. Reads no row: SQLite compares the names when it prepares the statement. */
function isWhole(sql: SqlStorage, tables: readonly Table[]): boolean {
  const named = tables
    .filter(({ until }) => until === undefined)
    .map(({ name, columns }) => {
      // Qualified, because SQLite takes an unknown name alone for a text.
      const all = Object.keys(columns).map((column) => `${name}.${column}`)
      return `EXISTS (SELECT ${all.join(', ')} FROM ${name} LIMIT 0)`
    })
  try {
    sql.exec(`SELECT ${named.join(', ')}`).toArray()
    return true
  } catch {
    return false
  }
}

/** Adds the columns that tables lack and have had at a version. */
function restore(sql: SqlStorage, tables: readonly Table[], version: number): void {
  for (const { name: table, columns, indexes } of tables) {
    const info = [...rowsOf(sql, ColumnInfo, `PRAGMA table_info(${table})`)]
    const present = new Set(info.map(({ name }) => name))
    if (present.size === 0) continue
    const missing = Object.entries(columns).filter(
      ([name, { since = 1 }]) => since <= version && !present.has(name),
    )
    for (const [name, column] of missing) {
      sql.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${column.sql}`)
    }
    for (const [, { restored }] of missing) if (restored !== undefined) sql.exec(restored)
    if (missing.length > 0 && indexes !== undefined) sql.exec(indexes)
  }
}
