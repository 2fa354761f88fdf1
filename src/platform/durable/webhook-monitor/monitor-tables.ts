// Where a webhook monitor's reports, deliveries and diverted events stand: in tables by period (period-tables.ts), and in the one table
// that all of a kind had until 0.2.0. That keeps what it has, takes what outlives its period, and is emptied row by row. Which of them
// a row stands in its key tells: up to the last one in the former table in that, and later ones by their time.

import { z } from 'zod'
import type { Table } from '../migrate.ts'
import { PeriodTables, unionAll } from '../period-tables.ts'
import { rowOf } from '../rows.ts'

/** A kind of rows, and by what they are kept. */
interface Kept<Key extends string | number> {
  /** The former table, whose name those by period begin with, and its columns. */
  readonly table: Table
  /** Statements that make one like it, of the columns that are not of its key. */
  readonly make: (table: string, columns: string) => string
  /** The column by which rows ascend, the first of the primary key, and what it holds. */
  readonly key: string
  readonly schema: z.ZodType<Key>
  /** Unix milliseconds by which the period of a key is told, and the first key at a time. */
  readonly timeOf: (key: Key) => number
  readonly keyAt: (ms: number) => Key
}

/** Rows of one table that outlive it at most: were there more, it would stay. */
const MOST_CARRIED = 1_000

export class MonitorTables<Key extends string | number> {
  private readonly sql: SqlStorage
  private readonly kept: Kept<Key>
  private readonly periods: PeriodTables
  /** The last key in the former table; null: it is empty. */
  private formerUpTo: Key | null

  constructor(sql: SqlStorage, kept: Kept<Key>) {
    this.sql = sql
    this.kept = kept
    this.periods = new PeriodTables(sql, kept.table.name, (table) =>
      kept.make(table, columnsOf(kept.table)),
    )
    this.complete()
    this.moveLater()
    this.formerUpTo = this.newestIn(this.former)
  }

  private get former(): string {
    return this.kept.table.name
  }

  /** Those that may have rows: by period the oldest first, behind the former one; then those for the day on which they go. */
  get all(): readonly string[] {
    return this.withFormer(this.periods.names)
  }

  /** A statement for rows of all of them. */
  union(select: (table: string) => string): string {
    const { all } = this
    return unionAll((all.length === 0 ? [this.former] : all).map(select))
  }

  /** Those of `all` that may have rows of keys from one time to another, but for those that go on a day of their own. */
  within(from: number, to: number): readonly string[] {
    return this.withFormer(this.periods.within(from, to))
  }

  /** Those in one of which a row of this key is, if there is any. */
  having(key: Key): readonly string[] {
    if (this.isFormer(key)) return [this.former, ...this.periods.own]
    const ms = this.kept.timeOf(key)
    return [...this.periods.within(ms, ms), ...this.periods.own]
  }

  /** The one for a row of this key, which is there from now on; `days`: for how long it says itself that it is kept. */
  for(key: Key, days?: number): string {
    if (this.isFormer(key)) return this.former
    const ms = this.kept.timeOf(key)
    return days === undefined ? this.periods.at(ms) : this.periods.until(ms, days)
  }

  /** The last key of all, where none go on a day of their own; null: there are no rows. */
  newest(): Key | null {
    for (const table of this.all.toReversed()) {
      const newest = this.newestIn(table)
      if (newest !== null) return newest
    }
    return null
  }

  /**
   * Drops the tables of what came before a time, and those whose day has begun. What is still to be kept of a dropped one, by a condition
   * in SQL, is carried over to the former table.
   */
  prune(before: number, now: number, carried = 'FALSE'): void {
    for (const { name } of this.periods.over(before)) {
      const query = `SELECT * FROM ${name} WHERE ${carried} LIMIT ${MOST_CARRIED + 1}`
      const rows = this.sql.exec(query).toArray()
      // The former table must not get keys behind any that stand in an older table.
      const names = this.shared(name)
      if (rows.length > MOST_CARRIED || !this.periods.drop(name)) break
      for (const row of rows) this.insert(names, row)
    }
    for (const { name } of this.periods.ended(now)) this.periods.drop(name)
    this.formerUpTo = this.newestIn(this.former)
  }

  /** Removes rows of those for the day on which they go, by a condition in SQL; what has none left goes at once. */
  deleteOwn(condition: string): void {
    for (const table of this.periods.own) {
      this.sql.exec(`DELETE FROM ${table} WHERE ${condition}`)
      const isEmpty = this.sql.exec(`SELECT 1 FROM ${table} LIMIT 1`).toArray().length === 0
      if (isEmpty) this.periods.drop(table)
    }
  }

  /** Whether there are more rows than so many. */
  hasMoreThan(count: number): boolean {
    let found = 0
    for (const table of this.all) {
      found += this.sql.exec(`SELECT 1 FROM ${table} LIMIT ${count + 1}`).toArray().length
      if (found > count) return true
    }
    return false
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.periods.reload()
    this.formerUpTo = this.newestIn(this.former)
  }

  /** Adds the columns that tables lack, because a later version added them or for whatever reason, as `migrate` does to the former one. */
  private complete(): void {
    const columns = Object.entries(this.kept.table.columns)
    for (const { name, sql: made } of this.periods.all) {
      for (const [column, { sql }] of columns) {
        if (made.includes(` ${column} `)) continue
        this.sql.exec(`ALTER TABLE ${name} ADD COLUMN ${column} ${sql}`)
      }
    }
  }

  /**
   * Has what a former version wrote after this one, when it was gone back to, stand where it belongs: no key in the former table is behind
   * the begin of a period that has a table. Of a row that stands in both the former version's is the later one.
   */
  private moveLater(): void {
    const oldest = this.periods.all.find(({ isOwn }) => !isOwn)
    if (oldest === undefined) return
    const { key, keyAt, timeOf } = this.kept
    for (;;) {
      const newest = this.newestIn(this.former)
      if (newest === null || timeOf(newest) < oldest.beginsAt) return
      const table = this.periods.at(timeOf(newest))
      const begin = this.periods.all.find(({ name }) => name === table)?.beginsAt ?? 0
      const names = this.shared(table).join(', ')
      const later = `FROM ${this.former} WHERE ${key} >= ?`
      this.sql.exec(
        `INSERT OR REPLACE INTO ${table} (${names}) SELECT ${names} ${later}`,
        keyAt(begin),
      )
      this.sql.exec(`DELETE ${later}`, keyAt(begin))
    }
  }

  /** The columns that a table and the former one have. */
  private shared(table: string): readonly string[] {
    const namesOf = (one: string) => this.sql.exec(`SELECT * FROM ${one} LIMIT 0`).columnNames
    const theirs = new Set(namesOf(table))
    return namesOf(this.former).filter((name) => theirs.has(name))
  }

  private insert(names: readonly string[], row: Readonly<Record<string, SqlStorageValue>>): void {
    const places = names.map(() => '?').join(', ')
    const query = `INSERT OR REPLACE INTO ${this.former} (${names.join(', ')}) VALUES (${places})`
    this.sql.exec(query, ...names.map((name) => row[name] ?? null))
  }

  private isFormer(key: Key): boolean {
    return this.formerUpTo !== null && key <= this.formerUpTo
  }

  private withFormer(names: readonly string[]): readonly string[] {
    return this.formerUpTo === null ? names : [this.former, ...names]
  }

  private newestIn(table: string): Key | null {
    const { key, schema } = this.kept
    const query = `SELECT max(${key}) AS newest FROM ${table}`
    return rowOf(this.sql, z.object({ newest: schema.nullable() }), query)?.newest ?? null
  }
}

function columnsOf({ columns }: Table): string {
  return Object.entries(columns)
    .map(([name, { sql }]) => `${name} ${sql}`)
    .join(', ')
}
