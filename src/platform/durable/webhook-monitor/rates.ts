// The permits of a webhook with a rate: what was given is written with each, so that an object that dies gives none too many.

import { z } from 'zod'
import { endPermit, NO_PERMITS, type Permits } from '../../../engine/health/permits.ts'
import {
  answerPermit,
  nameOf,
  nextLatency,
  toldAllowed,
  toldThrottle,
} from '../../../engine/health/rate.ts'
import type {
  DeliveryKey,
  PermitAnswer,
  PermitRequest,
  ToldRate,
} from '../../../engine/ports/index.ts'
import { newId } from '../../../primitives/ids.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowOf } from '../rows.ts'
import type { HeldStore } from './held-store.ts'
import type { ReportStore } from './report-store.ts'

/** There once a permit was given: most webhooks have no rate. */
export const PERMITS: OccasionalSchema = {
  name: 'permits',
  columns: { given: { sql: "TEXT NOT NULL DEFAULT '{}'" } },
  occasional: `CREATE TABLE permits (
    only INTEGER PRIMARY KEY,
    -- \`Permits\` as JSON.
    given TEXT NOT NULL
  )`,
}

const Spents = z.array(z.tuple([z.number(), z.number()])).default([])
const Row = z.object({
  given: jsonText(
    z.object({
      perSecond: Spents,
      perMinute: Spents,
      open: z.array(z.object({ name: z.string(), until: z.number() })).default([]),
    }),
  ),
})

export class Rates {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable
  private readonly held: HeldStore
  private readonly reports: ReportStore
  /** What ended since the last one was given is in memory alone: one that starts anew takes it to be under way for a while. */
  permits: Permits
  /** How long what is released takes until it asks. */
  latencyMs = 0

  constructor(sql: SqlStorage, held: HeldStore, reports: ReportStore) {
    this.sql = sql
    this.table = new OccasionalTable(sql, PERMITS)
    this.held = held
    this.reports = reports
    this.permits = this.read()
  }

  /** What was released and has had no permit yet. */
  get unpermitted(): number {
    return this.held.unpermitted
  }

  /** That the webhook has another rate, or its receiver allows one; null when that is nothing new. To be written within a transaction. */
  toNote({ throttle, allowedPerMinute }: ToldRate, now: number): (() => void) | null {
    const { held, reports } = this
    const told = toldThrottle(reports.health, throttle, held, now)
    const health = toldAllowed(told, allowedPerMinute, held, now)
    return health === reports.health ? null : () => reports.insert({ id: newId(now), health }, now)
  }

  /** Whether a request may be sent now, noted. Within a transaction. */
  answer(ask: PermitRequest, now: number): PermitAnswer {
    const { held, reports } = this
    const { health: present } = reports
    const known = { health: present, permits: this.permits, state: held.stateOf(ask) }
    const asked = answerPermit(ask, { ...known, waiting: held.waiting }, now)
    const { answer, health, permits, goesBack } = asked
    const seenMs = held.msSinceRelease(ask, now)
    if (seenMs !== null) this.latencyMs = nextLatency(this.latencyMs, seenMs)
    if (health !== present) reports.insert({ id: newId(now), health }, now)
    if (goesBack) held.takeBack([ask])
    if (answer.kind === 'granted') held.permit(ask)
    if (permits !== this.permits) this.write(permits)
    return answer
  }

  /** A request has ended, and counts as under way no more. */
  end(key: DeliveryKey): void {
    this.permits = endPermit(this.permits, nameOf(key))
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.table.reload()
    this.permits = this.read()
  }

  private write(permits: Permits): void {
    this.table.make()
    const query = 'INSERT OR REPLACE INTO permits (only, given) VALUES (1, ?)'
    this.sql.exec(query, JSON.stringify(permits))
    this.permits = permits
  }

  private read(): Permits {
    if (!this.table.exists) return NO_PERMITS
    return rowOf(this.sql, Row, 'SELECT given FROM permits')?.given ?? NO_PERMITS
  }
}
