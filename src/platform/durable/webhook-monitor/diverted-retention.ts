// Until when diverted events are kept: with their events, for as long as these say themselves, or their tenant does.

import { z } from 'zod'
import type { DivertedEvent } from '../../../engine/model/index.ts'
import { RETENTION_DAYS } from '../../../limits.ts'
import { firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { DAY_MS } from '../../../primitives/time.ts'
import { RETENTION } from '../../../retention.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { rowOf } from '../rows.ts'

/** When an event goes that says for how long it is kept, and as any that is diverted where that is longer; null for any other. */
export function expiresAt({ event, divertedAt }: DivertedEvent): number | null {
  const { id, retentionDays } = event
  if (retentionDays === undefined) return null
  return Math.min(
    timeOf(id) + retentionDays * DAY_MS,
    divertedAt + RETENTION.divertedSeconds * 1_000,
  )
}

/** For how long the tenant's events are kept: there once it was told, or is not what it is unless told. */
export const TENANT_RETENTION: OccasionalSchema = {
  name: 'tenant_retention',
  columns: { days: { sql: `INTEGER NOT NULL DEFAULT ${RETENTION_DAYS.unlessTold}` } },
  occasional: `CREATE TABLE tenant_retention (only INTEGER PRIMARY KEY, days INTEGER NOT NULL)`,
}

const Row = z.object({ days: z.number() })

export class DivertedRetention {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable
  /** Days for which the tenant's events are kept; null: nobody told. */
  private days: number | null

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, TENANT_RETENTION)
    this.days = this.read()
  }

  /** For how long the tenant's events are kept, from now on and of those that are there. Within a transaction. */
  tell(days: number): void {
    if (days === this.days) return
    this.table.make()
    this.sql.exec('INSERT OR REPLACE INTO tenant_retention (only, days) VALUES (1, ?)', days)
    this.days = days
  }

  /** The same as a report says it, which may be older than what was told since. */
  toldByReport(days: number = RETENTION_DAYS.unlessTold): void {
    if (this.days === null && days !== RETENTION_DAYS.unlessTold) this.tell(days)
  }

  /** The lowest id of an event that is kept now, unless it says for how long it is. */
  oldestKept(now: number): string {
    const days = Math.min(this.days ?? RETENTION_DAYS.unlessTold, RETENTION_DAYS.unlessTold)
    return firstIdAt(now - days * DAY_MS)
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.table.reload()
    this.days = this.read()
  }

  private read(): number | null {
    if (!this.table.exists) return null
    return rowOf(this.sql, Row, 'SELECT days FROM tenant_retention')?.days ?? null
  }
}
