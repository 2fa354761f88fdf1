// `Retry-After`: seconds or an HTTP-date in, seconds to wait out (RFC 9110, sections 10.2.3 and 5.6.7).

import { DELIVERY } from '../../tuning.ts'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

const TIME = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`
const MONTH = `(?<month>${MONTHS.join('|')})`
const SHORT_DAY = `(?<weekday>${DAYS.map((day) => day.slice(0, 3)).join('|')})`
const LONG_DAY = `(?<weekday>${DAYS.join('|')})`

/** The one form that is sent, and the two obsolete ones that a recipient must still read. */
const FORMS = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  String.raw`${SHORT_DAY}, (?<day>\d{2}) ${MONTH} (?<year>\d{4}) ${TIME} GMT`,
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  String.raw`${LONG_DAY}, (?<day>\d{2})-${MONTH}-(?<year>\d{2}) ${TIME} GMT`,
  // asctime: Sun Nov  6 08:49:37 1994
  String.raw`${SHORT_DAY} ${MONTH} (?<day>\d{2}| \d) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`))

/**
 * Seconds to wait from `now` (Unix milliseconds), 0 for a time that has passed and at most 24 h; null when there is no
 * such header or it says nothing.
 */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null
  const text = value.trim()
  if (/^-?\d+$/.test(text)) return clamp(Number(text))
  const date = parseHttpDate(text, now)
  return date === null ? null : clamp(Math.ceil((date - now) / 1_000))
}

function clamp(seconds: number): number {
  return Math.max(0, Math.min(seconds, DELIVERY.maxDelaySeconds))
}

/** Unix milliseconds, or null when `text` is no HTTP-date or names a date that does not exist. */
function parseHttpDate(text: string, now: number): number | null {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups
    if (parts !== undefined) return toTime(parts, now)
  }
  return null
}

function toTime(parts: Readonly<Record<string, string>>, now: number): number | null {
  const { weekday = '', month = '', year = '' } = parts
  const day = Number(parts.day)
  const hour = Number(parts.hour)
  const minute = Number(parts.minute)
  const second = Number(parts.second)
  // 60 is a leap second.
  if (hour > 23 || minute > 59 || second > 60) return null
  const date = new Date(Date.UTC(toYear(year, now), MONTHS.indexOf(month), day))
  const exists = date.getUTCDate() === day
  const agrees = DAYS[date.getUTCDay()]?.startsWith(weekday)
  if (!exists || !agrees) return null
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000
}

/** Two digits mean the latest such year that is not more than 50 years ahead (RFC 9110, section 5.6.7). */
function toYear(digits: string, now: number): number {
  if (digits.length === 4) return Number(digits)
  const latest = new Date(now).getUTCFullYear() + 50
  return latest - ((latest - Number(digits)) % 100)
}
