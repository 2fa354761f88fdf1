// Tables and columns that an object gets with the first thing that is written to them: what most objects never have costs them no row.

import { hasColumn, hasTable, type Table } from './migrate.ts'

/** A table as it is made with its first row. */
export type OccasionalSchema = Table & Required<Pick<Table, 'occasional'>>

/** What is there only once it was made. */
class Occasional {
  private readonly sql: SqlStorage
  private readonly statement: string
  private readonly look: () => boolean
  private isThere = false

  constructor(sql: SqlStorage, statement: string, look: () => boolean) {
    this.sql = sql
    this.statement = statement
    this.look = look
    this.reload()
  }

  /** Whether it was made: before that there is nothing to read. */
  get exists(): boolean {
    return this.isThere
  }

  /** Makes it, where it is not there yet: before each write. */
  make(): void {
    if (this.isThere) return
    this.sql.exec(this.statement)
    this.isThere = true
  }

  /** Looks again: the transaction that made it may be undone. */
  reload(): void {
    this.isThere = this.look()
  }
}

/** A table that an object gets with its first row. */
export class OccasionalTable extends Occasional {
  constructor(sql: SqlStorage, { name, occasional }: OccasionalSchema) {
    super(sql, occasional, () => hasTable(sql, name))
  }
}

/** A column that a table gets with its first value. */
export class OccasionalColumn extends Occasional {
  constructor(sql: SqlStorage, { name: table, columns }: Table, column: string) {
    const statement = `ALTER TABLE ${table} ADD COLUMN ${column} ${columns[column]?.sql}`
    super(sql, statement, () => hasColumn(sql, table, column))
  }
}
