// Points in time as callers write and read them: RFC 3339 in, RFC 3339 UTC with milliseconds out.

import { z } from 'zod'

/** RFC 3339, section 5.6. A leap second has no place in Unix time and is refused; ours. */
const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
const YEAR_0 = Date.parse('0000-01-01T00:00:00.000Z')
const YEAR_9999_END = Date.parse('9999-12-31T23:59:59.999Z')

/** Unix milliseconds of an RFC 3339 time, cut to the millisecond; null for any other text or a day no month has. */
export function parseTime(text: string): number | null {
  const match = RFC_3339.exec(text)
  if (match === null) return null
  const [, date = '', time = '', fraction = '', sign, hours = '0', minutes = '0'] = match
  const local = `${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const ms = Date.parse(local)
  // `Date.parse` turns the 30th of February into the 2nd of March.
  if (Number.isNaN(ms) || formatTime(ms) !== local) return null
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1)
  const utc = ms - offsetMs
  return utc >= YEAR_0 && utc <= YEAR_9999_END ? utc : null
}

/** When the UTC day of this time began, Unix milliseconds. */
export function startOfDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS
}

/** When the hour of this time began, Unix milliseconds. */
export function startOfHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS
}

/** RFC 3339 UTC with milliseconds. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** Same, where there may be no time. */
export function formatTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : formatTime(ms)
}

/** The day of a time, in UTC: `YYYY-MM-DD`. */
export function formatDay(ms: number): string {
  return formatTime(ms).slice(0, 10)
}

/** An RFC 3339 time as Unix milliseconds. */
export const Timestamp = z
  .string()
  .transform((text, context) => {
    const ms = parseTime(text)
    if (ms !== null) return ms
    context.addIssue('Expected an RFC 3339 time such as 2026-11-22T10:00:00Z.')
    return z.NEVER
  })
  .meta({ format: 'date-time', description: 'A time in RFC 3339 format.' })
