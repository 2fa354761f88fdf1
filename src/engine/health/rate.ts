// A webhook that gets no more than so many requests in a time. In: its rate, what its receiver allows, what waits; out: how much of that
// may be released, and whether a request may be sent now. Runs inside the webhook's monitor.

import { RATE } from '../../tuning.ts'
import { type Health, isPaused, type Rate, rateOf, type Throttle } from '../model/index.ts'
import type { DeliveryKey, PermitAnswer, PermitRequest } from '../ports/index.ts'
import type { HeldCounts, HeldState } from './backlog.ts'
import { withHold } from './health.ts'
import { isDue, nextRelease, slowStart } from './hold.ts'
import {
  concurrencyRoom,
  type Permits,
  returnPermit,
  roomAt,
  roomFrom,
  withPermit,
} from './permits.ts'

/** What bounds a webhook: the lower of what its owner wants and what its receiver allows; null: nothing does. */
function rateBoundsOf(health: Pick<Health, 'throttle' | 'allowed'>): Rate | null {
  const rate = rateOf(health)
  const { allowed } = health
  if (allowed === undefined) return rate
  const { perSecond = null, perMinute, concurrency = null } = rate ?? {}
  const least = Math.min(perMinute ?? allowed.perMinute, allowed.perMinute)
  return { perSecond, perMinute: least, concurrency }
}

/** Health after somebody told of a rate, who may be late. What waits when there is none any more leaves as after a hold. */
export function toldThrottle(
  health: Health,
  told: Throttle | undefined,
  { waiting }: Pick<HeldCounts, 'waiting'>,
  now: number,
): Health {
  if (told === undefined || told.since <= (health.throttle?.since ?? 0)) return health
  return withBounds(health, { ...health, throttle: told }, waiting, now)
}

/** Health after an answer: what its receiver said that it allows counts until it says something else, or for a day. */
export function toldAllowed(
  health: Health,
  allowed: number | null | undefined,
  { waiting }: Pick<HeldCounts, 'waiting'>,
  now: number,
): Health {
  const isOld =
    health.allowed !== undefined && now >= health.allowed.at + RATE.allowedSeconds * 1_000
  if (allowed === undefined && !isOld) return health
  const { allowed: _, ...without } = health
  const next =
    typeof allowed === 'number' ? { ...health, allowed: { perMinute: allowed, at: now } } : without
  return withBounds(health, next, waiting, now)
}

function withBounds(health: Health, next: Health, waiting: number, now: number): Health {
  const isChanged = (rateBoundsOf(next) === null) !== (rateBoundsOf(health) === null)
  const counted = { ...next, version: next.version + (isChanged ? 1 : 0) }
  const isLeaving = isChanged && rateBoundsOf(next) === null && waiting > 0 && !isPaused(next)
  return isLeaving && next.hold === null ? withHold(counted, slowStart(now)) : counted
}

/** What a monitor knows of the permits of its webhook. */
interface KnownPermits {
  readonly permits: Permits
  /** Deliveries that were released and have had no permit yet. */
  readonly unpermitted: number
  /** How long what is released takes until it asks for one, in milliseconds, as it was lately. */
  readonly latencyMs: number
}

/** How many that wait may be released because of the rate, and when to look again (Unix milliseconds); null: nothing waits. */
function ratedRelease(
  rate: Rate,
  { permits, unpermitted, latencyMs }: KnownPermits,
  waiting: number,
  now: number,
): { readonly count: number; readonly lookAt: number | null } {
  if (waiting === 0) return { count: 0, lookAt: null }
  const { room, from } = concurrencyRoom(permits, rate, now)
  const count = Math.min(roomAt(permits, rate, now + latencyMs), room) - unpermitted
  if (count > 0) return { count: Math.min(count, waiting), lookAt: null }
  // What was released and takes no permit yet is heard of, whoever it is for; until then time changes nothing.
  const isOpenFirst = rate.concurrency !== null && unpermitted < rate.concurrency && from !== null
  const openFrom = room > unpermitted ? now : isOpenFirst ? from : Number.POSITIVE_INFINITY
  const spentFrom = roomFrom(permits, rate, unpermitted + 1, now + latencyMs) - latencyMs
  const lookAt = Math.max(openFrom, spentFrom, now + RATE.lookMs)
  return { count: 0, lookAt: Number.isFinite(lookAt) ? lookAt : null }
}

/** What may be released of what waits, the lower of what its hold and its rate say. */
export function nextRatedRelease(
  health: Health,
  held: HeldCounts,
  permits: KnownPermits,
  { now, delayScale }: { readonly now: number; readonly delayScale: number },
): { readonly count: number; readonly lookAt: number | null } {
  const { hold, pause } = health
  const isSuspended = health.suspendedAt !== null
  const next = nextRelease(hold, held, { now, delayScale, isSuspended, pause })
  const rate = rateBoundsOf(health)
  // What comes for a suspended webhook ends: no request is made of it.
  if (rate === null || isSuspended || next.count === 0) return next
  const rated = ratedRelease(rate, permits, held.waiting, now)
  const times = [next.lookAt, rated.lookAt].filter((at) => at !== null)
  const lookAt = times.length > 0 ? Math.min(...times) : null
  return { count: Math.min(next.count, rated.count), lookAt }
}

/** How long what is released takes lately: a shorter time counts at once, because what comes too early has to go back. */
export function nextLatency(latencyMs: number, seenMs: number): number {
  const seen = Math.min(Math.max(0, seenMs), RATE.mostLatencyMs)
  return seen < latencyMs ? seen : latencyMs + (seen - latencyMs) / 4
}

interface AskedPermit {
  readonly answer: PermitAnswer
  readonly health: Health
  readonly permits: Permits
  /** It waits again, in its place. */
  readonly goesBack: boolean
}

/** Whether a request may be sent now. What was not released, or has no room, waits in its place. */
export function answerPermit(
  ask: PermitRequest,
  known: {
    readonly health: Health
    readonly permits: Permits
    /** How what it is for waits; null: it does not. */
    readonly state: HeldState | null
    readonly waiting: number
  },
  now: number,
): AskedPermit {
  const { validMs, returned } = ask
  const name = nameOf(ask)
  const health = toldAllowed(
    toldThrottle(known.health, ask.throttle, known, now),
    undefined,
    known,
    now,
  )
  const permits =
    returned === undefined ? known.permits : returnPermit(known.permits, name, returned)
  const same = { health, permits, goesBack: false }
  if (!ask.isTest) {
    if (known.state === null) return { ...same, answer: { kind: 'unknown' } }
    if (known.state === 'waiting') return { ...same, answer: { kind: 'waits' } }
    const mayGo = isDue(health.hold, known.state, now) && !isPaused(health)
    if (!mayGo) return { ...same, goesBack: true, answer: { kind: 'waits' } }
  }
  const rate = rateBoundsOf(health)
  if (rate === null) return { ...same, answer: { kind: 'granted', until: now + validMs } }
  const taken = withPermit(permits, rate, { name, now, validMs })
  if (taken !== null) {
    return { ...same, permits: taken, answer: { kind: 'granted', until: now + validMs } }
  }
  if (!ask.isTest) return { ...same, goesBack: true, answer: { kind: 'waits' } }
  const from = Math.max(
    roomFrom(permits, rate, 1, now),
    concurrencyRoom(permits, rate, now).from ?? 0,
  )
  return { ...same, answer: { kind: 'full', from } }
}

/** The name of a delivery, and of its permit. */
export function nameOf({ eventId, run }: DeliveryKey): string {
  return `${eventId}/${run}`
}
