// What a tenant published and what came of it: what its event log knows now, and what its webhooks' monitors have told.

import { DAY_MS, HOUR_MS, startOfDay, startOfHour } from '../../primitives/time.ts'
import {
  type Activity,
  type ActivityNow,
  addActivity,
  type DayActivity,
  type DayReport,
  daysBetween,
  type HourActivity,
  LOG_SOURCE,
  NO_ACTIVITY,
  NO_TOTALS,
  sumHours,
  usageStart,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

type UsagePorts = Pick<Ports, 'clock' | 'eventLog' | 'activity'>

/** Hours that `readActivity` tells of. */
const HOURS = 24

/** Each day on which something happened, newest first. */
export async function readUsage(tenantId: string, ports: UsagePorts): Promise<DayReport[]> {
  const now = ports.clock()
  const since = usageStart(now)
  const [{ days }, activity] = await Promise.all([
    ports.eventLog(tenantId).usage(since),
    daysOf(tenantId, daysBetween(since, now), ports),
  ])
  const byDay = Map.groupBy(activity, ({ day }) => day)
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

/** The last hours and the present one, oldest first: of all of them, whatever happened. */
async function readActivity(tenantId: string, ports: UsagePorts): Promise<HourActivity[]> {
  const now = ports.clock()
  const first = startOfHour(now) - (HOURS - 1) * HOUR_MS
  const hours = sumHours(await daysOf(tenantId, daysBetween(first, now), ports))
  return Array.from({ length: HOURS }, (_, index) => {
    const hour = first + index * HOUR_MS
    return hours.find((one) => one.hour === hour) ?? { hour, ...NO_ACTIVITY }
  })
}

/** The same hours, and how many webhooks are not as they should be. */
export async function readNow(tenantId: string, ports: UsagePorts): Promise<ActivityNow> {
  const [hours, standing] = await Promise.all([
    readActivity(tenantId, ports),
    ports.eventLog(tenantId).standing(),
  ])
  return { hours, ...standing }
}

/** What was told of these days, but of today and yesterday what the event log itself knows. */
async function daysOf(
  tenantId: string,
  days: readonly number[],
  { clock, eventLog, activity }: UsagePorts,
): Promise<readonly DayActivity[]> {
  const yesterday = startOfDay(clock()) - DAY_MS
  const [told, known] = await Promise.all([
    activity.ofTenant(tenantId, days),
    eventLog(tenantId).activity(days.filter((day) => day >= yesterday)),
  ])
  const isKnown = ({ day, source }: DayActivity) =>
    day >= yesterday && source.startsWith(LOG_SOURCE)
  return [...told.filter((one) => !isKnown(one)), ...known]
}
