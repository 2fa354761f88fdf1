// Outcomes as they came, one row per call, in tables of which one is added to until it is full or old; then another is made.
// A table is forgotten whole: what `DROP TABLE` takes away counts no written row, what `DELETE` does counts each.
//
// So these tables are no step of the schema (schema.ts): a number tells them apart, and SQLite knows which there are.

import { z } from 'zod'
import type { FirstOutcome } from '../../../engine/model/index.ts'
import { LOG } from '../../../tuning.ts'
import { OUTCOMES } from '../../tuning.ts'
import { rowOf, rowsOf } from '../rows.ts'
import { type OutcomeRow, readOutcomes } from './outcome-row.ts'

/** A table of a later version may have further columns, each with a default. */
const COLUMNS = `
  -- Microseconds of its writing: ascending over all tables, and a bound for "written since".
  seq INTEGER PRIMARY KEY,
  -- What the table has with this row: rows, outcomes, characters of bodies.
  rows INTEGER NOT NULL,
  outcomes INTEGER NOT NULL,
  chars INTEGER NOT NULL,
  watermark TEXT NOT NULL,
  body TEXT NOT NULL`

const NamedRow = z.object({ name: z.string() })
const NewestRow = z.object({
  seq: z.number(),
  rows: z.number(),
  outcomes: z.number(),
  chars: z.number(),
  watermark: z.string(),
})
const FirstRow = z.object({ first: z.number().nullable() })
const BodyRow = z.object({ body: z.string() })

/** In place of the count of rows: what the table had is in segments, and it only could not be dropped at once. */
const MOVED = -1

interface WaitingTable extends z.infer<typeof NewestRow> {
  readonly name: string
  /** The `seq` of its first row. */
  readonly first: number
}

export class WaitingOutcomes {
  private readonly sql: SqlStorage
  /** Oldest first, without those that were moved. */
  private readonly tables: WaitingTable[] = []
  private readonly moved = new Set<string>()
  /** The highest number of a table, whatever it holds. */
  private highest = 0

  constructor(sql: SqlStorage) {
    this.sql = sql
    const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'outcomes_*'"
    for (const { name } of [...rowsOf(sql, NamedRow, query)]) {
      const [, number] = /^outcomes_(\d+)$/.exec(name) ?? []
      if (number === undefined) continue
      this.highest = Math.max(this.highest, Number(number))
      const table = this.open(name)
      if (table?.rows === MOVED) this.moved.add(name)
      else if (table) this.tables.push(table)
    }
    this.tables.sort((a, b) => a.first - b.first)
  }

  /** Null for a table that is none of this version's: it is left alone. */
  private open(name: string): WaitingTable | null {
    try {
      const query = `SELECT seq, rows, outcomes, chars, watermark FROM ${name} ORDER BY seq DESC LIMIT 1`
      const newest = rowOf(this.sql, NewestRow, query)
      const first = rowOf(this.sql, FirstRow, `SELECT min(seq) AS first FROM ${name}`)?.first
      return newest ? { ...newest, name, first: first ?? newest.seq } : null
    } catch {
      return null
    }
  }

  /** The newest row; undefined when nothing waits. */
  get newest(): WaitingTable | undefined {
    return this.tables.at(-1)
  }

  get isEmpty(): boolean {
    return this.tables.length === 0
  }

  /** `seq`: above that of any row there is. */
  add({ count, body }: OutcomeRow, watermark: string, seq: number): void {
    const { name, first, ...former } = this.current(seq)
    const rows = former.rows + 1
    const outcomes = former.outcomes + count
    const chars = former.chars + body.length
    const query = `INSERT INTO ${name} (seq, rows, outcomes, chars, watermark, body) VALUES (?, ?, ?, ?, ?, ?)`
    this.sql.exec(query, seq, rows, outcomes, chars, watermark, body)
    this.tables.pop()
    this.tables.push({ name, first, seq, rows, outcomes, chars, watermark })
  }

  private current(seq: number): WaitingTable {
    const newest = this.tables.at(-1)
    if (newest && !isFull(newest) && !isOld(newest, seq)) return newest
    this.highest += 1
    const name = `outcomes_${this.highest}`
    this.sql.exec(`CREATE TABLE ${name} (${COLUMNS})`)
    const made = { name, first: seq, seq, rows: 0, outcomes: 0, chars: 0, watermark: '' }
    this.tables.push(made)
    return made
  }

  /** The oldest table that should be moved; undefined when none should. */
  due(now: number): WaitingTable | undefined {
    return this.tables.find(
      (table) =>
        isFull(table) || (isOld(table, now * 1_000) && table.outcomes >= OUTCOMES.worthMoving),
    )
  }

  /** Outcomes of rows written since a `seq`, oldest first; `text` is what a row that matters contains. */
  *since(seq: number, text: string): Generator<FirstOutcome, void> {
    for (const table of this.tables) {
      if (table.seq >= seq) yield* this.read(table, seq, text).outcomes
    }
  }

  /** The rows written since a `seq`, each as its outcomes, oldest first. */
  rowsSince(seq: number): readonly (readonly FirstOutcome[])[] {
    const tables = this.tables.filter((table) => table.seq >= seq)
    return tables.flatMap((table) => this.read(table, seq).byRow)
  }

  /** The outcomes of a table, also by the rows that have them, and how many of its rows this version cannot read. */
  read({ name }: WaitingTable, seq = 0, text = '') {
    const query = `SELECT body FROM ${name} WHERE seq >= ? AND instr(body, ?) > 0 ORDER BY seq`
    // Read to the end: no table can be dropped while a cursor is open.
    const rows = [...rowsOf(this.sql, BodyRow, query, seq, text)].map(({ body }) =>
      readOutcomes(body),
    )
    const readable = rows.filter((outcomes) => outcomes !== null)
    return { outcomes: readable.flat(), byRow: readable, unreadable: rows.length - readable.length }
  }

  /** Takes away a table whose outcomes are in segments; `seq` as `add` takes it. */
  markMoved(table: WaitingTable, seq: number): void {
    this.tables.splice(this.tables.indexOf(table), 1)
    this.dropMoved()
    if (this.drop(table.name)) return
    const query = `INSERT INTO ${table.name} (seq, rows, outcomes, chars, watermark, body) VALUES (?, ?, 0, 0, '', '')`
    this.sql.exec(query, seq, MOVED)
    this.moved.add(table.name)
  }

  /** Drops what was moved, and what was written before a time (Unix milliseconds) as far as a table has nothing newer. */
  prune(before: number): void {
    this.dropMoved()
    const old = this.tables.filter(({ seq }) => seq < before * 1_000)
    for (const table of old) {
      if (this.drop(table.name)) this.tables.splice(this.tables.indexOf(table), 1)
    }
  }

  private dropMoved(): void {
    for (const name of this.moved) if (this.drop(name)) this.moved.delete(name)
  }

  /** Whether it is gone: SQLite drops no table while any statement of the object's is half read, until it is collected. */
  private drop(name: string): boolean {
    try {
      this.sql.exec(`DROP TABLE ${name}`)
      return true
    } catch {
      return false
    }
  }
}

function isFull({ rows, outcomes, chars }: WaitingTable): boolean {
  return (
    rows >= OUTCOMES.tableRows || outcomes >= OUTCOMES.tableOutcomes || chars >= OUTCOMES.tableChars
  )
}

/** Whether it is added to no more at a time, in microseconds. */
function isOld({ first }: WaitingTable, seq: number): boolean {
  return seq - first >= OUTCOMES.tableMs * 1_000
}

/** A bound below the `seq` of whatever tells of what happened at or after `ms`, on another machine's clock. */
export function seqAt(ms: number): number {
  return Math.max(0, ms - LOG.clockSkewMs) * 1_000
}
