// What a tenant published and what came of it: what its event log knows now, and what its webhooks' monitors have told.

import { DAY_MS, startOfDay } from '../../primitives/time.ts'
import {
  type Activity,
  type ActivityNow,
  addActivity,
  type DayActivity,
  type DayReport,
  daysBetween,
  firstHour,
  LOG_SOURCE,
  type LogActivity,
  lastHours,
  NO_ACTIVITY,
  NO_TOTALS,
  sumHours,
  usageStart,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

type UsagePorts = Pick<Ports, 'clock' | 'eventLog' | 'activity'>

/** Each day on which something happened, newest first. */
export async function readUsage(tenantId: string, ports: UsagePorts): Promise<DayReport[]> {
  const now = ports.clock()
  const since = usageStart(now)
  const [{ days }, activity] = await Promise.all([
    ports.eventLog(tenantId).usage(since),
    daysOf(tenantId, daysBetween(since, now), ports),
  ])
  const byDay = Map.groupBy(activity.days, ({ day }) => day)
  const all = new Set([...days.map(({ day }) => day), ...byDay.keys()])
  const reports = [...all].flatMap((day) => {
    const totals = days.find((one) => one.day === day) ?? { day, ...NO_TOTALS }
    const hours = sumHours(byDay.get(day) ?? [])
    const { delivered, failed, microdollars } = hours.reduce<Activity>(addActivity, NO_ACTIVITY)
    const isAny = totals.events + delivered + failed > 0
    return isAny ? [{ ...totals, delivered, failed, dollars: microdollars / 1_000_000 }] : []
  })
  return reports.toSorted((a, b) => b.day - a.day)
}

/**
 * The last hours and the present one, oldest first, whatever happened in them; and how the tenant's webhooks stand. Of those that wait one
 * monitor is asked, however many they are.
 */
export async function readNow(
  tenantId: string,
  ports: UsagePorts & Pick<Ports, 'monitor'>,
): Promise<ActivityNow> {
  const now = ports.clock()
  const { days, standing } = await daysOf(tenantId, daysBetween(firstHour(now), now), ports)
  const known = sumHours(days)
  const ofToday = known.filter(({ hour }) => hour >= startOfDay(now))
  const hours = lastHours(known, now)
  const { longest, ...counts } = standing
  const oldestUndeliveredAt =
    longest === null ? null : await ports.monitor(longest).oldestUndelivered()
  const today = ofToday.reduce<Activity>(addActivity, NO_ACTIVITY)
  return { hours, today, ...counts, oldestUndeliveredAt }
}

/** What was told of these days, but of today and yesterday what the event log itself knows; and how webhooks stand. */
async function daysOf(
  tenantId: string,
  days: readonly number[],
  { clock, eventLog, activity }: UsagePorts,
): Promise<LogActivity> {
  const yesterday = startOfDay(clock()) - DAY_MS
  const [told, known] = await Promise.all([
    activity.ofTenant(tenantId, days),
    eventLog(tenantId).activity(days.filter((day) => day >= yesterday)),
  ])
  const isKnown = ({ day, source }: DayActivity) =>
    day >= yesterday && source.startsWith(LOG_SOURCE)
  return { days: [...told.filter((one) => !isKnown(one)), ...known.days], standing: known.standing }
}
