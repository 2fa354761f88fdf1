// Permits to send a request, so that no window has more of them than a webhook's rate. In: what was given, and what may be; out: what is
// given now, or when to ask again. A permit may be used for a moment: whoever has it says for how long, and it counts as used at the last
// instant of that. So the requests that are sent keep the rate, and not only the permits. Runs inside the webhook's monitor.

import { RATE } from '../../tuning.ts'
import type { Rate } from '../model/index.ts'

const WINDOWS = [
  { name: 'perSecond', ms: 1_000 },
  { name: 'perMinute', ms: 60_000 },
] as const

/** Requests that have left, at the latest at a time (Unix milliseconds). */
type Spent = readonly [until: number, count: number]

/** A request that is under way, until that is reported, or cannot be any more. */
interface OpenPermit {
  readonly name: string
  readonly until: number
}

/** What was given. Both windows are kept, so that another rate finds what was sent under the former one. */
export interface Permits {
  readonly perSecond: readonly Spent[]
  readonly perMinute: readonly Spent[]
  /** Known while there is a bound of them. */
  readonly open: readonly OpenPermit[]
}

export const NO_PERMITS: Permits = { perSecond: [], perMinute: [], open: [] }

/** The permits with one more, which may be used for `validMs`; null: there is no room for it now. */
export function withPermit(
  permits: Permits,
  rate: Rate,
  { name, now, validMs }: { readonly name: string; readonly now: number; readonly validMs: number },
): Permits | null {
  const open = permits.open.filter(({ until }) => until > now)
  if (roomAt(permits, rate, now) < 1 || openRoom(open, rate) < 1) return null
  const [perSecond, perMinute] = WINDOWS.map((window) => {
    const kept = permits[window.name].filter(([until]) => until > now - window.ms)
    return spend(kept, now + validMs, window.ms)
  })
  const begun = { name, until: now + validMs + RATE.attemptMs }
  return {
    perSecond: perSecond ?? [],
    perMinute: perMinute ?? [],
    open: rate.concurrency === null ? [] : [...open, begun],
  }
}

/** The permits without one that was not used: what it was given for has not left. */
export function returnPermit(permits: Permits, name: string, until: number): Permits {
  const [perSecond, perMinute] = WINDOWS.map((window) => {
    const place = placeOf(until, window.ms)
    return permits[window.name].flatMap(([at, count]): readonly Spent[] => {
      if (at !== place) return [[at, count]]
      return count > 1 ? [[at, count - 1]] : []
    })
  })
  return {
    perSecond: perSecond ?? [],
    perMinute: perMinute ?? [],
    open: withoutOne(permits.open, name),
  }
}

/** The permits after one of that name was reported to have ended. */
export function endPermit(permits: Permits, name: string): Permits {
  const open = withoutOne(permits.open, name)
  return open === permits.open ? permits : { ...permits, open }
}

/** How many there are at a time, whoever is under way. */
export function roomAt(permits: Permits, rate: Rate, at: number): number {
  const rooms = WINDOWS.map(({ name, ms }) => {
    const most = rate[name]
    return most === null ? Number.POSITIVE_INFINITY : most - spentSince(permits[name], at - ms)
  })
  return Math.max(0, Math.min(...rooms))
}

/** From when on there are so many, if nobody takes any before (Unix milliseconds); infinite: there never are. */
export function roomFrom(permits: Permits, rate: Rate, count: number, now: number): number {
  const times = WINDOWS.map(({ name, ms }) => {
    const most = rate[name]
    if (most === null) return now
    const spent = permits[name].toSorted(([a], [b]) => a - b)
    if (count > most) return Number.POSITIVE_INFINITY
    const left = most - count
    let since = now
    for (const [until] of spent) {
      if (spentSince(spent, since - ms) <= left) break
      since = Math.max(since, until + ms)
    }
    return since
  })
  return Math.max(...times)
}

/** How many more may be under way, and from when on that may be another number (Unix milliseconds; null: nothing is). */
export function concurrencyRoom(
  { open }: Permits,
  rate: Rate,
  now: number,
): { readonly room: number; readonly from: number | null } {
  const present = open.filter(({ until }) => until > now)
  const from = present.length > 0 ? Math.min(...present.map(({ until }) => until)) : null
  return { room: Math.max(0, openRoom(present, rate)), from }
}

function openRoom(open: readonly OpenPermit[], { concurrency }: Rate): number {
  return concurrency === null ? Number.POSITIVE_INFINITY : concurrency - open.length
}

function spentSince(spent: readonly Spent[], since: number): number {
  return spent.reduce((sum, [until, count]) => (until > since ? sum + count : sum), 0)
}

/** Those of about the same time are one entry, which never is too early: a busy window has a hundred of them. */
function spend(spent: readonly Spent[], until: number, windowMs: number): readonly Spent[] {
  const place = placeOf(until, windowMs)
  if (!spent.some(([at]) => at === place)) return [...spent, [place, 1]]
  return spent.map(([at, count]) => (at === place ? [at, count + 1] : [at, count]))
}

function placeOf(until: number, windowMs: number): number {
  const step = windowMs / RATE.places
  return Math.ceil(until / step) * step
}

function withoutOne(open: readonly OpenPermit[], name: string): readonly OpenPermit[] {
  const at = open.findIndex((one) => one.name === name)
  return at < 0 ? open : open.toSpliced(at, 1)
}
