// Tables by period: what is kept for a time stands in a table for each period in which it came, so that forgetting costs nothing, because
// a table is dropped whole, and no written row is counted for that. What says itself for how long it is kept stands in a table for the day
// on which that is over.

import { z } from 'zod'
import { pack } from '../../primitives/pack.ts'
import { DAY_MS } from '../../primitives/time.ts'
import { LOG } from '../../tuning.ts'
import { rowsOf } from './rows.ts'

const Schema = z.object({ name: z.string(), sql: z.string() })

interface PeriodTable {
  readonly name: string
  /** The `CREATE TABLE …` that it is of. */
  readonly sql: string
  /** Of a period, since 1970; or of the day (UTC) at whose begin it is dropped. */
  readonly number: number
  /** By its day. */
  readonly isOwn: boolean
  /** Unix milliseconds: what it has came from then on, and before that, or is kept until then. */
  readonly beginsAt: number
  readonly endsAt: number
}

export class PeriodTables {
  private readonly sql: SqlStorage
  private readonly prefix: string
  private readonly make: (table: string) => string
  private readonly periodMs: number
  private tables: readonly PeriodTable[] = []

  /** `make`: the statements by which a table is made. */
  constructor(
    sql: SqlStorage,
    prefix: string,
    make: (table: string) => string,
    periodMs: number = LOG.periodMs,
  ) {
    this.sql = sql
    this.prefix = prefix
    this.make = make
    this.periodMs = periodMs
    this.reload()
  }

  /** By period, the oldest first; then by the day on which they go. */
  get all(): readonly PeriodTable[] {
    return this.tables
  }

  get names(): readonly string[] {
    return this.tables.map(({ name }) => name)
  }

  /** Those for the day on which they go. */
  get own(): readonly string[] {
    return this.tables.filter(({ isOwn }) => isOwn).map(({ name }) => name)
  }

  /** When the next of those goes, Unix milliseconds; null: there is none. */
  get nextEnd(): number | null {
    const ends = this.tables.filter(({ isOwn }) => isOwn).map(({ endsAt }) => endsAt)
    return ends.length === 0 ? null : Math.min(...ends)
  }

  /** Those of the periods from one time to another. */
  within(from: number, to: number): readonly string[] {
    const isWithin = ({ isOwn, endsAt }: PeriodTable) =>
      !isOwn && endsAt > from && endsAt - this.periodMs <= to
    return this.tables.filter(isWithin).map(({ name }) => name)
  }

  /** The table of what came at a time, which is there from now on. */
  at(ms: number): string {
    return this.open(this.table(Math.floor(ms / this.periodMs), false))
  }

  /**
   * The table of what came at a time and is kept for so many days, which is there from now on: it goes to the day where it is kept for a
   * week at most, else in steps of a period.
   */
  until(ms: number, days: number): string {
    const step = days <= LOG.exactDays ? 1 : this.periodMs / DAY_MS
    const day = Math.ceil((ms + days * DAY_MS) / DAY_MS / step) * step
    return this.open(this.table(day, true))
  }

  /** Those of periods that ended before a time. */
  over(before: number): readonly PeriodTable[] {
    return this.tables.filter(({ isOwn, endsAt }) => !isOwn && endsAt < before)
  }

  /** Those whose day has begun. */
  ended(now: number): readonly PeriodTable[] {
    return this.tables.filter(({ isOwn, endsAt }) => isOwn && endsAt <= now)
  }

  /** Whether it is gone: SQLite drops no table while any statement of the object's is half read, until it is collected: then it goes next time. */
  drop(name: string): boolean {
    try {
      this.sql.exec(`DROP TABLE IF EXISTS ${name}`)
    } catch {
      return false
    }
    this.tables = this.tables.filter((table) => table.name !== name)
    return true
  }

  /** Looks again: the transaction that made one may be undone. */
  reload(): void {
    const query = `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name GLOB '${this.prefix}_*'`
    const pattern = new RegExp(`^${this.prefix}_(until_)?(\\d+)$`)
    const found = [...rowsOf(this.sql, Schema, query)].flatMap(({ name, sql }) => {
      const [, until, number] = pattern.exec(name) ?? []
      return number === undefined
        ? []
        : [{ ...this.table(Number(number), until !== undefined), sql }]
    })
    this.tables = found.toSorted(inOrder)
  }

  private table(number: number, isOwn: boolean): Omit<PeriodTable, 'sql'> {
    const name = `${this.prefix}_${isOwn ? 'until_' : ''}${number}`
    const endsAt = isOwn ? number * DAY_MS : (number + 1) * this.periodMs
    const beginsAt = isOwn ? 0 : number * this.periodMs
    return { name, number, isOwn, beginsAt, endsAt }
  }

  private open(table: Omit<PeriodTable, 'sql'>): string {
    if (this.tables.some(({ name }) => name === table.name)) return table.name
    const sql = this.make(table.name)
    this.sql.exec(sql)
    this.tables = [...this.tables, { ...table, sql }].toSorted(inOrder)
    return table.name
  }
}

function inOrder(a: PeriodTable, b: PeriodTable): number {
  return Number(a.isOwn) - Number(b.isOwn) || a.number - b.number
}

/**
 * Terms of a compound SELECT at most in a Durable Object (workerd, SQLITE_LIMIT_COMPOUND_SELECT): what has more is nested. SQLite takes
 * it apart again, so that each table is still searched by its key, and what is ordered merged.
 */
const MOST_TERMS = 5

export function unionAll(selects: readonly string[]): string {
  if (selects.length <= MOST_TERMS) return selects.join(' UNION ALL ')
  const groups = pack(selects, { count: Math.ceil(selects.length / MOST_TERMS) })
  return [...groups].map(({ items }) => `SELECT * FROM (${unionAll(items)})`).join(' UNION ALL ')
}
