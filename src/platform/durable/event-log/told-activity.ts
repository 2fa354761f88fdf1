// What a log counted, for whoever looks at all tenants: an hour that was busy is told by the first alarm after it, and a day by the first
// alarm of the next. When an alarm is the first is seen from what was accepted, so that nothing need be remembered.

import { type DayActivity, HourlySums, priceOfLog } from '../../../engine/model/index.ts'
import { HOUR_MS, startOfDay, startOfHour } from '../../../primitives/time.ts'
import { ACCEPTED } from '../../../retention.ts'
import { TOLD } from '../../tuning.ts'
import type { EventStore } from './event-store.ts'
import type { OutcomeStore } from './outcome-store.ts'

interface Sources {
  readonly events: Pick<EventStore, 'numbers'>
  readonly outcomes: Pick<OutcomeStore, 'deliveredOn'>
}

/** What was accepted and delivered on a day (its beginning), by hour. */
export function activityOn(
  day: number,
  source: string,
  { events, outcomes }: Sources,
  now: number,
): DayActivity {
  const sums = new HourlySums()
  let before = { events: 0, bytes: 0, requests: 0, rows: 0 }
  for (const [index, totals] of events.numbers.totalsByHour(day, now).entries()) {
    if (totals === null || totals.events <= before.events) continue
    sums.add(day + index * HOUR_MS, {
      events: totals.events - before.events,
      bytes: totals.bytes - before.bytes,
      microdollars: priceOfLog(totals.requests - before.requests, totals.rows - before.rows),
    })
    before = totals
  }
  for (const { hour, ...delivered } of outcomes.deliveredOn(day)) sums.add(hour, delivered)
  return { day, source, hours: sums.hours }
}

/** The days (their beginnings) of which an alarm at `now` has to tell. */
export function daysToTell({ events }: Pick<Sources, 'events'>, now: number): readonly number[] {
  const { numbers } = events
  const [hour, today] = [startOfHour(now), startOfDay(now)]
  const eventsOf = (last: ReturnType<typeof numbers.lastBefore>) =>
    startOfDay(last.at) === today ? (last.totals?.events ?? 0) : 0
  // Whatever was accepted before this had an alarm of its own.
  const lastTime = numbers.lastBefore(now - ACCEPTED.lookSeconds * 1_000 - TOLD.lateMs)
  const isFirstSince = (begin: number) => lastTime.at < begin
  const days: number[] = []
  if (isFirstSince(today)) {
    const formerly = numbers.lastBefore(today)
    if (formerly.at > 0) days.push(startOfDay(formerly.at))
  }
  const eventsToday = eventsOf(numbers.latest)
  if (isFirstSince(hour) && eventsToday >= TOLD.worthAnHour) {
    const since = eventsOf(numbers.lastBefore(hour - HOUR_MS))
    if (eventsToday - since >= TOLD.worthAnHour) days.push(today)
  }
  return days
}

/** The day of the last event, if that is recent: no later event may have it told. Telling it again counts nothing twice. */
export function lastDay({ events }: Pick<Sources, 'events'>, now: number): readonly number[] {
  const { at } = events.numbers.lastBefore(now)
  return at > now - TOLD.sweptMs ? [startOfDay(at)] : []
}
