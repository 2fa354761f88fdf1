// What a report means for a webhook; runs inside its monitor. In: a report, the present health, what is known of its
// deliveries; out: the next health and every change to make, to be written together by the monitor.

import { isGone, triggerOf } from '../attempt/classify.ts'
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
import { FIRST_RUN, hasEnded } from '../model/index.ts'
import type { DeliveryKey, OperationalEvent, Report, ReportEntry } from '../ports/index.ts'
import { nextHealth, type Observation, unansweredHealth } from './health.ts'
import { exhaustedEvent, keptUnsentEvent, operationalEvent } from './operational-event.ts'
import { UNTRIED } from './runs.ts'

/** What the monitor knows already. */
export interface Known {
  readonly health: Health
  /** The deliveries that are not simply delivered on their first attempt, of every run of an event. */
  deliveriesOf(eventId: string): readonly RunState[]
}

export type Change =
  | { readonly kind: 'delivery'; readonly key: DeliveryKey; readonly state: RunProgress }
  /** Kept, or kept again: a resend of it that is under way stays so. */
  | { readonly kind: 'divert'; readonly diverted: DivertedEvent }
  /** It was delivered after all. */
  | { readonly kind: 'undivert'; readonly eventId: string }
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

type AttemptEntry = ReportEntry & { kind: 'attempt' }
/** What says how a delivery stands. */
type TellingEntry = Exclude<ReportEntry, { kind: 'unanswered' }>

/** Applies a report; `now` is Unix milliseconds. */
export function applyReport(
  report: Report,
  known: Known,
  { now, delayScale }: { readonly now: number; readonly delayScale: number },
): AppliedReport {
  const changes: Change[] = []
  const knownHere = new Map<string, RunProgress>()
  const given: AttemptEntry[] = []
  const failedHere: Attempt[] = []
  const rules = { suspend: report.failureHandling.suspend, delayScale }
  let { health } = known
  for (const entry of report.entries) {
    if (entry.kind === 'unanswered') {
      health = unansweredHealth(health)
      continue
    }
    if (entry.kind === 'attempt') {
      const seen = observe(entry, report, known, health, { failedHere, given })
      health = nextHealth(health, seen, rules)
      if (seen.kind !== 'delivered') failedHere.push(entry.attempt)
      if (isGivenUp(entry)) given.push(entry)
    }
    const key = keyOf(entry)
    const here = `${key.eventId}/${key.run}`
    const before = knownHere.get(here) ?? knownIn(known, key)
    const state = stateAfter(entry, before)
    if (state === null) continue
    knownHere.set(here, state)
    changes.push(...changesTo(state, entry, before, known))
  }
  const about = { report, health, now }
  const suspendedReason = health.suspendedReason ?? 'failing'
  const operationalEvents = [
    ...given.map((entry) => exhaustedEvent(entry, whyOf(entry), about)),
    ...report.entries.flatMap((entry) => keptUnsentEvent(entry, about) ?? []),
    ...(health.suspendedAt !== null && known.health.suspendedAt === null
      ? [operationalEvent('webhook.suspended', suspendedReason, about)]
      : []),
  ]
  const attempts = report.entries.flatMap((entry) =>
    entry.kind === 'attempt' ? [entry.attempt] : [],
  )
  const delivered = attempts.filter(({ outcome }) => outcome === 'delivered')
  return {
    health,
    changes,
    operationalEvents,
    counts: {
      delivered: delivered.length,
      failed: attempts.length - delivered.length,
      diverted: changes.filter(({ kind }) => kind === 'divert').length,
      unsendable: report.entries.filter(({ kind }) => kind === 'unsendable').length,
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

function isGivenUp({ disposition }: AttemptEntry): boolean {
  return disposition.kind === 'divert' || disposition.kind === 'drop'
}

function keyOf(entry: TellingEntry): DeliveryKey {
  const { eventId, run } = entry.kind === 'attempt' ? entry.attempt : entry
  return { eventId, run }
}

function knownIn(known: Known, { eventId, run }: DeliveryKey): RunProgress | undefined {
  return known.deliveriesOf(eventId).find((delivery) => delivery.run === run)
}

/** Where the delivery stands after an entry; null when that tells nothing new. */
function stateAfter(entry: TellingEntry, known: RunProgress | undefined): RunProgress | null {
  // A late or repeated report never makes a delivered event look undelivered.
  if (known?.status === 'delivered') return null
  if (entry.kind === 'withdrawn') return withdrawn(entry, known)
  const carrier = known?.carrier ?? null
  if (entry.kind !== 'attempt') {
    const kept = entry.kind === 'skipped' && entry.event ? 'diverted' : 'dropped'
    const status = entry.kind === 'unsendable' ? entry.kind : kept
    const { attempts, lastAttemptAt } = known ?? UNTRIED
    const reason = entry.message
    return { status, attempts, lastAttemptAt, nextAttemptAt: null, reason, carrier }
  }
  const { attempt, disposition } = entry
  // A report that comes after that of a later attempt has no news, unless it is a success, or the end of what seems to go
  // on: an attempt that was made without the monitor may bear a number that is too low.
  const isEarlier = known && attempt.outcome === 'failed' && attempt.attempt < known.attempts
  if (isEarlier && (disposition.kind === 'retry' || hasEnded(known.status))) return null
  const attempts = Math.max(attempt.attempt, known?.attempts ?? 0)
  const { at: lastAttemptAt, nextAttemptAt } = attempt
  // Its retry has come already, and ended the delivery: the webhook was disabled or suspended by then.
  if (known && hasEnded(known.status) && disposition.kind === 'retry') {
    const { status, reason } = known
    return { status, attempts, lastAttemptAt, nextAttemptAt: null, reason, carrier }
  }
  const status = STATUS_AFTER[disposition.kind]
  const isGivenUp = disposition.kind === 'divert' || disposition.kind === 'drop'
  const reason = isGivenUp ? whyOf(entry).message : null
  return { status, attempts, lastAttemptAt, nextAttemptAt, reason, carrier }
}

/** Its row is there for what is reported later, which then finds that the run has ended. */
function withdrawn(
  { carrier }: Pick<ReportEntry & { kind: 'withdrawn' }, 'carrier'>,
  known: RunProgress = UNTRIED,
): RunProgress | null {
  const isAskedSince = known.carrier !== null && known.carrier !== carrier
  if (isAskedSince || hasEnded(known.status)) return null
  const { attempts, lastAttemptAt } = known
  const reason = null
  return { status: 'withdrawn', attempts, lastAttemptAt, nextAttemptAt: null, reason, carrier }
}

function changesTo(
  state: RunProgress,
  entry: TellingEntry,
  before: RunProgress | undefined,
  known: Known,
): Change[] {
  const key = keyOf(entry)
  const change: Change = { kind: 'delivery', key, state }
  if (entry.kind === 'unsendable' || entry.kind === 'withdrawn') return [change, ...resendable(key)]
  if (entry.kind === 'skipped') return [change, ...kept(entry.event, key, entry)]
  const { attempt, disposition } = entry
  if (attempt.outcome === 'failed') {
    const why = { ...whyOf(entry), at: attempt.at + attempt.durationMs }
    const ended = disposition.kind !== 'retry'
    return [change, ...(ended ? kept(entry.event, key, why) : [])]
  }
  const undivert: Change = { kind: 'undivert', eventId: key.eventId }
  // Delivered at once is what the attempt itself says: no row of its own. Another run may have been diverted before.
  if (before || key.run !== FIRST_RUN) return [change, undivert]
  return known.deliveriesOf(key.eventId).length > 0 ? [undivert] : []
}

const STATUS_AFTER = {
  done: 'delivered',
  retry: 'failing',
  divert: 'diverted',
  drop: 'dropped',
} as const

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

function whyOf({ attempt, disposition }: AttemptEntry): Omit<Why, 'at'> {
  const message = attempt.error ?? 'The attempt failed.'
  const isExcluded = 'excluded' in disposition && disposition.excluded === true
  return {
    trigger: triggerOf(attempt.statusCode),
    message: isExcluded
      ? `${message} (Not retried, because it is not one of the triggers of the webhook.)`
      : message,
  }
}
