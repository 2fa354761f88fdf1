// A receiver that asked for less, or answers nothing. In: its hold, and what an attempt tells of it; out: the next hold, how many of the
// deliveries that wait may be sent now, and when to look again. Runs inside the webhook's monitor (apply-report.ts).

import { PAUSE } from '../../limits.ts'
import { DELIVERY, HOLD } from '../../tuning.ts'
import { asksForLess } from '../attempt/disposition.ts'
import { type Attempt, type Hold, isPaused, type Pause, type Silence } from '../model/index.ts'
import type { HeldCounts, HeldState } from './backlog.ts'

/** What one attempt tells of a webhook on hold, or of one that may be from now on. */
interface Answer {
  readonly attempt: Attempt
  /** Seconds for which the receiver asked to be left alone, scaled; 0 when it did not. */
  readonly pauseSeconds: number
  /** It was sent because its turn had come. */
  readonly isReleased: boolean
  /** The attempts in a row, with this one, that were not answered. */
  readonly silence: Silence | null
}

/** Attempts in a row that nobody answered, after one more; they count anew from time to time, so that few are never many. */
export function nextSilence(silence: Silence | null, { at, outcome, statusCode }: Attempt) {
  if (outcome === 'delivered' || statusCode !== null) return null
  const isRecent = silence !== null && at - silence.since < HOLD.silentSeconds * 1_000
  return isRecent ? { ...silence, attempts: silence.attempts + 1 } : { since: at, attempts: 1 }
}

/**
 * The hold after an attempt. Slow start: each delivery that was released and taken lets two more follow, so that the pace
 * doubles with each round; a refusal, or no answer, halves it, once for all that were under way at that time.
 */
export function nextHold(
  hold: Hold | null,
  { attempt, pauseSeconds, isReleased, silence }: Answer,
  delayScale: number,
): Hold | null {
  const endedAt = attempt.at + attempt.durationMs
  const asked = asksForLess(attempt.statusCode)
  if (!asked && silence === null) {
    if (hold === null || attempt.outcome !== 'delivered' || attempt.at < hold.askedAt) return hold
    const pace = isReleased ? Math.min(hold.pace + 1, HOLD.mostUnderWay) : hold.pace
    return { ...hold, pace, isAnswering: true }
  }
  const seconds = pauseSeconds > 0 ? pauseSeconds : HOLD.pauseSeconds * delayScale
  if (hold === null) {
    const isSilent = silence !== null && silence.attempts >= HOLD.silentAttempts
    if (pauseSeconds === 0 && !isSilent) return null
    const until = endedAt + seconds * 1_000
    const reason = asked ? 'asked' : 'no_answer'
    return { reason, since: endedAt, askedAt: endedAt, until, pace: 1, isAnswering: false }
  }
  const until = Math.max(hold.until, endedAt + seconds * 1_000)
  if (attempt.at < hold.askedAt) return { ...hold, until }
  const pace = Math.max(1, Math.floor(hold.pace / 2))
  const reason = asked ? 'asked' : 'no_answer'
  return { ...hold, reason, askedAt: endedAt, until, pace, isAnswering: false }
}

/**
 * The hold of a webhook for which something waits though its monitor knows of no pause (any more): it is sent at once. None while what
 * the last one released is under way: its end is not known everywhere yet, and what comes because of that goes with the rest.
 */
export function lateHold({ underWay }: HeldCounts, now: number): Hold | null {
  return underWay > 0 ? null : slowStart(now)
}

/** The hold of a webhook whose receiver asked for nothing, and that is not to get all that waits at once. */
export function slowStart(now: number): Hold {
  const times = { since: now, askedAt: now, until: now }
  return { reason: 'catching_up', ...times, pace: 1, isAnswering: false }
}

/** Whether a delivery may be sent: it was released, and its receiver has asked for no other pause since. */
export function isDue(hold: Hold | null, state: HeldState | null, now: number): boolean {
  return state === 'released' && (hold === null || now >= hold.until)
}

/** Milliseconds after which what was sent so often and not heard of counts as lost. */
export function unheardMs(releases: number): number {
  return HOLD.answerSeconds * 1_000 * 2 ** Math.max(0, releases - 1)
}

/** The hold when its owner does not want to wait any longer: what waits is sent from now on, no faster than else. */
export function endPause(hold: Hold | null, now: number): Hold | null {
  return hold && { ...hold, until: Math.min(hold.until, now) }
}

/**
 * Whether a hold is over: the pause is, nothing waits, and the receiver takes what it gets at a pace that has room for twice what is
 * under way, which of a busy webhook is never nothing. Where nothing comes that would show it, it is over when the retries that it
 * put off must have come (`graceMs`).
 */
export function isOver(
  hold: Hold,
  { waiting, underWay }: HeldCounts,
  {
    now,
    delayScale,
    mayWait,
  }: { readonly now: number; readonly delayScale: number; readonly mayWait: boolean },
): boolean {
  // Of a webhook with a rate or a batch something may always wait, and not because of the hold.
  if (now < hold.until || (waiting > 0 && !mayWait)) return false
  if (hold.isAnswering) return 2 * underWay <= hold.pace
  return waiting === 0 && underWay === 0 && now >= hold.until + graceMs(hold, delayScale)
}

/** Retries come up to a tenth of the delay after the pause, and the queue brings them some time after that. */
function graceMs({ askedAt, until }: Hold, delayScale: number): number {
  return (until - askedAt) * DELIVERY.jitter + HOLD.graceSeconds * delayScale * 1_000
}

/** How many that wait may be sent now, and when to look again (Unix milliseconds); null: when something is reported. */
export function nextRelease(
  hold: Hold | null,
  { waiting, underWay }: HeldCounts,
  {
    now,
    delayScale,
    isSuspended,
    pause,
  }: {
    readonly now: number
    readonly delayScale: number
    readonly isSuspended: boolean
    readonly pause: Pause | null
  },
): { readonly count: number; readonly lookAt: number | null } {
  const answeredBy = now + HOLD.answerSeconds * 1_000
  if (isPaused({ pause }) && !isSuspended) {
    const looks = [
      ...(underWay > 0 ? [answeredBy] : []),
      ...(waiting > 0 ? [now + PAUSE.lookSeconds * 1_000] : []),
    ]
    return { count: 0, lookAt: looks.length > 0 ? Math.min(...looks) : null }
  }
  // What comes for a suspended webhook is not sent but ends: there is nothing to spare its receiver.
  if (isSuspended || hold === null) {
    const count = Math.max(0, Math.min(waiting, HOLD.mostUnderWay - underWay))
    return { count, lookAt: waiting + underWay > 0 ? answeredBy : null }
  }
  if (now < hold.until) return { count: 0, lookAt: hold.until }
  const count = Math.max(0, Math.min(waiting, hold.pace - underWay))
  const isIdle = waiting === 0 && underWay === 0
  const lookAt = isIdle ? hold.until + graceMs(hold, delayScale) : answeredBy
  return { count, lookAt }
}
