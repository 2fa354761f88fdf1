// What a report means for a webhook; runs inside its monitor. In: a report, the present health, what is known of its
// deliveries; out: the next health and every change to make, to be written together by the monitor.

import { isGone } from '../attempt/classify.ts'
import type {
  Attempt,
  DivertedEvent,
  Event,
  Health,
  Run,
  RunProgress,
  RunState,
  Trigger,
} from '../model/index.ts'
import { FIRST_RUN, hasEnded, isPaused } from '../model/index.ts'
import type {
  DeliverMessage,
  DeliveryKey,
  OperationalEvent,
  Report,
  ReportEntry,
} from '../ports/index.ts'
import { ChangingBacklog, type KnownBacklog } from './backlog.ts'
import {
  type AttemptEntry,
  isAnswered,
  stateAfter,
  type TellingEntry,
  whyOf,
} from './delivery-after.ts'
import { nextFailingNotice } from './failing-notice.ts'
import { mayWait, nextHealth, type Observation, unansweredHealth, withHold } from './health.ts'
import { isOver, lateHold, nextHold, nextSilence } from './hold.ts'
import { isJoint, type PartEntry } from './joint-delivery.ts'
import {
  exhaustedEvent,
  failingEvent,
  keptUnsentEvent,
  operationalEvent,
} from './operational-event.ts'
import { toldAllowed } from './rate.ts'
import { UNTRIED } from './runs.ts'
import { toldByReport } from './told-by-report.ts'

/** What the monitor knows already. */
export interface Known {
  readonly health: Health
  /** The deliveries that are not simply delivered on their first attempt, of every run of an event. */
  deliveriesOf(eventId: string): readonly RunState[]
  /** What waits because of its hold. */
  readonly held: KnownBacklog
}

export type Change =
  | { readonly kind: 'delivery'; readonly key: DeliveryKey; readonly state: RunProgress }
  /** Kept, or kept again: a resend of it that is under way stays so. */
  | { readonly kind: 'divert'; readonly diverted: DivertedEvent }
  /** It was delivered after all. */
  | { readonly kind: 'undivert'; readonly eventId: string }
  /** It waits, until its message is sent; or it did, and does no more. */
  | { readonly kind: 'hold'; readonly key: DeliveryKey; readonly message: DeliverMessage }
  | { readonly kind: 'unhold'; readonly key: DeliveryKey }
  /** A resend ended without delivering: what is kept may be resent again. */
  | { readonly kind: 'resendable'; readonly eventId: string; readonly run: Run }

export interface AppliedReport {
  readonly health: Health
  readonly changes: readonly Change[]
  readonly operationalEvents: readonly OperationalEvent[]
  readonly counts: {
    readonly delivered: number
    readonly failed: number
    readonly diverted: number
    readonly unsendable: number
  }
  /** Milliseconds of each delivered attempt. */
  readonly latencies: readonly number[]
}

/**
 * Applies a report; `now` is Unix milliseconds. Behind an entry about a joint delivery stand those of its events, which say nothing more
 * of their webhook.
 */
export function applyReport(
  report: Report & { readonly entries: readonly PartEntry[] },
  known: Known,
  { now, delayScale }: { readonly now: number; readonly delayScale: number },
): AppliedReport {
  const changes: Change[] = []
  const knownHere = new Map<string, RunProgress>()
  const given: AttemptEntry[] = []
  const failedHere: Attempt[] = []
  const rules = { suspend: report.failureHandling.suspend, delayScale }
  const backlog = new ChangingBacklog(known.held)
  let health = toldByReport(known.health, report, backlog, now)
  for (const entry of report.entries) {
    if (entry.kind === 'unanswered') {
      health = unansweredHealth(health)
      continue
    }
    const key = keyOf(entry)
    const here = `${key.eventId}/${key.run}`
    const before = knownHere.get(here) ?? knownIn(known, key)
    if (entry.kind === 'held') {
      if (before && hasEnded(before.status)) continue
      // One that somebody asked for since carries it from then on.
      const isCarried =
        entry.message.carrier === undefined || entry.message.carrier !== before?.carrier
      const waits = backlog.stateOf(key)
      const isMine = waits === 'waiting' || (waits === 'joined' && entry.isPart !== true)
      if (isMine && isCarried) continue
      const state = { ...(before ?? UNTRIED), status: 'held', nextAttemptAt: null } as const
      if (!isPaused(health) && !mayWait(health))
        health = withHold(health, health.hold ?? lateHold(backlog, now))
      knownHere.set(here, state)
      backlog.set(key, 'waiting')
      const { message } = entry
      changes.push({ kind: 'delivery', key, state }, { kind: 'hold', key, message })
      continue
    }
    const isReleased = backlog.stateOf(key) === 'released'
    if (entry.kind === 'attempt' && entry.isPart !== true) {
      const seen = observe(entry, report, known, health, { failedHere, given })
      health = nextHealth(health, seen, rules)
      const { attempt, pauseSeconds = 0 } = entry
      if (entry.isUnsent !== true) {
        health = { ...health, silence: nextSilence(health.silence, attempt) }
        const answer = { attempt, pauseSeconds, isReleased, silence: health.silence }
        health = withHold(health, nextHold(health.hold, answer, delayScale))
        health = toldAllowed(health, entry.allowedPerMinute, backlog, now)
      }
    }
    // What an owner is told of are events.
    if (entry.kind === 'attempt' && !isJoint(entry)) {
      if (entry.attempt.outcome === 'failed') failedHere.push(entry.attempt)
      if (isGivenUp(entry)) given.push(entry)
    }
    const state = stateAfter(entry, before)
    if (isAnswered(state, before, isReleased) && backlog.stateOf(key) !== null) {
      backlog.set(key, null)
      changes.push({ kind: 'unhold', key })
    }
    if (state === null) continue
    knownHere.set(here, state)
    changes.push(...changesTo(state, entry, before, known))
  }
  if (
    health.hold !== null &&
    isOver(health.hold, backlog, { now, delayScale, mayWait: mayWait(health) })
  ) {
    health = withHold(health, null)
  }
  const lastFailed = failedHere.reduce<Attempt | undefined>(
    (last, one) => (last === undefined || endOf(one) > endOf(last) ? one : last),
    undefined,
  )
  const failing = lastFailed && nextFailingNotice(health, endOf(lastFailed), rules)
  health = failing?.health ?? health
  const about = { report, health, now }
  const suspendedReason = health.suspendedReason ?? 'failing'
  const operationalEvents = [
    ...given.map((entry) => exhaustedEvent(entry, whyOf(entry), about)),
    ...report.entries.flatMap((entry) => keptUnsentEvent(entry, about) ?? []),
    ...(lastFailed && failing?.notice
      ? [failingEvent(failing.notice, failing, about, lastFailed)]
      : []),
    ...(health.suspendedAt !== null && known.health.suspendedAt === null
      ? [operationalEvent('webhook.suspended', suspendedReason, about, failedHere.at(-1))]
      : []),
  ]
  const ofEvents = report.entries.filter((entry) => !isJoint(entry))
  const attempts = ofEvents.flatMap((entry) => (entry.kind === 'attempt' ? [entry.attempt] : []))
  const delivered = attempts.filter(({ outcome }) => outcome === 'delivered')
  return {
    health,
    changes,
    operationalEvents,
    counts: {
      delivered: delivered.length,
      failed: attempts.length - delivered.length,
      diverted: changes.filter(({ kind }) => kind === 'divert').length,
      unsendable: ofEvents.filter(({ kind }) => kind === 'unsendable').length,
    },
    latencies: delivered.map(({ durationMs }) => durationMs),
  }
}

/** What an attempt says about its webhook. */
function observe(
  entry: AttemptEntry,
  { failureHandling }: Report,
  known: Known,
  health: Health,
  {
    failedHere,
    given,
  }: { readonly failedHere: readonly Attempt[]; readonly given: readonly AttemptEntry[] },
): Observation {
  const { attempt } = entry
  const { at, durationMs } = attempt
  if (attempt.outcome === 'delivered') {
    return { kind: 'delivered', at, durationMs, firstFailure: false, firstExhaustion: false }
  }
  const since = health.failingSince ?? Number.POSITIVE_INFINITY
  const isSince = (ms: number | null) => ms !== null && ms >= since
  // What was delivered, maybe in the very millisecond in which the failures began, did not fail since.
  const earlier = known
    .deliveriesOf(attempt.eventId)
    .filter(({ status, lastAttemptAt }) => status !== 'delivered' && isSince(lastAttemptAt))
  const isEarlier = ({ eventId, at }: Attempt) => eventId === attempt.eventId && isSince(at)
  const failedBefore = earlier.length > 0 || failedHere.some(isEarlier)
  const exhaustedBefore =
    earlier.some(({ status }) => status === 'diverted' || status === 'dropped') ||
    given.some((entry) => isEarlier(entry.attempt))
  return {
    kind: isGone(attempt.statusCode, failureHandling.triggers) ? 'gone' : 'failed',
    at,
    durationMs,
    firstFailure: !failedBefore,
    firstExhaustion: isGivenUp(entry) && !exhaustedBefore,
  }
}

function endOf({ at, durationMs }: Attempt): number {
  return at + durationMs
}

function isGivenUp({ disposition }: AttemptEntry): boolean {
  return disposition.kind === 'divert' || disposition.kind === 'drop'
}

function keyOf(entry: Exclude<ReportEntry, { kind: 'unanswered' }>): DeliveryKey {
  const { eventId, run } = entry.kind === 'attempt' ? entry.attempt : entry
  return { eventId, run }
}

function knownIn(known: Known, { eventId, run }: DeliveryKey): RunProgress | undefined {
  return known.deliveriesOf(eventId).find((delivery) => delivery.run === run)
}

function changesTo(
  state: RunProgress,
  entry: TellingEntry,
  before: RunProgress | undefined,
  known: Known,
): Change[] {
  const key = keyOf(entry)
  const change: Change = { kind: 'delivery', key, state }
  const undivert: Change = { kind: 'undivert', eventId: key.eventId }
  // It would be left out whenever it were sent again.
  if (entry.kind === 'filtered') return [change, undivert]
  if (entry.kind !== 'attempt' && entry.kind !== 'skipped') return [change, ...resendable(key)]
  if (entry.kind === 'skipped') return [change, ...kept(entry.event, key, entry)]
  const { attempt, disposition } = entry
  if (attempt.outcome === 'failed') {
    const why = { ...whyOf(entry), at: attempt.at + attempt.durationMs }
    const ended = disposition.kind !== 'retry'
    return [change, ...(ended ? kept(entry.event, key, why) : [])]
  }
  // Delivered at once is what the attempt itself says: no row of its own. Another run may have been diverted before.
  if (before || key.run !== FIRST_RUN) return [change, undivert]
  return known.deliveriesOf(key.eventId).length > 0 ? [undivert] : []
}

interface Why {
  readonly trigger: Trigger
  readonly message: string
  readonly at: number
}

function kept(event: Event | null, key: DeliveryKey, { trigger, message, at }: Why): Change[] {
  if (event === null) return resendable(key)
  const diverted = { event, trigger, message, divertedAt: at }
  return [{ kind: 'divert', diverted }, ...resendable(key)]
}

function resendable({ eventId, run }: DeliveryKey): Change[] {
  return run === FIRST_RUN ? [] : [{ kind: 'resendable', eventId, run }]
}
