// What a monitor counted, by hour: of its reports, so that a day can be counted anew until they are forgotten. It is told when a
// report comes in a later hour than the one before, and by the alarm that rings once a day while there are reports.

import { z } from 'zod'
import {
  type DayActivity,
  deliveredIn,
  type HourActivity,
  HourlySums,
  priceOfMonitor,
} from '../../../engine/model/index.ts'
import { DAY_MS, HOUR_MS, startOfDay, startOfHour } from '../../../primitives/time.ts'
import { RETENTION } from '../../../retention.ts'
import type { Bindings } from '../../bindings.ts'
import { TOLD } from '../../tuning.ts'
import { jsonText } from '../rows.ts'
import { tellActivity } from '../tell-activity.ts'
import type { ReportStore } from './report-store.ts'

const Row = z.object({
  seq: z.number(),
  delivered: z.number(),
  failed: z.number(),
  diverted: z.number(),
  latencies: jsonText(z.array(z.number())),
})

export class ToldActivity {
  private readonly env: Bindings
  private readonly reports: ReportStore
  /** The last report (when it was written) of which an alarm has told. */
  private toldUpTo = 0

  constructor(env: Bindings, reports: ReportStore) {
    this.env = env
    this.reports = reports
  }

  /** The days (their beginnings) to tell of once a report is written at `now`: asked before it is. */
  daysOfReport(now: number): readonly number[] {
    const { at: reportedAt } = this.reports.last
    if (reportedAt >= startOfHour(now)) return []
    const [today, before] = [startOfDay(now), startOfDay(reportedAt)]
    return reportedAt === 0 || before === today ? [today] : [before, today]
  }

  /** Tells of the day of the last report, when it has come to nothing more for an hour. */
  async tellAtAlarm(now: number): Promise<void> {
    const { at: reportedAt } = this.reports.last
    const since = now - RETENTION.sweepSeconds * 1_000 - TOLD.lateMs
    const isDue = reportedAt > since && reportedAt < now - HOUR_MS
    if (!isDue || this.toldUpTo === reportedAt) return
    this.toldUpTo = reportedAt
    await this.tell([startOfDay(reportedAt)])
  }

  /** Hands over what was counted on days, once it is known whose monitor this is. */
  async tell(days: readonly number[]): Promise<void> {
    const { of } = this.reports.last
    if (of === null) return
    for (const day of days) {
      await tellActivity(this.env, of.tenantId, this.on(day, of.webhookId))
    }
  }

  /** What was reported on a day (its beginning). */
  private on(day: number, source: string): DayActivity {
    return { day, source, hours: this.between(day, day + DAY_MS) }
  }

  /** What was reported from a time on and before another, Unix milliseconds, by hour. */
  between(from: number, until: number): readonly HourActivity[] {
    const columns = 'seq, delivered, failed, diverted, latencies'
    const asked = { columns, from: from * 1_000, upTo: until * 1_000 - 1 }
    const sums = new HourlySums()
    for (const row of this.reports.tables.read(Row, asked)) {
      const at = Math.floor(row.seq / 1_000)
      const { failed, diverted, latencies } = row
      sums.add(at, { failed, diverted, microdollars: priceOfMonitor(1, failed) })
      for (const ms of latencies) sums.add(at, deliveredIn(ms))
    }
    return sums.hours
  }
}
